/* First elements of records that are no events, as rewind/model/events.py numbers them. */
#ifndef RW_CONTROLS_H
#define RW_CONTROLS_H

enum {
    RW_SESSION = -1,
    RW_SWITCH = -2,
    RW_FINISH = -3,
    RW_SUSPEND = -4,
    RW_DROPPED = -5,
    RW_UNWIND = -6,
    RW_REDACTED_COUNT = -7,
    RW_REENTER = -8,
    RW_DETAILS = -10,
};

#endif
