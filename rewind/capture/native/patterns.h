/* Texts that are credentials, whatever name they have. */
#ifndef RW_PATTERNS_H
#define RW_PATTERNS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* The expression that patterns.c does the work of. */
extern const char rw_credentials[];

/* Characters of the shortest credential: shorter text needs no look. */
#define RW_SHORTEST_CREDENTIAL 16

/* Whether a credential begins in the first `shown` characters. */
int rw_is_credential(PyObject *text, size_t shown);

/* The same of bytes, read as Latin-1. */
int rw_bytes_are_credential(const char *data, Py_ssize_t size, size_t shown);

#endif
