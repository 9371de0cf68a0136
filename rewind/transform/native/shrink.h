/* Puts compact nodes in the place of the program's own, right before its tree is compiled.
 *
 * Names and attributes are half of a program, and the compiler asks for twenty other kinds first. To
 * replace a node costs a third of what that saves.
 */
#ifndef RW_SHRINK_H
#define RW_SHRINK_H

#include "compact.h"

/* Kinds of compact node, each with the type of `ast` in whose place it may stand. */
typedef struct {
    PyTypeObject *root; /* `ast.AST` */
    const Kind *kinds;
    PyObject *const *plain;
    int count;
} Kinds;

/* Replaces what is inside of a node, and keeps that itself. -1 with an error set. */
int rw_shrink(const Kinds *kinds, PyObject *node);

#endif
