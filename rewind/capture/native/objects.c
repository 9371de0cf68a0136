/* Writes what is known by a name (classes, functions, modules), and objects of any other type. */
#include "walk.h"

int
rw_write_class(RwWalk *walk, PyObject *value)
{
    return rw_walk_named_by(walk, RW_TYPE, value, (PyTypeObject *)value);
}

/* A module's own name for itself, as a new reference; `?` where that is no text. */
static PyObject *
name_of_module(PyObject *module)
{
    PyObject *key = PyUnicode_InternFromString("__name__");
    PyObject *namespace = PyModule_GetDict(module);
    PyObject *name = NULL;
    if (key != NULL && namespace != NULL) {
        name = Py_XNewRef(PyDict_GetItemWithError(namespace, key));
    }
    Py_XDECREF(key);
    if (PyErr_Occurred() || (name != NULL && PyUnicode_CheckExact(name))) {
        return name;
    }
    Py_XDECREF(name);
    return PyUnicode_FromOrdinal('?');
}

int
rw_write_module(RwWalk *walk, PyObject *value)
{
    PyObject *name = name_of_module(value);
    int outcome = name == NULL ? -1 : rw_walk_named(walk, RW_MODULE, value, name);
    Py_XDECREF(name);
    return outcome;
}

/* Write a node with a name of two parts, of which the first may be missing. */
static int
write_named_in(RwWalk *walk, PyObject *value, PyObject *where, PyObject *name)
{
    if (name == NULL) {
        return -1;
    }
    if (where == NULL || !PyUnicode_CheckExact(where)) {
        return rw_walk_named(walk, RW_FUNCTION, value, name);
    }
    RwBuffer *out = walk->out;
    size_t before = rw_utf8_size(where, PyUnicode_GET_LENGTH(where));
    size_t behind = rw_utf8_size(name, PyUnicode_GET_LENGTH(name));
    int is_begun = rw_put_node(out, 3, RW_FUNCTION) == 0 && rw_put_identity(out, value) == 0
                   && rw_put_text_header(out, before + 1 + behind) == 0
                   && rw_put_characters(out, where, PyUnicode_GET_LENGTH(where), before) == 0
                   && rw_put_byte(out, '.') == 0;
    return is_begun ? rw_put_characters(out, name, PyUnicode_GET_LENGTH(name), behind) : -1;
}

int
rw_write_function(RwWalk *walk, PyObject *value)
{
    const PyFunctionObject *function = (const PyFunctionObject *)value;
    PyObject *name = function->func_qualname;
    name = PyUnicode_CheckExact(name) ? Py_NewRef(name) : PyUnicode_FromOrdinal('?');
    PyObject *where = Py_XNewRef(function->func_module);
    int outcome = write_named_in(walk, value, where, name);
    Py_XDECREF(where);
    Py_XDECREF(name);
    return outcome;
}

int
rw_is_of_module(PyObject *function)
{
    PyObject *owner = PyCFunction_GET_SELF(function);
    return owner == NULL || owner == Py_None || PyModule_CheckExact(owner);
}

int
rw_write_builtin(RwWalk *walk, PyObject *value)
{
    const PyCFunctionObject *function = (const PyCFunctionObject *)value;
    PyObject *owner = PyCFunction_GET_SELF(value);
    PyObject *where;
    if (rw_is_of_module(value)) {
        where = Py_XNewRef(function->m_module);
    }
    else {
        /* Not its `__qualname__`: that asks the owner's class, and so its metaclass. */
        where = rw_name_of(Py_TYPE(owner));
        if (where == NULL) {
            return -1;
        }
    }
    PyObject *name = PyUnicode_FromString(function->m_ml->ml_name);
    int outcome = write_named_in(walk, value, where, name);
    Py_XDECREF(where);
    Py_XDECREF(name);
    return outcome;
}

int
rw_write_method(RwWalk *walk, PyObject *value)
{
    PyObject *underneath = PyMethod_GET_FUNCTION(value);
    if (PyFunction_Check(underneath)) {
        return rw_write_function(walk, underneath);
    }
    return rw_walk_named_by(walk, RW_OPAQUE, value, &PyMethod_Type);
}

/* Objects of other types */

static int
write_known(RwWalk *walk, PyObject *value, const RwReading *reading, PyObject *text)
{
    RwBuffer *out = walk->out;
    if (rw_put_node(out, 4, RW_KNOWN) < 0 || rw_put_identity(out, value) < 0
        || rw_put_text(out, reading->name) < 0) {
        return -1;
    }
    size_t left = rw_walk_left(walk);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if ((size_t)length >= left) {
        rw_walk_bind(walk, RW_AS_ROOT);
        length = (Py_ssize_t)left;
    }
    return rw_put_prefix(out, text, length);
}

/* Write a subclass of a builtin by its builtin half, read as the exact type would be. */
static int
write_subclass(RwWalk *walk, PyObject *value, const RwReading *reading)
{
    PyTypeObject *base = reading->base;
    if (rw_put_node(walk->out, 3, RW_SUBCLASS) < 0 || rw_put_text(walk->out, reading->name) < 0) {
        return -1;
    }
    if (base == &PyDict_Type) {
        return rw_write_dict(walk, value);
    }
    if (base == &PyList_Type) {
        return rw_write_list(walk, value);
    }
    if (base == &PyTuple_Type) {
        return rw_write_tuple(walk, value, reading->fields);
    }
    if (base == &PySet_Type || base == &PyFrozenSet_Type) {
        return rw_write_set(walk, value, base == &PySet_Type ? RW_SET : RW_FROZENSET);
    }
    if (base == rw_deque_type) {
        return rw_write_deque(walk, value);
    }
    if (base == &PyLong_Type) {
        return rw_write_integer(walk, value);
    }
    if (base == &PyFloat_Type) {
        return rw_put_float(walk->out, PyFloat_AS_DOUBLE(value));
    }
    return base == &PyUnicode_Type ? rw_write_text(walk, value) : rw_write_octets(walk, value);
}

/* Write what shows nothing but who it is, or its attributes. */
static int
write_plain(RwWalk *walk, PyObject *value, const RwReading *reading)
{
    PyTypeObject *kind = reading->type;
    int is_opaque = !reading->has_namespace && reading->slot_count == 0;
    int is_lasting = !(kind->tp_flags & Py_TPFLAGS_HEAPTYPE);
    if ((is_lasting && !is_opaque) || reading->known != NULL) {
        walk->blemishes++;
    }
    RwMark mark = rw_walk_mark(walk, value, 0);
    mark.reading = reading;
    int outcome = is_opaque ? rw_walk_named(walk, RW_OPAQUE, value, reading->name)
                            : rw_write_instance(walk, value, reading);
    return rw_walk_kept(walk, &mark, outcome);
}

static int
write_unknown(RwWalk *walk, PyObject *value, const RwReading *reading)
{
    if (reading->base == NULL) {
        return write_plain(walk, value, reading);
    }
    if (reading->base == (PyTypeObject *)PyExc_BaseException) {
        walk->blemishes++;
        return rw_write_exception(walk, value, reading);
    }
    PyTypeObject *base = reading->base;
    if (base != &PyDict_Type && base != &PyList_Type && base != &PyTuple_Type
        && base != &PySet_Type && base != &PyFrozenSet_Type && base != &PyUnicode_Type
        && base != &PyType_Type && Py_TYPE(value) != rw_deque_type) {
        walk->blemishes++;
        return write_subclass(walk, value, reading);
    }
    RwMark mark = rw_walk_mark(walk, value, base == &PyDict_Type ? rw_dict_version(value) : 0);
    int outcome = base == &PyType_Type ? rw_write_class(walk, value)
                                       : write_subclass(walk, value, reading);
    return rw_walk_kept(walk, &mark, outcome);
}

static int
write_read(RwWalk *walk, PyObject *value, const RwReading *reading)
{
    enum RwStands stands;
    PyObject *text = rw_known_text(value, reading, &stands);
    if (text == NULL) {
        return PyErr_Occurred() ? -1 : write_unknown(walk, value, reading);
    }
    RwMark mark = rw_walk_mark(walk, value, 0);
    mark.stands = stands;
    if (stands == RW_FOR_NOW) {
        walk->blemishes++;
    }
    int outcome = write_known(walk, value, reading, text);
    Py_DECREF(text);
    return rw_walk_kept(walk, &mark, outcome);
}

int
rw_write_thing(RwWalk *walk, PyObject *value)
{
    int seen = rw_walk_seen(walk, value);
    if (seen != 0) {
        return seen < 0 ? -1 : 0;
    }
    int echoed = rw_walk_echo(walk, value);
    if (echoed != 0) {
        return echoed < 0 ? -1 : 0;
    }
    PyTypeObject *kind = Py_TYPE(value);
    const RwReading *reading = rw_reading_at_hand(&walk->values->readings, kind);
    if (reading == NULL) {
        walk->blemishes++; /* To look at a type for the first time may let others in. */
        reading = rw_reading_of(&walk->values->readings, kind);
    }
    if (reading == NULL) {
        return -1;
    }
    /* The reading lives as long as the type, and the program may give the value another one. */
    Py_INCREF(kind);
    int outcome = write_read(walk, value, reading);
    Py_DECREF(kind);
    return outcome;
}
