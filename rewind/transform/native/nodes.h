/* What the module holds: kinds of nodes, and what it has taken from the twin in Python. */
#ifndef RW_NODES_H
#define RW_NODES_H

#include "compact.h"

/* The most frequent first. Some only stand in the place of the program's. */
enum kinds {
    NAME,
    CONSTANT,
    ATTRIBUTE,
    CALL,
    EXPR,
    TUPLE,
    SUBSCRIPT,
    COMPARE,
    /* These only for probes. */
    IF_EXP,
    TRY,
    HANDLER,
    PASS,
    RAISE,
    KINDS,
    PROGRAMS = IF_EXP
};

enum {
    /* Names of attributes */
    LINENO,
    COL_OFFSET,
    END_LINENO,
    END_COL_OFFSET,
    /* Of `rewind.model.probes` */
    PREFIX,
    TOO_DEEP,
    SITE_MARKS,
    /* Of `rewind.transform.firsts` */
    PARTS,
    CHOSEN,
    FIRST_IN,
    LAST_IN,
    /* Of `rewind.transform.positions` */
    JUMPS_AT_WHOLE,
    ROOT, /* `ast.AST` */
    /* The types that are made here, by those of `ast` */
    SMALL,
    /* The probes' whole names, by the short ones */
    WHOLE_NAMES,
    COUNT,
};

typedef struct {
    Kind kinds[KINDS];
    PyObject *plain[KINDS]; /* The types of `ast`. */
    PyObject *held[COUNT];
} State;

/* What makes nodes: functions of the module. */
extern PyMethodDef rw_builders[];

#endif
