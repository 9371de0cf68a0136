/* What each part of the extension adds to its module; called once, by module.c. */
#ifndef RW_PARTS_H
#define RW_PARTS_H

#include <Python.h>

int rw_add_engine(PyObject *module);
int rw_add_floor(PyObject *module);
int rw_add_methods(PyObject *module);
int rw_add_output(PyObject *module);
int rw_add_values(PyObject *module);

#endif
