/* One event on its way into a session. */
#ifndef RW_EVENT_H
#define RW_EVENT_H

#include "follower.h"
#include "piece.h"

#define RW_NO_MSGPACK "not msgpack"

/* One event, as far as it was read. */
typedef struct {
    const uint8_t *record;
    size_t size;
    size_t head; /* bytes of its header and its site */
    uint64_t number;
    uint64_t passed; /* since the one before, ns */
    const uint8_t *payload;
    size_t payload_size;
} RwEvent;

/* What became of it: RW_FULL lacks only room in its chunk, RW_WRONG tells why, RW_FAILED has an
 * exception set. */
enum RwOutcome { RW_TAKEN, RW_STOPPED, RW_FULL, RW_WRONG, RW_FAILED };

/* Let the frames be what they are after an event that is no write, whose payload lies there among
 * the records. */
enum RwOutcome rw_fold(RwFollower *self, RwSite *site, const RwEvent *event, const RwPlace *payload,
                       const char **why);

/* Take events in from that place on, as long as they come, their sites are known, and the chunk has
 * room; place and clock are then as they are behind them. */
enum RwOutcome rw_take_events(RwFollower *self, RwPiece *piece, size_t *at, uint64_t *clock,
                              const char **why);

#endif
