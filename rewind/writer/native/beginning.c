/* The record of a session that begins, made a row: `rewind.writer.facts.session_of` does the same,
 * and is asked wherever something here is not as the cores write it.
 */
#include "control.h"
#include "msgpack.h"

#include <string.h>

enum Form { TEXT, NAME, PERHAPS_TEXT, ID, PERHAPS_ID, NUMBER, PERHAPS_NUMBER };

/* Facts in the order in which they are mostly written; `rewind.writer.facts.PLACES` has the same. */
static const struct {
    const char *name;
    enum Form form;
} facts[] = {
    {"kind", TEXT},
    {"trigger", TEXT},
    {"module", NAME},
    {"function", NAME},
    {"task", PERHAPS_TEXT},
    {"id", ID},
    {"parent", PERHAPS_ID},
    {"monotonic_ns", NUMBER},
    {"wall_ns", NUMBER},
    {"thread", PERHAPS_NUMBER},
    {"thread_name", PERHAPS_TEXT},
};

enum { FACTS = sizeof facts / sizeof *facts };

typedef struct {
    const uint8_t *at;
    size_t left;
} Rest;

/* Whether a fact has to be there. */
static int
is_needed(enum Form form)
{
    return form == TEXT || form == ID || form == NUMBER;
}

/* Whether a text may be that of an id: as `key_text` has it. */
static int
may_be_id(const char *text, size_t size)
{
    enum { LONGEST = 32 };
    for (size_t i = 0; i < size; i++) {
        if (text[i] < ' ' || text[i] > '~') {
            return 0;
        }
    }
    return size <= LONGEST;
}

/* Read the header of a text of fewer than 256 bytes. */
static int
read_text(Rest *rest, const char **text, size_t *size)
{
    enum { TEXT_8 = 0xD9 };
    size_t header = rest->left == 0 ? 0 : (rest->at[0] & 0xE0) == 0xA0 ? 1
                  : rest->at[0] == TEXT_8 && rest->left > 1          ? 2
                                                                     : 0;
    *size = header == 0 ? 0 : header == 1 ? rest->at[0] & 0x1FU : rest->at[1];
    if (header == 0 || rest->left - header < *size) {
        return -1;
    }
    *text = (const char *)rest->at + header;
    rest->at += header + *size;
    rest->left -= header + *size;
    return 0;
}

/* Return which fact a name is, FACTS where it is none; it is looked for from `first` on. */
static unsigned
fact_of(const char *name, size_t size, unsigned first)
{
    for (unsigned i = 0; i < FACTS; i++) {
        unsigned number = (first + i) % FACTS;
        if (strlen(facts[number].name) == size && memcmp(facts[number].name, name, size) == 0) {
            return number;
        }
    }
    return FACTS;
}

/* Read an integer from 0 on of 63 bits. */
static PyObject *
read_number(Rest *rest)
{
    uint64_t number;
    size_t size = rw_unsigned(rest->at, rest->left, &number);
    if (size == 0 || number > INT64_MAX) {
        return NULL;
    }
    rest->at += size;
    rest->left -= size;
    return PyLong_FromUnsignedLongLong(number);
}

/* Read a fact; NULL, with an exception set or without, where it is not as usual. */
static PyObject *
read_fact(Rest *rest, enum Form form)
{
    enum { NIL = 0xC0 };
    if (rest->left > 0 && rest->at[0] == NIL && !is_needed(form)) {
        rest->at++;
        rest->left--;
        Py_RETURN_NONE;
    }
    if (form == NUMBER || form == PERHAPS_NUMBER) {
        return read_number(rest);
    }
    const char *text;
    size_t size;
    if (read_text(rest, &text, &size) < 0) {
        return NULL;
    }
    if ((form == ID || form == PERHAPS_ID) && !may_be_id(text, size)) {
        return NULL;
    }
    if (size == 0 && form == NAME) {
        Py_RETURN_NONE;
    }
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)size, "surrogatepass");
}

/* Put a value into a row that nobody else has seen. */
static void
put(PyObject *row, uint8_t place, PyObject *value)
{
    Py_XSETREF(((PyTupleObject *)row)->ob_item[place], value);
}

/* Read the facts into a row. Returns whether all is as usual. */
static int
read_facts(Rest *rest, PyObject *row, const uint8_t *places, size_t count)
{
    unsigned next = 0, seen = 0;
    for (; count > 0; count--) {
        const char *name;
        size_t size;
        unsigned fact = read_text(rest, &name, &size) < 0 ? FACTS : fact_of(name, size, next);
        if (fact == FACTS) {
            return 0;
        }
        PyObject *value = read_fact(rest, facts[fact].form);
        if (value == NULL) {
            return 0;
        }
        put(row, places[fact], value);
        seen |= 1U << fact;
        next = fact + 1;
    }
    for (unsigned i = 0; i < FACTS; i++) {
        if (is_needed(facts[i].form) && !(seen & 1U << i)) {
            return 0;
        }
    }
    return 1;
}

/* Make a row like that one, of the same type. */
static PyObject *
copy_of(PyObject *row)
{
    Py_ssize_t count = PyTuple_GET_SIZE(row);
    PyObject *made = Py_TYPE(row)->tp_alloc(Py_TYPE(row), count);
    for (Py_ssize_t i = 0; made != NULL && i < count; i++) {
        PyObject *value = PyTuple_GET_ITEM(row, i);
        Py_INCREF(value);
        PyTuple_SET_ITEM(made, i, value);
    }
    return made;
}

static int
are_places(PyObject *places, Py_ssize_t width)
{
    if (!PyBytes_CheckExact(places) || PyBytes_GET_SIZE(places) != FACTS + 1) {
        return 0;
    }
    for (Py_ssize_t i = 0; i <= FACTS; i++) {
        if ((uint8_t)PyBytes_AS_STRING(places)[i] >= width) {
            return 0;
        }
    }
    return 1;
}

PyObject *
rw_begun(const uint8_t *record, size_t left, PyObject *blank, PyObject *places, size_t *size)
{
    enum { ARRAY_OF_THREE = 0x93, SESSION = 0xFF }; /* -1: rewind.model.events.Control */
    if (!PyTuple_Check(blank) || !are_places(places, PyTuple_GET_SIZE(blank))) {
        PyErr_SetString(PyExc_TypeError, "a row, and the places of the facts in it");
        return NULL;
    }
    if (left < 2 || record[0] != ARRAY_OF_THREE || record[1] != SESSION) {
        return NULL;
    }
    const uint8_t *place_of = (const uint8_t *)PyBytes_AS_STRING(places);
    Rest rest = {record + 2, left - 2};
    PyObject *key = read_number(&rest);
    PyObject *row = key == NULL ? NULL : copy_of(blank);
    if (row == NULL) {
        Py_XDECREF(key);
        return NULL;
    }
    put(row, place_of[FACTS], key);
    if (rest.left > 0 && (rest.at[0] & 0xF0) == 0x80) {
        size_t pairs = *rest.at++ & 0x0FU;
        rest.left--;
        if (read_facts(&rest, row, place_of, pairs)) {
            *size = left - rest.left;
            return row;
        }
    }
    Py_DECREF(row);
    if (PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_UnicodeError)) {
        PyErr_Clear();
    }
    return NULL;
}
