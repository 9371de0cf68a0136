/* The texts of well-known types; see `rewind.capture.known`. */
#ifndef RW_KNOWN_H
#define RW_KNOWN_H

#include "types.h"

/* Get from `rewind.capture.known` what is told there. */
int rw_known_prepare(void);

/* How long what a value is told as stands. */
enum RwStands {
    RW_FOR_NOW = 0, /* others may even have been let in by telling it */
    RW_BY_NAMES,    /* as long as its attributes that are text do: a member of an enum */
    RW_FOR_GOOD,    /* the value cannot change */
};

/* The text of a value whose type is well known, as a new reference, and how long it stands. NULL
 * without an error: it is not, or cannot be told. */
PyObject *rw_known_text(PyObject *value, const RwReading *reading, enum RwStands *stands);

#endif
