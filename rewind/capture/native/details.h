/* What is learned of a session. */
#ifndef RW_DETAILS_H
#define RW_DETAILS_H

#include "values.h"

/* Write the record that tells the tags (a dictionary) and the trigger (an exact `str`, or None) of the session with
 * that key: 1; 0 if it is to be written in Python, or -1 with an error set. */
int rw_write_details(RwValues *values, RwBuffer *out, uint64_t key, PyObject *tags,
                     PyObject *trigger);

#endif
