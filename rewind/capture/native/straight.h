/* Containers and instances, written straight into the segment.
 *
 * The walk (walk.h) writes any value, into a buffer of its own, as much of it may have to be cut,
 * withheld or looked at for the first time. Where nothing of that is the case, which is mostly so,
 * the same bytes go where they are to stay, and nothing else runs meanwhile.
 */
#ifndef RW_STRAIGHT_H
#define RW_STRAIGHT_H

#include "values.h"

/* What a record in place holds besides scalars. */
enum {
    RW_HOLDS_ECHOES = 1, /* echoes, so that it is marked as the format has it */
    RW_HOLDS_NODES = 2,  /* what may be echoed later */
};

/* Characters of a text that is written straight, at most: its header has two bytes. */
#define RW_STRAIGHT_TEXT 255

/* Where a value goes. */
typedef struct {
    const uint8_t *map; /* the segment */
    const uint8_t *record; /* the one being written: nothing from there on may be echoed */
    const uint8_t *end; /* of the room */
} RwRoom;

/* Write, at `at`, a value that is no scalar and cannot be told by an echo; what is in it may be echoed once the record is
 * published (`rw_echoes_stay`). Adds to `echoing` whether there is an echo in it. Returns what comes behind it. NULL where
 * there is more to do: then what the record has written so far is remembered no more. */
uint8_t *rw_write_straight(RwValues *values, RwEchoes *echoes, const RwRoom *room, uint8_t *at,
                           PyObject *value, int *echoing);

#endif
