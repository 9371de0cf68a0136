/* Tells well-known types as their `repr` would, from what is already in memory.
 *
 * The common ones are told here, where that runs no Python; all others by `rewind.capture.known`,
 * which also says which types are well known at all. A type is recognised by being the very object
 * that its module holds, not by its name.
 */
#include "known.h"

#include "attributes.h"
#include "own.h"

struct RwKnownForm {
    const char *module; /* NULL: `rewind.capture.known` recognises it. */
    const char *attribute;
    /* A new reference; NULL without an error: ask `rewind.capture.known`. */
    PyObject *(*text)(PyObject *value, const RwReading *reading);
};

#define FORMS 14
#define PATTERNS 256

/* Interned, in the order of `forms`. */
static PyObject *modules[FORMS], *attributes[FORMS];
static PyObject *known_names; /* What `rewind.capture.known` knows. */
static PyObject *known_text;  /* And how it tells it. */
static PyObject *enum_text, *enum_type_text, *name_text, *repr_text, *tzinfo_text;
static PyObject *utc_text, *slash_text;

/* Forms that are told here */

static int
has_texts_only(PyObject *list)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        if (!PyUnicode_CheckExact(PyList_GET_ITEM(list, i))) {
            return 0;
        }
    }
    return 1;
}

static PyObject *
told_by_repr(PyObject *value, const RwReading *Py_UNUSED(reading))
{
    /* Not `PyObject_Repr`, which looks at signals. */
    return Py_TYPE(value)->tp_repr(value);
}

/* Whether it is `datetime.timezone.utc`, which every other time zone is not told by here. */
static int
is_utc(PyObject *zone)
{
    PyObject *members = rw_members_of(Py_TYPE(zone));
    int is = Py_TYPE(zone)->tp_flags & Py_TPFLAGS_HEAPTYPE
                 ? 0
                 : PyDict_GetItemWithError(members, utc_text) == zone;
    Py_DECREF(members);
    return is;
}

/* A time zone may be the program's own class; its `__repr__` is not ours to run. */
static PyObject *
moment(PyObject *value, const RwReading *reading)
{
    PyObject *zone = PyObject_GenericGetAttr(value, tzinfo_text);
    if (zone == NULL) {
        return NULL;
    }
    int is_plain = zone == Py_None || is_utc(zone);
    Py_DECREF(zone);
    return is_plain ? told_by_repr(value, reading) : NULL;
}

static PyObject *
uuid_of_number(PyObject *number)
{
    PyObject *raw = PyNumber_ToBase(number, 16);
    if (raw == NULL) {
        return NULL;
    }
    PyObject *text = NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(raw) - 2;
    const char *digits = (const char *)PyUnicode_1BYTE_DATA(raw);
    if (digits[0] == '0' && length <= 32) {
        char all[33];
        memset(all, '0', 32);
        memcpy(all + 32 - length, digits + 2, (size_t)length);
        all[32] = '\0';
        text = PyUnicode_FromFormat("UUID('%.8s-%.4s-%.4s-%.4s-%s')", all, all + 8, all + 12,
                                    all + 16, all + 20);
    }
    Py_DECREF(raw);
    return text;
}

/* What a slot holds, as a new reference; NULL without an error: nothing, or there is no such. */
static PyObject *
slot_named(PyObject *value, const RwReading *reading, const char *name)
{
    for (Py_ssize_t i = 0; i < reading->slot_count; i++) {
        if (PyUnicode_CompareWithASCIIString(reading->slots[i].name, name) == 0) {
            return rw_slot_of(value, &reading->slots[i]);
        }
    }
    return NULL;
}

static PyObject *
uuid(PyObject *value, const RwReading *reading)
{
    PyObject *number = slot_named(value, reading, "int");
    PyObject *text = NULL;
    if (number != NULL && PyLong_CheckExact(number)) {
        text = uuid_of_number(number);
    }
    Py_XDECREF(number);
    return text;
}

static PyObject *
quoted_path(const char *kind, PyObject *whole)
{
    /* Not by `%R`, which looks at signals. */
    PyObject *quoted = PyUnicode_Type.tp_repr(whole), *text = NULL;
    if (quoted != NULL) {
        text = PyUnicode_FromFormat("%s(%U)", kind, quoted);
        Py_DECREF(quoted);
    }
    return text;
}

#if PY_VERSION_HEX >= 0x030C0000
/* `PosixPath('a/b')`, of the parts that it was made of. */
static PyObject *
path(PyObject *value, const RwReading *reading)
{
    PyObject *parts = slot_named(value, reading, "_raw_paths"), *text = NULL;
    if (parts != NULL && PyList_CheckExact(parts) && has_texts_only(parts)) {
        PyObject *joined = PyUnicode_Join(slash_text, parts);
        if (joined != NULL) {
            text = quoted_path(reading->known->attribute, joined);
            Py_DECREF(joined);
        }
    }
    Py_XDECREF(parts);
    return text;
}
#else
/* `PosixPath('/a/b')`: the first part of a path with a root is the root. */
static PyObject *
path_of(PyObject *parts, PyObject *root, const char *kind)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(root), size = PyList_GET_SIZE(parts);
    PyObject *rest = PyList_GetSlice(parts, length > 0, size), *text = NULL;
    PyObject *joined = rest == NULL ? NULL : PyUnicode_Join(slash_text, rest);
    PyObject *whole = joined == NULL ? NULL : PyUnicode_Concat(root, joined);
    if (whole != NULL && PyUnicode_GET_LENGTH(whole) == 0) {
        Py_SETREF(whole, PyUnicode_FromOrdinal('.'));
    }
    if (whole != NULL) {
        text = quoted_path(kind, whole);
    }
    Py_XDECREF(rest);
    Py_XDECREF(joined);
    Py_XDECREF(whole);
    return text;
}

static PyObject *
path(PyObject *value, const RwReading *reading)
{
    PyObject *parts = slot_named(value, reading, "_parts"), *text = NULL;
    PyObject *root = parts == NULL ? NULL : slot_named(value, reading, "_root");
    if (root != NULL && PyUnicode_CheckExact(root) && PyList_CheckExact(parts)
        && has_texts_only(parts)) {
        text = path_of(parts, root, reading->known->attribute);
    }
    Py_XDECREF(parts);
    Py_XDECREF(root);
    return text;
}
#endif

/* Patterns, which cannot change, with what `rewind.capture.known` has told of them. */
static struct {
    PyObject *pattern;
    PyObject *text;
} told_patterns[PATTERNS];

static size_t
place_of_pattern(const PyObject *value)
{
    return ((uintptr_t)value >> 4) % PATTERNS;
}

static PyObject *
told_before(PyObject *value, const RwReading *Py_UNUSED(reading))
{
    size_t place = place_of_pattern(value);
    return told_patterns[place].pattern == value ? Py_NewRef(told_patterns[place].text) : NULL;
}

static void
remember_pattern(PyObject *value, PyObject *text)
{
    size_t place = place_of_pattern(value);
    Py_XSETREF(told_patterns[place].text, Py_NewRef(text));
    Py_XSETREF(told_patterns[place].pattern, Py_NewRef(value));
}

static const RwKnownForm forms[FORMS] = {
    {"builtins", "range", told_by_repr},
    {"builtins", "ellipsis", told_by_repr},
    {"builtins", "NotImplementedType", told_by_repr},
    {"datetime", "datetime", moment},
    {"datetime", "time", moment},
    {"datetime", "date", told_by_repr},
    {"datetime", "timedelta", told_by_repr},
    {"decimal", "Decimal", told_by_repr},
    {"re", "Pattern", told_before},
    {"uuid", "UUID", uuid},
    {"pathlib", "PosixPath", path},
    {"pathlib", "PurePosixPath", path},
    {"pathlib._local", "PosixPath", path},
    {"pathlib._local", "PurePosixPath", path},
};
static const RwKnownForm elsewhere = {NULL, NULL, NULL};

static int
is_form_of(const RwKnownForm *form, PyObject *name)
{
    size_t size = strlen(form->module);
    char whole[64];
    PyOS_snprintf(whole, sizeof whole, "%s.%s", form->module, form->attribute);
    return PyUnicode_GET_LENGTH(name) > (Py_ssize_t)size
           && PyUnicode_CompareWithASCIIString(name, whole) == 0;
}

/* Whether its `repr` is written in C. `datetime` and `decimal` have twins in Python, which run where
 * those in C are not there, or not yet (`datetime.py` while it loads, Python 3.11): theirs is code
 * of the program's. */
static int
says_itself_in_c(PyTypeObject *kind)
{
    PyObject *members = rw_members_of(kind);
    PyObject *repr = members == NULL ? NULL : PyDict_GetItemWithError(members, repr_text);
    int says = repr != NULL && Py_IS_TYPE(repr, &PyWrapperDescr_Type);
    Py_XDECREF(members);
    return says;
}

int
rw_find_known(PyTypeObject *kind, PyObject *name, const RwKnownForm **form)
{
    *form = NULL;
    int is_known = PyDict_Contains(known_names, name);
    if (is_known <= 0) {
        return is_known;
    }
    *form = &elsewhere;
    for (size_t i = 0; i < FORMS; i++) {
        if (is_form_of(&forms[i], name)) {
            *form = &forms[i];
        }
    }
    if (((*form)->text == told_by_repr || (*form)->text == moment) && !says_itself_in_c(kind)) {
        *form = &elsewhere;
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* Whether it is genuine */

/* What a loaded module holds under a name, borrowed; NULL without an error where that cannot be
 * seen without asking. */
static PyObject *
held_by_module(PyObject *module_name, PyObject *name)
{
    PyObject *modules = PyImport_GetModuleDict();
    if (!PyDict_CheckExact(modules)) {
        return NULL;
    }
    PyObject *module = PyDict_GetItemWithError(modules, module_name);
    if (module == NULL || !PyModule_CheckExact(module)) {
        return NULL;
    }
    return PyDict_GetItemWithError(PyModule_GetDict(module), name);
}

static int
is_genuine(PyTypeObject *kind, const RwKnownForm *form)
{
    if (strcmp(form->module, "builtins") == 0) {
        return kind == &PyRange_Type || kind == &PyEllipsis_Type
               || kind == Py_TYPE(Py_NotImplemented);
    }
    size_t place = (size_t)(form - forms);
    return held_by_module(modules[place], attributes[place]) == (PyObject *)kind;
}

static PyObject *
told_elsewhere(PyObject *value, const RwReading *reading)
{
    PyObject *text = rw_call_own(known_text, PyTuple_Pack(2, value, reading->name));
    if (text != NULL && !PyUnicode_CheckExact(text)) {
        Py_CLEAR(text);
    }
    return text;
}

/* Enums */

int
rw_is_enum(PyTypeObject *kind)
{
    PyTypeObject *meta = Py_TYPE(kind);
    int is_enum = meta != &PyType_Type
                  && held_by_module(enum_text, enum_type_text) == (PyObject *)meta;
    return PyErr_Occurred() ? -1 : is_enum;
}

/* `Colour.RED`, for a member of a class whose metaclass is just `EnumType`. */
static PyObject *
enum_member(PyObject *value, const RwReading *reading)
{
    if (!reading->is_enum) {
        return NULL;
    }
    PyObject *name = rw_attribute_named(value, reading, name_text);
    PyObject *text = NULL;
    if (name != NULL && PyUnicode_CheckExact(name)) {
        Py_ssize_t length = PyUnicode_GET_LENGTH(reading->name);
        Py_ssize_t dot = PyUnicode_FindChar(reading->name, '.', 0, length, -1);
        PyObject *kind = PyUnicode_Substring(reading->name, dot + 1, length);
        text = kind == NULL ? NULL : PyUnicode_FromFormat("%U.%U", kind, name);
        Py_XDECREF(kind);
    }
    Py_XDECREF(name);
    return text;
}

PyObject *
rw_known_text(PyObject *value, const RwReading *reading, enum RwStands *stands)
{
    const RwKnownForm *form = reading->known;
    *stands = form == NULL ? RW_BY_NAMES : RW_FOR_NOW;
    if (form == NULL) {
        return enum_member(value, reading);
    }
    int is_told_here = form->module != NULL && is_genuine(Py_TYPE(value), form);
    PyObject *text = is_told_here ? form->text(value, reading) : NULL;
    if (text != NULL) {
        *stands = form->text == uuid || form->text == path ? RW_FOR_NOW : RW_FOR_GOOD;
    }
    else if (!PyErr_Occurred()) {
        text = told_elsewhere(value, reading);
        if (text != NULL && is_told_here && form->text == told_before) {
            remember_pattern(value, text);
        }
    }
    return text;
}

/* Setting up */

static int
prepare_texts(void)
{
    enum_text = PyUnicode_InternFromString("enum");
    enum_type_text = PyUnicode_InternFromString("EnumType");
    name_text = PyUnicode_InternFromString("_name_");
    repr_text = PyUnicode_InternFromString("__repr__");
    tzinfo_text = PyUnicode_InternFromString("tzinfo");
    utc_text = PyUnicode_InternFromString("utc");
    slash_text = PyUnicode_InternFromString("/");
    for (size_t i = 0; i < FORMS; i++) {
        modules[i] = PyUnicode_InternFromString(forms[i].module);
        attributes[i] = PyUnicode_InternFromString(forms[i].attribute);
    }
    return PyErr_Occurred() ? -1 : 0;
}

int
rw_known_prepare(void)
{
    if (known_text != NULL) {
        return 0;
    }
    PyObject *module = PyImport_ImportModule("rewind.capture.known");
    if (module == NULL || prepare_texts() < 0) {
        Py_XDECREF(module);
        return -1;
    }
    known_names = PyObject_GetAttrString(module, "KNOWN");
    PyObject *text_of = PyObject_GetAttrString(module, "text_of");
    Py_DECREF(module);
    if (known_names == NULL || text_of == NULL || !PyDict_Check(known_names)) {
        return -1;
    }
    known_text = text_of; /* Last: it says that all of this is done. */
    return 0;
}
