/* Nodes of a tree that keep their fields in themselves, and not in a dictionary.
 *
 * The compiler reads a tree attribute by attribute, and asks some twenty of `ast`'s types in turn
 * whether a node is one of theirs, which looks for its `__class__` each time. A node of these answers
 * at once; it takes half as long to make, to compile and to free. In all else it is the node of `ast`
 * that its type derives from.
 */
#ifndef RW_COMPACT_H
#define RW_COMPACT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

enum { POSITIONS = 4, MOST_FIELDS = 4, MOST_VALUES = POSITIONS + MOST_FIELDS };

/* Where a node stands: its four attributes. */
typedef struct {
    PyObject *parts[POSITIONS];
} Place;

/* What all nodes of a kind have in common. Lives in the module that its type is of, and so longer than
 * any node. */
typedef struct {
    PyTypeObject *type;
    PyObject *names[MOST_VALUES];  /* Interned; those of the place come first. */
    PyObject *values[MOST_VALUES]; /* What they are unless they are set; may be NULL. */
    int count;
    int inner; /* Where those end that may hold other nodes, which come first of the fields. */
    PyObject *class_name;
} Kind;

/* A field of a kind; `initially` says which of some values it has unless it is set. */
typedef struct {
    const char *name;
    int initially;
} Field;

/* Makes the type, as a class of the module's that derives from `base`; a field without a name ends them.
 * The first `inner` may hold nodes. Of the values that fields begin with, any may be NULL. */
int rw_kind_prepare(Kind *kind, PyObject *module, PyObject *base, const char *name, const Field *fields,
                    int inner, PyObject *const *initially);
int rw_kind_traverse(Kind *kind, visitproc visit, void *arg);
void rw_kind_clear(Kind *kind);
/* As well what nodes need to be freed; all of them are gone. */
void rw_kind_free(Kind *kind);

/* A node at a place; a new reference, or NULL with an error set. */
PyObject *rw_node(const Kind *kind, const Place *place);

/* The node with that field set, counted from 0 behind its place. Steals both, which may be NULL with
 * an error set; so is the result then. */
PyObject *rw_with(PyObject *node, int field, PyObject *value);

/* A node with the place and fields that the dictionary of one of `ast` has. */
PyObject *rw_node_of(const Kind *kind, PyObject *dictionary);

/* The kind of a compact node; NULL for any other object. */
const Kind *rw_kind_of(PyObject *node);

/* The values that a compact node keeps, as many as its kind has: its place, then its fields. */
PyObject **rw_values(PyObject *node);

#endif
