/* What a thread wrote lately into its segment, so that the same again is told by an echo.
 *
 * An echo (docs/format.md) stands for a node that lies earlier in the segment, byte for byte. One
 * is written only where it is proven that writing the value now would give those bytes: it is
 * the same object of the same type, its items are the same objects, and each of these is a scalar
 * that cannot change or has been proven likewise. So the proof compares addresses and numbers; it
 * calls nothing. Where something was left out of the node, its bytes depend on where the value was
 * met as well (`RwBound`), and only what was written of it has to be the same.
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
#include "known.h"

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
/* In place of an item's `at`: a container that the node is inside of; that is proven by its own node.
 * Or nothing at all, which only has to be that. */
#define RW_ECHO_SEEN 1
/* Likewise: what a slot holds is not shown, only that it is set. */
#define RW_ECHO_SET 2
/* Likewise: a value that is withheld, of which only the type is told. */
#define RW_ECHO_WITHHELD 3
/* Types that such values may have. */
#define RW_ECHO_TYPES 64
/* Characters of long text that are held at most; more might be missed by the program. */
#define RW_ECHO_HELD (2 << 20)

/* Where a node's bytes are what is written of its value: where something was left out of it, that
 * depends on where the value is met. In the order of what they allow. */
enum RwBound {
    RW_ANYWHERE = 0,
    RW_AT_DEPTH, /* in as many containers, none of which is in it: what lay deeper was left out */
    RW_AS_ROOT,  /* as the whole value: the budget ended in it, or it is inside of itself */
    RW_NOWHERE,  /* as a part of that alone */
};

/* An item of a node: an object, and where its own node lies; 0: a scalar, which is held. */
typedef struct {
    PyObject *object;
    uint32_t at;
    uint16_t echo;  /* of its node, in the table; of one that is withheld, of its type in `types` */
    uint16_t place; /* of an attribute, in the instance's array; of a slot, in the instance */
} RwEchoItem;

typedef struct {
    PyObject *object;   /* not held; NULL: there is none */
    PyTypeObject *type; /* not held */
    uint64_t version;   /* of a dictionary, also an instance's; 0 of an instance: it has an array */
    RwEchoItem *items;
    uint32_t type_version; /* 0: it is for good */
    uint32_t epoch;
    uint32_t at;     /* where it begins in the segment; see RW_ECHO_UNSETTLED */
    uint32_t length; /* in the segment */
    uint32_t size;   /* without echoes in it */
    uint32_t of;     /* items that the container has, written or not */
    uint8_t height;  /* containers within containers */
    uint8_t depth;   /* containers that it is inside of */
    uint8_t redacted;
    uint8_t count; /* items that were written */
    uint8_t parts; /* items that are nodes */
    uint8_t slots; /* items at the end that are an instance's slots, set or not */
    uint8_t room;
    uint8_t bound : 2; /* RwBound */
    uint8_t kind : 4;  /* of proof */
    uint8_t holds : 1; /* whether it holds its scalars */
} RwEcho;

_Static_assert(sizeof(RwEcho) <= 64, "a line of the processor's cache");

/* A type with what its name depends on. */
typedef struct {
    PyTypeObject *type; /* not held */
    PyObject *name;     /* held; NULL: the type is for good */
    uint32_t version;
} RwEchoType;

typedef struct {
    RwEcho table[RW_ECHOES];
    RwEchoType types[RW_ECHO_TYPES]; /* of this segment */
    unsigned type_count;
    size_t held;      /* characters of long text */
    uint32_t epoch;   /* segments begun */
    int has_bound;    /* whether there are nodes of this segment that are bound to a depth */
    unsigned written; /* echoes in the payload being written */
    unsigned fresh_count;
    uint16_t fresh[RW_ECHO_FRESH]; /* nodes of the payload being written, as places in the table */
} RwEchoes;

/* What was found out of a node that was written. */
typedef struct {
    PyObject *object;
    uint64_t version; /* of a dictionary, from before it was read */
    const RwReading *reading; /* of an instance that is told by its attributes, or who it is */
    uint32_t at; /* in the segment; in the payload, with RW_ECHO_UNSETTLED set */
    uint32_t since; /* where the payload begins, likewise */
    size_t length;
    size_t size;
    Py_ssize_t height;
    Py_ssize_t depth;
    Py_ssize_t shown; /* items that were written, a name counting as one */
    int redacted;
    enum RwBound bound;
    enum RwStands stands; /* RW_FOR_NOW: it is told by what is in it */
    const RwEchoItem *parts; /* items that are nodes, in their order */
    size_t part_count;
} RwWritten;

RwEchoes *rw_echoes_new(void);
void rw_echoes_free(RwEchoes *echoes);

/* Forget all: what was written lies in another segment. */
void rw_echoes_begin_segment(RwEchoes *echoes);

/* Return what would be written of the value now, within so many containers, if it surely is what was
 * written before, else NULL. */
const RwEcho *rw_echo_of(const RwEchoes *echoes, PyObject *value, Py_ssize_t depth);

/* Whether the container is that of the echo, which is proven, or of a node in it. */
int rw_echo_holds(const RwEchoes *echoes, const RwEcho *echo, const PyObject *container);

/* Write what stands for the node: `RW_ECHO_SIZE` bytes. */
RW_HOT void
rw_store_echo(unsigned char *at, const RwEcho *echo)
{
    at[0] = 0xD7;
    at[1] = RW_ECHO_EXT;
    rw_store_32(at + 2, echo->at);
    rw_store_32(at + 6, echo->length);
}

/* Whether the item has a node of its own. */
RW_HOT int
rw_echo_is_part(const RwEchoItem *item)
{
    return item->at > RW_ECHO_WITHHELD;
}

/* Make `item` say that the value is withheld; 0 where its type could not be proven to be told alike. */
int rw_echo_withheld(RwEchoes *echoes, PyObject *value, RwEchoItem *item);

/* A node as an item of another. */
RW_HOT RwEchoItem
rw_echo_item(const RwEchoes *echoes, const RwEcho *echo)
{
    return (RwEchoItem){
        .object = echo->object, .at = echo->at, .echo = (uint16_t)(echo - echoes->table)};
}

/* Whether the node can stand for its value within so many containers, with so many bytes of the
 * budget left for it: all of them if there are none. */
RW_HOT int
rw_echo_fits(const RwEcho *echo, Py_ssize_t depth, Py_ssize_t max_depth, size_t left)
{
    if (echo->bound >= RW_AS_ROOT) {
        return echo->bound == RW_AS_ROOT && depth == 0;
    }
    return left >= echo->size
           && (echo->bound == RW_AT_DEPTH ? depth == echo->depth
                                          : depth + echo->height <= max_depth);
}

/* Whether the object is such that its address, while it is held, stands for its value. */
RW_HOT int
rw_is_constant(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    return type == &PyUnicode_Type || type == &PyLong_Type || type == &PyFloat_Type
           || type == &PyBool_Type || object == Py_None || type == &PyBytes_Type;
}

/* Remember a node of the payload; NULL if it cannot be remembered. */
const RwEcho *rw_echo_keep(RwEchoes *echoes, const RwWritten *written);

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
