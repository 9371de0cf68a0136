/* Nodes of a tree that keep their fields in themselves; see compact.h. */
#include "compact.h"

typedef struct {
    const Kind *kind;
    PyObject *values[]; /* As many as the kind has. */
} Content;

/* Where it begins: behind what every node of `ast` has. */
static Py_ssize_t content_at;
static traverseproc traverse_ast;
static inquiry clear_ast;
static destructor free_ast;

static inline Content *
content_of(PyObject *node)
{
    return (Content *)((char *)node + content_at);
}

/* Where the value of that name is kept; NULL for a name that is none of the node's. */
static PyObject **
value_of(PyObject *node, PyObject *name)
{
    Content *content = content_of(node);
    const Kind *kind = content->kind;
    for (int i = 0; i < kind->count; i++) {
        if (name == kind->names[i]) {
            return &content->values[i];
        }
    }
    /* Names that are not interned are rare. */
    for (int i = 0; i < kind->count && PyUnicode_Check(name); i++) {
        if (PyUnicode_Compare(name, kind->names[i]) == 0) {
            return &content->values[i];
        }
    }
    return NULL;
}

static PyObject *
get(PyObject *node, PyObject *name)
{
    if (name == content_of(node)->kind->class_name) {
        return Py_NewRef(Py_TYPE(node));
    }
    PyObject **value = value_of(node, name);
    return value != NULL && *value != NULL ? Py_NewRef(*value) : PyObject_GenericGetAttr(node, name);
}

static int
set(PyObject *node, PyObject *name, PyObject *value)
{
    PyObject **kept = value_of(node, name);
    if (kept == NULL || (value == NULL && *kept == NULL)) {
        return PyObject_GenericSetAttr(node, name, value);
    }
    Py_XSETREF(*kept, Py_XNewRef(value));
    return 0;
}

static int
traverse(PyObject *node, visitproc visit, void *arg)
{
    Content *content = content_of(node);
    for (int i = 0; content->kind != NULL && i < content->kind->count; i++) {
        Py_VISIT(content->values[i]);
    }
    return traverse_ast(node, visit, arg);
}

static int
clear(PyObject *node)
{
    Content *content = content_of(node);
    for (int i = 0; content->kind != NULL && i < content->kind->count; i++) {
        Py_CLEAR(content->values[i]);
    }
    return clear_ast(node);
}

/* Trees are deep, but between two of these nodes lies a list or a node of `ast`, which lets no more than
 * some fifty of them be freed inside of each other. */
static void
leave(PyObject *node)
{
    PyObject_GC_UnTrack(node);
    PyObject_ClearWeakRefs(node);
    Content *content = content_of(node);
    for (int i = 0; content->kind != NULL && i < content->kind->count; i++) {
        Py_CLEAR(content->values[i]);
    }
    free_ast(node);
}

/* What `ast.AST`, from which all derive, does with its own part. */
static int
learn_from(PyTypeObject *base)
{
    PyTypeObject *root = base;
    while (root->tp_base != NULL && root->tp_base != &PyBaseObject_Type) {
        root = root->tp_base;
    }
    traverse_ast = root->tp_traverse;
    clear_ast = root->tp_clear;
    free_ast = root->tp_dealloc;
    Py_ssize_t size = base->tp_basicsize;
    if (traverse_ast == NULL || clear_ast == NULL || (content_at != 0 && content_at != size)) {
        PyErr_SetString(PyExc_ImportError, "the nodes of ast are not as expected");
        return -1;
    }
    content_at = size;
    return 0;
}

static int
name_fields(Kind *kind, const Field *fields, PyObject *const *initially)
{
    static const char *const positions[] = {"lineno", "col_offset", "end_lineno", "end_col_offset"};
    for (int i = 0; i < POSITIONS; i++) {
        kind->names[kind->count++] = PyUnicode_InternFromString(positions[i]);
    }
    for (; fields->name != NULL; fields++) {
        kind->values[kind->count] = Py_XNewRef(initially[fields->initially]);
        kind->names[kind->count++] = PyUnicode_InternFromString(fields->name);
    }
    kind->class_name = PyUnicode_InternFromString("__class__");
    return PyErr_Occurred() ? -1 : 0;
}

int
rw_kind_prepare(Kind *kind, PyObject *module, PyObject *base, const char *name, const Field *fields,
                int inner, PyObject *const *initially)
{
    kind->inner = POSITIONS + inner;
    if (name_fields(kind, fields, initially) < 0 || learn_from((PyTypeObject *)base) < 0) {
        return -1;
    }
    PyType_Slot slots[] = {
        {Py_tp_getattro, get}, {Py_tp_setattro, set},   {Py_tp_traverse, traverse},
        {Py_tp_clear, clear},  {Py_tp_dealloc, leave},  {0, NULL},
    };
    size_t size = (size_t)content_at + sizeof(Content) + (size_t)kind->count * sizeof(PyObject *);
    PyType_Spec spec = {
        .name = name,
        .basicsize = (int)size,
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    kind->type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, base);
    return kind->type == NULL ? -1 : 0;
}

int
rw_kind_traverse(Kind *kind, visitproc visit, void *arg)
{
    Py_VISIT(kind->type);
    for (int i = 0; i < kind->count; i++) {
        Py_VISIT(kind->values[i]);
    }
    return 0;
}

void
rw_kind_clear(Kind *kind)
{
    for (int i = 0; i < kind->count; i++) {
        Py_CLEAR(kind->values[i]);
    }
    Py_CLEAR(kind->type);
}

void
rw_kind_free(Kind *kind)
{
    rw_kind_clear(kind);
    for (int i = 0; i < kind->count; i++) {
        Py_CLEAR(kind->names[i]);
    }
    Py_CLEAR(kind->class_name);
}

const Kind *
rw_kind_of(PyObject *node)
{
    return Py_TYPE(node)->tp_getattro == get ? content_of(node)->kind : NULL;
}

PyObject **
rw_values(PyObject *node)
{
    return content_of(node)->values;
}

static PyObject *
new_node(const Kind *kind)
{
    PyObject *node = kind->type->tp_alloc(kind->type, 0);
    if (node != NULL) {
        content_of(node)->kind = kind;
    }
    return node;
}

PyObject *
rw_node(const Kind *kind, const Place *place)
{
    PyObject *node = new_node(kind);
    if (node == NULL) {
        return NULL;
    }
    PyObject **values = rw_values(node);
    for (int i = 0; i < POSITIONS; i++) {
        values[i] = Py_NewRef(place->parts[i]);
    }
    for (int i = POSITIONS; i < kind->count; i++) {
        values[i] = Py_XNewRef(kind->values[i]);
    }
    return node;
}

PyObject *
rw_node_of(const Kind *kind, PyObject *dictionary)
{
    PyObject *node = new_node(kind);
    for (int i = 0; node != NULL && i < kind->count; i++) {
        PyObject *value = PyDict_GetItemWithError(dictionary, kind->names[i]);
        if (value == NULL && PyErr_Occurred()) {
            Py_DECREF(node);
            return NULL;
        }
        rw_values(node)[i] = Py_XNewRef(value == NULL ? kind->values[i] : value);
    }
    return node;
}

PyObject *
rw_with(PyObject *node, int field, PyObject *value)
{
    if (node == NULL || value == NULL) {
        Py_XDECREF(node);
        Py_XDECREF(value);
        return NULL;
    }
    Py_XSETREF(rw_values(node)[POSITIONS + field], value);
    return node;
}
