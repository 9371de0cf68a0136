/* How the instances of each type are read; see `rewind.capture.types`.
 *
 * The interpreter lock guards the table. A type is known by its address, checked by a weak
 * reference: a key's `__hash__` would be the metaclass's, and a strong reference would keep the
 * program's classes alive. No descriptor is held either, as those keep their class alive.
 */
#ifndef RW_TYPES_H
#define RW_TYPES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* How the text of a well-known type is told; known.c has the forms. */
typedef struct RwKnownForm RwKnownForm;

/* How an instance is told, where no more than its type is needed to know. */
enum RwShape {
    RW_OTHER_SHAPE = 0,
    RW_BY_ATTRIBUTES, /* by what is in its namespace, and by nothing else */
    RW_BY_SLOTS,      /* by these, and by nothing else */
    RW_BY_NAME_ALONE, /* by its type's name; that type is for good */
};

typedef struct {
    PyObject *name;
    Py_ssize_t place; /* of its class in the method resolution order */
    /* Where it lies in an instance whose type has this version. 0: that was not found out. */
    uint32_t version;
    uint32_t offset;
} RwSlot;

typedef struct {
    PyTypeObject *type; /* Not held. */
    PyObject *weak;     /* Says whether `type` still is that type. */
    PyObject *name;     /* `module.QualName`, an exact `str`. */
    PyTypeObject *base; /* The builtin that it derives from, or NULL. */
    PyObject *fields;   /* Names of a named tuple's items, or NULL. */
    RwSlot *slots;
    Py_ssize_t slot_count;
    int has_namespace; /* Whether there may be attributes where the interpreter keeps them. */
    enum RwShape shape;
    int is_enum;              /* Its metaclass is just `EnumType`. */
    const RwKnownForm *known; /* NULL: not well known. */
} RwReading;

typedef struct {
    RwReading **table;
    size_t size; /* A power of two, or 0. */
    size_t used;
} RwReadings;

void rw_readings_clear(RwReadings *readings);

/* How to read instances of `kind`; lives as long as the type. NULL: a fault. */
const RwReading *rw_reading_of(RwReadings *readings, PyTypeObject *kind);

/* Where in the table the type's reading is, or would be. */
static inline RwReading **
rw_reading_place(RwReading **table, size_t size, const PyTypeObject *kind)
{
    size_t place = ((uintptr_t)kind >> 4) * 0x9E3779B97F4A7C15ULL >> 20;
    while (table[place & (size - 1)] != NULL && table[place & (size - 1)]->type != kind) {
        place++;
    }
    return &table[place & (size - 1)];
}

static inline int
rw_reading_is_alive(const RwReading *reading)
{
    return ((PyWeakReference *)reading->weak)->wr_object == (PyObject *)reading->type;
}

/* The same if that type was met before, else NULL without an error. Runs nothing. */
static inline const RwReading *
rw_reading_at_hand(const RwReadings *readings, const PyTypeObject *kind)
{
    if (readings->size == 0) {
        return NULL;
    }
    const RwReading *reading = *rw_reading_place(readings->table, readings->size, kind);
    return reading != NULL && rw_reading_is_alive(reading) ? reading : NULL;
}

/* `module.QualName` as a new reference; `?` stands for a part that is not plain text. */
PyObject *rw_name_of(PyTypeObject *kind);

/* Where in the value the slot lies; NULL where only a look into its class could tell. */
static inline PyObject **
rw_slot_in(PyObject *value, const RwSlot *slot)
{
    return slot->version != 0 && slot->version == Py_TYPE(value)->tp_version_tag
               ? (PyObject **)((char *)value + slot->offset)
               : NULL;
}

/* A slot's value as a new reference. NULL without an error: not set. */
PyObject *rw_slot_of(PyObject *value, RwSlot *slot);

/* Whether the type's metaclass is just `enum.EnumType`; -1: a fault. */
int rw_is_enum(PyTypeObject *kind);

/* Find the form of a type of that name; `form` is NULL if it has none. Returns 0 or -1. */
int rw_find_known(PyTypeObject *kind, PyObject *name, const RwKnownForm **form);

/* The namespace of a class, as a new reference. */
PyObject *rw_members_of(PyTypeObject *kind);

/* The type that `collections.deque` was when the extension was loaded. */
extern PyTypeObject *rw_deque_type;
int rw_types_prepare(void);

#endif
