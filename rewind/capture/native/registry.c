/* What a probe needs to know of the site it stands at; see registry.h. */
#define PY_SSIZE_T_CLEAN
#include "registry.h"

#include "buffer.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1024 };

static int
read_secrets(RwCode *made, PyObject *secret)
{
    made->parameters = PyTuple_GET_SIZE(secret);
    made->secret = calloc((size_t)made->parameters + 1, 1);
    if (made->secret == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t at = 0; at < made->parameters; at++) {
        made->secret[at] = PyTuple_GET_ITEM(secret, at) == Py_True;
        made->keeps_secrets |= made->secret[at];
    }
    return 0;
}

static RwCode *
read_code(PyObject *code)
{
    /* rewind.capture.registry.Code: module, qualname, resumable, parameters, secret, unseen. */
    if (!PyTuple_Check(code) || PyTuple_GET_SIZE(code) != 6
        || !PyUnicode_CheckExact(PyTuple_GET_ITEM(code, 0))
        || !PyUnicode_CheckExact(PyTuple_GET_ITEM(code, 1))
        || !PyTuple_Check(PyTuple_GET_ITEM(code, 3)) || !PyTuple_Check(PyTuple_GET_ITEM(code, 4))) {
        PyErr_SetString(PyExc_TypeError, "this is no Code");
        return NULL;
    }
    RwCode *made = calloc(1, sizeof(RwCode));
    if (made == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (read_secrets(made, PyTuple_GET_ITEM(code, 4)) < 0) {
        free(made);
        return NULL;
    }
    /* They hold texts and booleans, so the collector has nothing to find there. A program that counts
     * its objects around a function's first call then finds none of ours. */
    PyObject_GC_UnTrack(code);
    PyObject_GC_UnTrack(PyTuple_GET_ITEM(code, 3));
    PyObject_GC_UnTrack(PyTuple_GET_ITEM(code, 4));
    made->code = Py_NewRef(code);
    made->module = PyTuple_GET_ITEM(code, 0);
    made->qualname = PyTuple_GET_ITEM(code, 1);
    made->resumable = PyTuple_GET_ITEM(code, 2) == Py_True;
    made->leaves_unseen = PyTuple_GET_ITEM(code, 5) == Py_True;
    return made;
}

static void
free_code(RwCode *code)
{
    Py_DECREF(code->code);
    free(code->secret);
    free(code);
}

static RwCode *
known_code(RwRegistry *registry, PyObject *code)
{
    RwCode *known = rw_table_get(&registry->codes, (uintptr_t)code);
    if (known != NULL) {
        return known;
    }
    known = read_code(code);
    if (known == NULL) {
        return NULL;
    }
    if (rw_table_set(&registry->codes, (uintptr_t)code, known) < 0) {
        free_code(known);
        PyErr_NoMemory();
        return NULL;
    }
    return known;
}

static int
grow(RwRegistry *registry, size_t end)
{
    size_t room = registry->room == 0 ? FIRST_ROOM : registry->room * 2;
    while (room < end) {
        room *= 2;
    }
    RwSite *wider = calloc(room, sizeof(RwSite));
    RwFormer *former = malloc(sizeof(RwFormer));
    if (wider == NULL || former == NULL) {
        free(wider);
        free(former);
        PyErr_NoMemory();
        return -1;
    }
    if (registry->count > 0) {
        memcpy(wider, registry->sites, registry->count * sizeof(RwSite));
    }
    *former = (RwFormer){registry->former, registry->sites};
    registry->former = former;
    registry->sites = wider;
    registry->room = room;
    return 0;
}

int
rw_registry_reserve(RwRegistry *registry, size_t end)
{
    if (end > registry->room && grow(registry, end) < 0) {
        return -1;
    }
    if (end > registry->count) {
        registry->count = end;
    }
    return 0;
}

static int
keep_name(RwRegistry *registry, size_t number, PyObject *name)
{
    if (registry->names == NULL && (registry->names = PyDict_New()) == NULL) {
        return -1;
    }
    PyObject *key = PyLong_FromSize_t(number);
    int status = key == NULL ? -1 : PyDict_SetItem(registry->names, key, name);
    Py_XDECREF(key);
    if (status == 0) {
        registry->sites[number].name = name;
    }
    return status;
}

PyObject *
rw_site_name(const RwRegistry *registry, size_t number)
{
    PyObject *name = registry->sites[number].name;
    if (name == NULL) {
        PyErr_SetString(PyExc_KeyError, "this site has no name");
    }
    return name;
}

static int
is_covered(PyObject *covers, PyObject *name)
{
    PyObject *answer = PyObject_CallOneArg(covers, name);
    int is = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    return is;
}

static int
learn_site(RwRegistry *registry, RwCode *code, Py_ssize_t base, PyObject *described,
           PyObject *covers)
{
    Py_ssize_t place, size;
    PyObject *name, *tells;
    int off;
    const char *head;
    if (!PyArg_ParseTuple(described, "ny#UUp", &place, &head, &size, &name, &tells, &off)) {
        return -1;
    }
    int secret = PyUnicode_GET_LENGTH(tells) > 0 ? is_covered(covers, tells) : 0;
    if (secret < 0) {
        return -1;
    }
    size_t number = (size_t)base + (size_t)place;
    /* Only now: what has run meanwhile may have made room elsewhere. */
    RwSite *site = rw_site(registry, number);
    if (site == NULL || size > RW_HEAD_ROOM || number > UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "this is no site of ours");
        return -1;
    }
    if (PyUnicode_GET_LENGTH(name) > 0) {
        Py_INCREF(name);
        if (PyUnicode_IsIdentifier(name)) {
            /* As it is in the program's code, and so in its namespaces: found by its address. */
            PyUnicode_InternInPlace(&name);
        }
        int kept = keep_name(registry, number, name);
        Py_DECREF(name);
        if (kept < 0) {
            return -1;
        }
    }
    RwBuffer prefix = {.data = site->prefix, .used = (size_t)size, .size = RW_PREFIX_ROOM};
    memcpy(site->prefix, head, (size_t)size);
    rw_store_unsigned(&prefix, number);
    site->prefix_size = (uint8_t)prefix.used;
    site->code = code;
    site->open = secret || off ? NULL : code;
    site->secret = secret != 0;
    site->off = off != 0;
    return 0;
}

int
rw_registry_learn(RwRegistry *registry, PyObject *code, Py_ssize_t base, PyObject *sites,
                  PyObject *covers)
{
    RwCode *known = known_code(registry, code);
    if (known == NULL) {
        return -1;
    }
    for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(sites); at++) {
        if (learn_site(registry, known, base, PyTuple_GET_ITEM(sites, at), covers) < 0) {
            return -1;
        }
    }
    return 0;
}

void
rw_registry_free(RwRegistry *registry)
{
    Py_CLEAR(registry->names);
    free(registry->sites);
    while (registry->former != NULL) {
        RwFormer *former = registry->former;
        registry->former = former->former;
        free(former->sites);
        free(former);
    }
    for (size_t at = 0; at < registry->codes.size; at++) {
        if (registry->codes.places[at].key != 0) {
            free_code(registry->codes.places[at].value);
        }
    }
    rw_table_free(&registry->codes);
    *registry = (RwRegistry){0};
}
