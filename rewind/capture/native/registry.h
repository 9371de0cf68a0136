/* What a probe needs to know of the site it stands at.
 *
 * A site's number is handed out before its module's code runs; what is to be known of it is learned
 * at the first call of its function. When the table grows, what was is copied and stays where it is until
 * the end, so a site that was found may be looked at whatever runs meanwhile. Used under the
 * interpreter's lock only.
 */
#ifndef RW_REGISTRY_H
#define RW_REGISTRY_H

#include <Python.h>
#include <stdint.h>

#include "table.h"

enum {
    RW_HEAD_ROOM = 3, /* an array's header */
    RW_PREFIX_ROOM = RW_HEAD_ROOM + 5, /* and a site's number */
};

/* An instrumented function's facts. */
typedef struct {
    PyObject *code; /* owned: the `Code` of rewind.capture.registry that holds what follows */
    PyObject *module;
    PyObject *qualname;
    Py_ssize_t parameters;
    int resumable;
    char *secret; /* for each parameter, whether its value is withheld */
    int keeps_secrets; /* whether any is */
    int leaves_unseen; /* an exception leaves its frame without a probe: a lambda */
} RwCode;

typedef struct {
    RwCode *code; /* NULL until its function is called */
    RwCode *open; /* the same where events may be written in place; NULL where nothing is recorded
                     any more, or no value, or not yet */
    uint8_t prefix[RW_PREFIX_ROOM]; /* how a record of the site begins */
    uint8_t prefix_size; /* 0: nothing is recorded at this site any more */
    PyObject *name; /* borrowed of the registry's names; NULL until it is learned */
    uint8_t secret;
    uint8_t echoes; /* an event has held echoes: the next one is likely to */
    uint8_t off; /* the source says that there is to be no value */
} RwSite;

/* A table of sites that was outgrown. */
typedef struct RwFormer {
    struct RwFormer *former;
    RwSite *sites;
} RwFormer;

typedef struct {
    RwSite *sites;
    size_t count;
    size_t room;
    PyObject *names; /* owned: a dictionary, by site number */
    RwTable codes;   /* from a `Code` to its RwCode */
    RwFormer *former;
} RwRegistry;

static inline RwSite *
rw_site(const RwRegistry *registry, size_t number)
{
    return number < registry->count ? &registry->sites[number] : NULL;
}

/* Let nothing more be recorded at the site. */
static inline void
rw_site_silence(RwSite *site)
{
    site->prefix_size = 0;
    site->open = NULL;
}

/* Let there be sites of all numbers below `end`; -1 with an error set if that cannot be. */
int rw_registry_reserve(RwRegistry *registry, size_t end);
/* Learn what there is to know of a function's sites: a tuple of `RunSite` of rewind.model.sites, in
 * a module whose first site has the number `base`; `covers` tells of a name whether its values are
 * secret. -1 with an error set. */
int rw_registry_learn(RwRegistry *registry, PyObject *code, Py_ssize_t base, PyObject *sites,
                      PyObject *covers);
/* The name at a site, borrowed; NULL with an error set. */
PyObject *rw_site_name(const RwRegistry *registry, size_t number);
void rw_registry_free(RwRegistry *registry);

#endif
