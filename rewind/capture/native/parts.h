/* What each part of the extension adds to its module; module.c does it, once. */
#ifndef RW_PARTS_H
#define RW_PARTS_H

#include <Python.h>

int rw_add_engine(PyObject *module);
int rw_add_values(PyObject *module);

extern PyMethodDef rw_floor_functions[];
extern PyMethodDef rw_methods_functions[];
extern PyMethodDef rw_output_functions[];

#endif
