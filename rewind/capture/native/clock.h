/* The monotonic clock of every record, in ns: the one that `time.monotonic_ns` reads.
 *
 * Asking the system costs as much as the rest of an event. Where the system's clock itself counts
 * the processor's ticks, so do we between two looks at it that are at most a millisecond apart:
 * what the two rates differ by (the system steers its own by at most 500 ppm) is below a
 * microsecond, and gone with the next look.
 */
#ifndef RW_CLOCK_H
#define RW_CLOCK_H

#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#define RW_TICKS() __rdtsc()
#else
#define RW_TICKS() 0
#endif

/* The last look; guarded by the interpreter's lock. */
typedef struct {
    uint64_t ticks;
    uint64_t trusted; /* ticks for which it holds; 0 where ticks are not to be counted */
    uint64_t rate;    /* ns a tick, times 2**32 */
    int64_t ns;
} RwLook;

extern RwLook rw_look;

/* Look at the system's clock. */
int64_t rw_look_again(void);
/* Find out whether ticks may be counted. */
void rw_clock_ready(void);
/* Let the clock go by this much at each look, from 0 on; 0: the real one. For tests. */
void rw_clock_step(int64_t ns);
int64_t rw_wall_clock(void);

static inline int64_t
rw_clock_of(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What the clock says so many ticks after the last look. */
static inline int64_t
rw_ns_after(uint64_t ticks)
{
    return rw_look.ns + (int64_t)(ticks * rw_look.rate >> 32);
}

static inline int64_t
rw_now(void)
{
    uint64_t passed = RW_TICKS() - rw_look.ticks;
    if (__builtin_expect(passed >= rw_look.trusted, 0)) {
        return rw_look_again();
    }
    return rw_ns_after(passed);
}

#endif
