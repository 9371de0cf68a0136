/* What is learned of a session, as the record that tells it (`DETAILS` in docs/format.md).
 *
 * The usual, which most is: of what has to be withheld, cut or described in other words, nothing is
 * written here. `rewind.capture.sessions` has the rule for all of it.
 */
#include "details.h"

#include "controls.h"
#include "scalar.h"

enum {
    LONGEST_TEXT = 1000, /* characters, as everywhere below */
    LONGEST_NAME = 200,
    MOST_TAGS = 64,
};

/* Write text: 1, or 0 if it is not to be told as it is, or -1. */
static int
put_text(RwBuffer *out, PyObject *text, Py_ssize_t longest)
{
#if PY_VERSION_HEX < 0x030C0000
    if (PyUnicode_READY(text) < 0) {
        return -1;
    }
#endif
    if (PyUnicode_GET_LENGTH(text) > longest || rw_is_credential(text, (size_t)longest)) {
        return 0;
    }
    return rw_put_text(out, text) < 0 ? -1 : 1;
}

static int
put_value(RwBuffer *out, PyObject *value)
{
    if (PyUnicode_CheckExact(value)) {
        return put_text(out, value, LONGEST_TEXT);
    }
    return rw_write_free(out, value, Py_TYPE(value));
}

static int
put_tag(RwValues *values, RwBuffer *out, PyObject *name, PyObject *value)
{
    if (!PyUnicode_CheckExact(name)) {
        return 0;
    }
    int is_secret = rw_names_cover(&values->names, name);
    if (is_secret != 0) {
        return is_secret < 0 ? -1 : 0;
    }
    int written = put_text(out, name, LONGEST_NAME);
    return written == 1 ? put_value(out, value) : written;
}

static int
put_tags(RwValues *values, RwBuffer *out, PyObject *tags)
{
    Py_ssize_t count = PyDict_GET_SIZE(tags), place = 0;
    PyObject *name, *value;
    if (count > MOST_TAGS) {
        return 0;
    }
    int written = rw_put_utf8(out, "tags", 4) | rw_put_map_header(out, (size_t)count) ? -1 : 1;
    while (written == 1 && PyDict_Next(tags, &place, &name, &value)) {
        written = put_tag(values, out, name, value);
    }
    return written;
}

int
rw_write_details(RwValues *values, RwBuffer *out, uint64_t key, PyObject *tags, PyObject *trigger)
{
    int has_tags = PyDict_GET_SIZE(tags) > 0, has_trigger = trigger != Py_None, written = 1;
    if (rw_put_array_header(out, 3) | rw_put_signed(out, RW_DETAILS) | rw_put_unsigned(out, key)
        | rw_put_map_header(out, (size_t)(has_tags + has_trigger))) {
        return -1;
    }
    if (has_tags) {
        written = put_tags(values, out, tags);
    }
    if (written == 1 && has_trigger) {
        written = rw_put_utf8(out, "trigger", 7) < 0 ? -1 : put_text(out, trigger, LONGEST_TEXT);
    }
    return written;
}
