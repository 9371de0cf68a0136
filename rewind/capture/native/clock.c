/* The monotonic clock of every record; see clock.h. */
#define _GNU_SOURCE
#include "clock.h"

#include <stdio.h>
#include <string.h>

enum {
    TRUSTED_NS = 1000000,    /* how long a look holds */
    SHORTEST_NS = 200000,    /* apart, two looks tell the rate to 1 in 5000 at worst */
    LONGEST_NS = 1000000000, /* the system may have slept in between */
    ATTEMPTS = 3,
    SLOWER = 8, /* times as long as the quickest look: the thread was off the processor */
};

RwLook rw_look;

static int counts; /* whether ticks may be counted */
static uint64_t quickest; /* look so far, in ticks */
static int64_t step;
static int64_t made_up;
static RwLook first; /* of the two that tell the rate */

void
rw_clock_ready(void)
{
#if defined(__x86_64__)
    char source[16] = "";
    FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
    if (file != NULL) {
        size_t size = fread(source, 1, sizeof source - 1, file);
        source[size] = '\0';
        fclose(file);
    }
    /* The kernel takes it only where all cores count alike, at one rate. */
    counts = strcmp(source, "tsc\n") == 0;
#endif
}

void
rw_clock_step(int64_t ns)
{
    step = ns;
    made_up = 0;
    rw_look.trusted = 0;
}

/* Take the rate from this look and an earlier one, if they lie well. */
static void
take_rate(uint64_t ticks, int64_t ns)
{
    int64_t passed = ns - first.ns;
    if (passed >= SHORTEST_NS && passed <= LONGEST_NS && ticks > first.ticks) {
        rw_look.rate = (uint64_t)(((unsigned __int128)passed << 32) / (ticks - first.ticks));
        rw_look.trusted = (uint64_t)(((unsigned __int128)TRUSTED_NS << 32) / (rw_look.rate + 1));
    }
    else if (passed < SHORTEST_NS) {
        return;
    }
    else {
        rw_look.trusted = 0;
    }
    first.ticks = ticks;
    first.ns = ns;
}

/* Look at the clock and at the ticks in the same moment; 0 if something came between them. */
static int
look(uint64_t *ticks, int64_t *ns)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        uint64_t before = RW_TICKS();
        *ns = rw_clock_of(CLOCK_MONOTONIC);
        uint64_t took = RW_TICKS() - before;
        if (quickest == 0 || took < quickest) {
            quickest = took;
        }
        *ticks = before + took / 2;
        if (took <= quickest * SLOWER) {
            return 1;
        }
    }
    return 0;
}

int64_t
rw_look_again(void)
{
    if (step != 0) {
        return made_up += step;
    }
    if (!counts) {
        return rw_clock_of(CLOCK_MONOTONIC);
    }
    uint64_t ticks;
    int64_t ns;
    if (look(&ticks, &ns)) {
        take_rate(ticks, ns);
        rw_look.ticks = ticks;
        rw_look.ns = ns;
    }
    else {
        rw_look.trusted = 0;
    }
    return ns;
}

int64_t
rw_wall_clock(void)
{
    return step != 0 ? 0 : rw_clock_of(CLOCK_REALTIME);
}
