/* Probes at which attributes and items change (rewind/capture/store_probes.py).
 *
 * An owner and a key are seen as they pass by, and so is the value; what belongs together is kept
 * by the strand under the site's number.
 */
#include "hot.h"

/* What is stored where. NULL stands for what is not known. */
typedef struct {
    PyObject *owner;
    PyObject *key;
    PyObject *value;
    int has_key; /* an item or slice, no attribute */
} RwStored;

/* A value, owner or key is on its way; the probe of the store comes next. */
static PyObject *
probe_store(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_locate_probe(&probe, self, rw_site_number(arguments[0])))) {
        RwStrand *strand = rw_strand_at(&probe);
        status = strand == NULL ? 0 : rw_hold_store(strand, probe.number, arguments[1]);
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

static int
append_known(const RwProbe *probe, RwStrand *strand, RwBuffer *out, PyObject *value, int secret)
{
    if (value == NULL) {
        return rw_put_omitted(out, RW_OMIT_HIDDEN);
    }
    return rw_append_value(probe->recorder, strand, out, value, secret);
}

static int
put_store(const RwProbe *probe, RwStrand *strand, RwBuffer *out, const RwStored *stored)
{
    RwValues *values = probe->engine->values;
    if (rw_write_reference(values, out, stored->owner) < 0) {
        return -1;
    }
    int secret = probe->site->secret;
    if (stored->has_key && append_known(probe, strand, out, stored->key, 0) < 0) {
        return -1;
    }
    if (stored->key != NULL && PyUnicode_CheckExact(stored->key)) {
        int covered = rw_is_secret(values, stored->key);
        if (covered < 0) {
            return -1;
        }
        secret |= covered;
    }
    return append_known(probe, strand, out, stored->value, secret);
}

/* Write the event in place; 0 where there is more to do. */
static int
emit_store_in_place(const RwProbe *probe, const RwStrand *strand, const RwStored *stored)
{
    RwRecorder *recorder = probe->recorder;
    RwValues *values = probe->engine->values;
    PyObject *key = stored->key;
    if (probe->site->open == NULL || stored->value == NULL || (stored->has_key && key == NULL)
        || (key != NULL && PyUnicode_CheckExact(key) && rw_is_secret(values, key) != 0)) {
        PyErr_Clear();
        return 0;
    }
    uint8_t *at = rw_begin_in_place(recorder, strand->session, probe->site,
                                    RW_OWNER_ROOM + 2 * RW_ALONE_ROOM, probe->now);
    if (at == NULL) {
        return 0;
    }
    int echoing = 0;
    at = rw_write_owner(values, at, stored->owner);
    if (at != NULL && key != NULL) {
        at = rw_write_in_place(recorder, probe->site, at, key, RW_ALONE_ROOM, &echoing);
    }
    if (at != NULL) {
        at = rw_write_in_place(recorder, probe->site, at, stored->value, 0, &echoing);
    }
    if (at == NULL) {
        return 0;
    }
    rw_end_any_in_place(recorder, probe->site, at, echoing, probe->now);
    return 1;
}

/* Record an attribute or item. */
static int
emit_store(const RwProbe *probe, const RwStored *stored)
{
    RwStrand *strand = rw_strand_at(probe);
    if (strand == NULL || strand->session == NULL || !strand->session->recorded) {
        return 0;
    }
    if (emit_store_in_place(probe, strand, stored)) {
        return 0;
    }
    RwPayload payload;
    rw_payload_begin(&payload, probe->recorder);
    int status = put_store(probe, strand, payload.buffer, stored);
    return rw_payload_end(probe, strand, &payload, status);
}

/* Let go of what was kept, and give back what the probe was given. What goes may run a finalizer
 * of the program's, which must not see an error of ours. */
static PyObject *
end_store(const RwProbe *probe, int status, PyObject *result, const RwStored *kept)
{
    PyObject *given = rw_end_probe(probe, status, result);
    if (given != NULL) {
        Py_XDECREF(kept->owner);
        Py_XDECREF(kept->key);
        Py_XDECREF(kept->value);
        return given;
    }
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    Py_XDECREF(kept->owner);
    Py_XDECREF(kept->key);
    Py_XDECREF(kept->value);
    PyErr_Restore(type, value, traceback);
    return NULL;
}

/* The value kept for the site goes into an attribute (or slice) of the owner. */
static PyObject *
attribute(PyObject *self, RwArguments arguments, Py_ssize_t count, int slice)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    RwStored kept = {0};
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        kept.value = rw_take_kept(&probe);
        RwStored stored = {arguments[1], NULL, kept.value, slice};
        status = emit_store(&probe, &stored);
    }
    return end_store(&probe, status, arguments[1], &kept);
}

static PyObject *
probe_attribute(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    return attribute(self, arguments, count, 0);
}

static PyObject *
probe_item_slice(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    return attribute(self, arguments, count, 1);
}

/* The value stored before the owner goes into the owner's item of this key. */
static PyObject *
probe_item_key(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    RwStored kept = {0};
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        kept.owner = rw_take_kept(&probe);
        kept.value = rw_take_kept(&probe);
        RwStored stored = {kept.owner, arguments[1], kept.value, 1};
        status = kept.owner == NULL ? 0 : emit_store(&probe, &stored);
    }
    return end_store(&probe, status, arguments[1], &kept);
}

/* The value goes into an attribute of the owner. */
static PyObject *
probe_attribute_of(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 3)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        RwStored stored = {arguments[2], NULL, arguments[1], 0};
        status = emit_store(&probe, &stored);
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

/* The value goes into the owner's item of this key. */
static PyObject *
probe_item_of(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 4)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        RwStored stored = {arguments[2], arguments[3], arguments[1], 1};
        status = emit_store(&probe, &stored);
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

/* Record what the owner holds under the site's name; a value found is `kept`'s to let go. */
static int
emit_stored_attribute(const RwProbe *probe, RwStored *kept)
{
    PyObject *name = rw_site_name(&probe->engine->registry, probe->number);
    kept->value = name == NULL ? NULL : rw_peek_attribute(probe->engine->values, kept->owner, name);
    return PyErr_Occurred() ? -1 : emit_store(probe, kept);
}

/* A statement has set an attribute of the owner held last. */
static PyObject *
probe_stored_attribute(PyObject *self, PyObject *number)
{
    RwProbe probe;
    RwStored kept = {0};
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, number))) {
        kept.owner = rw_take_kept(&probe);
        status = 0;
        if (kept.owner != NULL) {
            status = emit_stored_attribute(&probe, &kept);
        }
    }
    return end_store(&probe, status, Py_None, &kept);
}

static RW_COLD PyObject *
stored_attribute_at_length(PyObject *self, size_t place, PyObject *owner)
{
    RwProbe probe;
    RwStored kept = {0};
    int status = -1;
    if (RW_LIKELY(rw_begin_probe_at(&probe, self, place))) {
        status = 0;
        if (RW_LIKELY(rw_strand_at(&probe) != NULL)) {
            kept.owner = Py_NewRef(owner);
            status = emit_stored_attribute(&probe, &kept);
        }
    }
    return end_store(&probe, status, owner, &kept);
}

RW_HOT PyObject *
stored_attribute_at(PyObject *self, size_t place, PyObject *owner)
{
    RwHot hot = rw_hot_event(self, place, RW_OWNER_ROOM + RW_ALONE_ROOM, 0);
    if (RW_LIKELY(hot.at != NULL)) {
        PyObject *value;
        hot.at =
            rw_write_held(((RwEngine *)self)->values, hot.at, owner, hot.site->name, &value);
        if (RW_LIKELY(hot.at != NULL)) {
            rw_hot_value(&hot, value, 0);
        }
        if (RW_LIKELY(rw_hot_end(&hot))) {
            return Py_NewRef(owner);
        }
    }
    return stored_attribute_at_length(self, place, owner);
}

/* A statement has set an attribute of the owner. */
static PyObject *
probe_stored_attribute_of(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    return stored_attribute_at(self, rw_site_number(arguments[0]), arguments[1]);
}

/* The same of several attributes, of sites in a row: each with its owner. */
static PyObject *
probe_stored_attributes_of(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    size_t place = rw_first_number(arguments, count);
    for (Py_ssize_t i = 1; i < count && place != SIZE_MAX; i++) {
        PyObject *given = stored_attribute_at(self, place++, arguments[i]);
        if (given == NULL) {
            return NULL;
        }
        Py_DECREF(given);
    }
    Py_RETURN_NONE;
}

/* A statement has set the item whose owner and key were held last. */
static PyObject *
probe_stored_item(PyObject *self, PyObject *number)
{
    RwProbe probe;
    RwStored kept = {.has_key = 1};
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, number))) {
        kept.key = rw_take_kept(&probe);
        kept.owner = rw_take_kept(&probe);
        status = 0;
        if (kept.key != NULL && kept.owner != NULL) {
            kept.value = rw_peek_item(kept.owner, kept.key);
            status = PyErr_Occurred() ? -1 : emit_store(&probe, &kept);
        }
    }
    return end_store(&probe, status, Py_None, &kept);
}

/* Deletions */

static int
put_deletion(const RwProbe *probe, RwStrand *strand, RwBuffer *out, PyObject *owner, PyObject *key)
{
    if (rw_write_reference(probe->engine->values, out, owner) < 0) {
        return -1;
    }
    return key == NULL ? 0 : rw_append_value(probe->recorder, strand, out, key, 0);
}

static int
emit_deletion(const RwProbe *probe, PyObject *owner, PyObject *key)
{
    RwStrand *strand = rw_strand_at(probe);
    if (strand == NULL) {
        return 0;
    }
    RwPayload payload;
    rw_payload_begin(&payload, probe->recorder);
    RwBuffer *out = payload.buffer;
    int status = put_deletion(probe, strand, out, owner, key);
    const RwSite *site = probe->site;
    if (status == 0 && site->prefix_size > 0) {
        /* The site of a deletion does not tell how much its payload holds; the header does. */
        uint8_t prefix[RW_PREFIX_ROOM];
        memcpy(prefix, site->prefix, RW_PREFIX_ROOM);
        prefix[0] = (uint8_t)(prefix[0] + (key == NULL ? 1 : 2));
        rw_emit(probe->recorder, strand, prefix, site->prefix_size, out->data, out->used,
                probe->now);
    }
    rw_payload_done(&payload);
    return status;
}

/* An attribute or slice of the owner is about to be deleted. */
static PyObject *
probe_deleted_attribute(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        status = emit_deletion(&probe, arguments[1], NULL);
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

/* The item of this key of the owner held last is about to be deleted. */
static PyObject *
probe_deleted_item(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    RwStored kept = {0};
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        kept.owner = rw_take_kept(&probe);
        status = kept.owner == NULL ? 0 : emit_deletion(&probe, kept.owner, arguments[1]);
    }
    return end_store(&probe, status, arguments[1], &kept);
}

PyMethodDef rw_store_probes[] = {
    RW_PROBE("store", probe_store, "A value is on its way."),
    RW_PROBE("hold", probe_store, "An owner passes by."),
    RW_PROBE("hold_key", probe_store, "A key passes by."),
    RW_PROBE("item_owner", probe_store, "An item's owner passes by."),
    RW_PROBE("attribute", probe_attribute, "The value goes into an attribute."),
    RW_PROBE("attribute_of", probe_attribute_of, "The same, all at hand."),
    RW_PROBE("item_key", probe_item_key, "The value goes into an item."),
    RW_PROBE("item_slice", probe_item_slice, "The value goes into a slice."),
    RW_PROBE("item_of", probe_item_of, "An item is stored, all at hand."),
    RW_SITE_PROBE("stored_attribute", probe_stored_attribute, "An attribute has been set."),
    RW_PROBE("stored_attribute_of", probe_stored_attribute_of, "The same of this owner."),
    RW_PROBE("stored_attributes_of", probe_stored_attributes_of, "The same of several."),
    RW_SITE_PROBE("stored_item", probe_stored_item, "An item has been set."),
    RW_PROBE("deleted_attribute", probe_deleted_attribute, "One goes."),
    RW_PROBE("deleted_item", probe_deleted_item, "An item goes."),
    {0},
};
