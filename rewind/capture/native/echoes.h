/* What a thread wrote lately into its segment, so that the same again is told by an echo.
 *
 * An echo (docs/format.md) stands for a node that lies earlier in the segment, byte for byte. One
 * is written only where it is proven that writing the value now would give those bytes: it is
 * the same object of the same type, its items are the same objects, and each of these is a scalar
 * that cannot change or has been proven likewise. So the proof compares addresses and numbers; it
 * calls nothing.
 *
 * No container is kept alive. An address that another object has got by now proves nothing wrong:
 * only what can be reached from the value itself, as it is now, is looked at. Scalars that a list, tuple or
 * instance holds are kept while they are compared with, so that an address stands for one value. A
 * dictionary says by its version that it is unchanged, and so keeps its own.
 *
 * Bounded: `RW_ECHOES` nodes of at most `RW_ECHO_ITEMS` items, one hiding another where the
 * addresses of more than two share a place. Used by the recorder's thread only; a new segment forgets
 * all.
 */
#ifndef RW_ECHOES_H
#define RW_ECHOES_H

#include "attributes.h"
#include "buffer.h"

#define RW_ECHOES 4096 /* a power of two */
#define RW_ECHO_ITEMS 64
/* Nodes of one payload that may be echoed later. */
#define RW_ECHO_FRESH 128
/* Bytes that an echo takes. */
#define RW_ECHO_SIZE 10
/* The number of its msgpack extension. */
#define RW_ECHO_EXT 1
/* Set in a place as long as it counts from the payload's beginning. */
#define RW_ECHO_UNSETTLED 0x80000000u
/* Nodes that lie beyond are not echoed. */
#define RW_ECHO_FARTHEST (RW_ECHO_UNSETTLED / 2)
/* Values may be larger than this only where nothing is echoed: it bounds what a reader expands. */
#define RW_ECHO_MOST (1 << 20)

/* An item of a node: an object, and where its own node lies; 0: a scalar, which is held. */
typedef struct {
    PyObject *object;
    uint32_t at;
    uint16_t echo;  /* of its node, in the table */
    uint16_t place; /* of an attribute, in the instance's array */
} RwEchoItem;

typedef struct {
    PyObject *object;   /* not held; NULL: there is none */
    PyTypeObject *type; /* not held */
    uint64_t version;   /* of a dictionary, or of an instance's type */
    uint64_t attributes; /* the version of an instance's dictionary; 0: it has an array */
    uint32_t epoch;
    uint32_t at;     /* where it begins in the segment; see RW_ECHO_UNSETTLED */
    uint32_t length; /* in the segment */
    uint32_t size;   /* without echoes in it */
    uint16_t height; /* containers within containers */
    uint8_t count;
    uint8_t parts; /* items that are nodes */
    uint8_t room;
    uint8_t holds; /* whether it holds its scalars */
    RwEchoItem *items;
} RwEcho;

typedef struct {
    RwEcho table[RW_ECHOES];
    uint32_t epoch;   /* segments begun */
    unsigned written; /* echoes in the payload being written */
    unsigned fresh_count;
    uint16_t fresh[RW_ECHO_FRESH]; /* nodes of the payload being written, as places in the table */
} RwEchoes;

/* What was found out of a node that was written whole. */
typedef struct {
    PyObject *object;
    uint64_t version;
    uint32_t at; /* in the segment; in the payload, with RW_ECHO_UNSETTLED set */
    size_t length;
    size_t size;
    Py_ssize_t height;
    const RwEchoItem *parts; /* items that are nodes, in their order */
    size_t part_count;
} RwWritten;

RwEchoes *rw_echoes_new(void);
void rw_echoes_free(RwEchoes *echoes);

/* Forget all: what was written lies in another segment. */
RW_HOT void
rw_echoes_begin_segment(RwEchoes *echoes)
{
    echoes->epoch++;
}

/* Return what would be written of the value now if it surely is what was written before, else
 * NULL. */
const RwEcho *rw_echo_of(const RwEchoes *echoes, PyObject *value);

/* Write what stands for the node: `RW_ECHO_SIZE` bytes. */
RW_HOT void
rw_store_echo(unsigned char *at, const RwEcho *echo)
{
    at[0] = 0xD7;
    at[1] = RW_ECHO_EXT;
    rw_store_32(at + 2, echo->at);
    rw_store_32(at + 6, echo->length);
}

/* A node as an item of another; `at` is what `rw_echo_keep` returned. */
RwEchoItem rw_echo_item(const RwEchoes *echoes, PyObject *value, uint32_t at);

/* Remember a node of the payload; return `at`, or 0 if it cannot be remembered. A dictionary has
 * `version` from before it was read. */
uint32_t rw_echo_keep(RwEchoes *echoes, const RwWritten *written);

/* The version of a dictionary; 0 where it says nothing. */
uint64_t rw_dict_version(PyObject *dict);

/* The payload lies in the segment, from `base` on. */
void rw_echoes_settle(RwEchoes *echoes, size_t base);

/* The payload lies where its nodes' places say, and is published. */
RW_HOT void
rw_echoes_stay(RwEchoes *echoes)
{
    echoes->fresh_count = 0;
}

/* What lies from `start` on, all of it the payload's, has moved by so many bytes. */
void rw_echoes_move(RwEchoes *echoes, uint32_t start, uint32_t by);

/* The payload is done with; what was not settled is forgotten. */
void rw_echoes_end_payload(RwEchoes *echoes);

#endif
