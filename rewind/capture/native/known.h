/* The texts of well-known types; see `rewind.capture.known`. */
#ifndef RW_KNOWN_H
#define RW_KNOWN_H

#include "types.h"

/* Get from `rewind.capture.known` what is told there. */
int rw_known_prepare(void);

/* The text of a value whose type is well known, as a new reference. NULL without an error: it is
 * not, or cannot be told. */
PyObject *rw_known_text(PyObject *value, const RwReading *reading);

#endif
