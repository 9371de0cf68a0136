/* What each site of a process means to the call stack: `rewind.writer._following.Table`. */
#ifndef RW_SITES_H
#define RW_SITES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>

/* What an event does to the frames, beside being its frame's latest; `rewind.writer.steps`. */
enum RwStep {
    RW_NOTHING,
    RW_WRITE,
    RW_DELETE,
    RW_LEAVE,
    RW_SUSPEND,
    RW_NOTE,
    RW_FAIL,
    RW_CALL,
    RW_CALL_RESUMABLE,
    RW_RESUME,
    RW_STEPS, /* how many there are */
};

#define RW_NO_NAME UINT32_MAX

typedef struct {
    uint64_t number;
    uint32_t function;
    uint32_t name; /* the variable that is written or deleted, or RW_NO_NAME */
    uint32_t seen; /* scratch: how often it occurs in the chunk that is being counted */
    uint32_t place; /* where among its frame's variables the name was met last */
    uint32_t kind;  /* of its events, a name */
    uint8_t step;
} RwSite;

typedef struct {
    uint32_t first; /* among the table's parameters */
    uint32_t count;
    uint32_t called; /* a pair, numbered as a name is */
} RwFunction;

typedef struct {
    PyObject_HEAD
    RwSite *sites;
    size_t count;
    size_t room;
    uint64_t first;  /* number of the first of the sites */
    uint32_t *slots; /* an open hash: a site's index plus one, or 0 */
    size_t mask;
    RwFunction *functions;
    size_t function_count;
    uint32_t *parameters; /* names */
    size_t parameter_count;
    PyObject *names;   /* a list: variables, kinds of events, and what functions are called */
    PyObject *numbers; /* a dict: the number of each name */
} RwTable;

extern PyTypeObject RwTable_Type;

/* Return the site of that number, or NULL. It stays where it is until another one is added. */
static inline RwSite *
rw_site(const RwTable *table, uint64_t number)
{
    /* Modules are announced in order, and so nearly every site is as far behind the first as its
     * number says. */
    uint64_t guess = number - table->first;
    if (guess < table->count && table->sites[guess].number == number) {
        return &table->sites[guess];
    }
    size_t at = (size_t)(number * 0x9E3779B97F4A7C15U >> 32) & table->mask;
    for (; table->slots[at] != 0; at = (at + 1) & table->mask) {
        RwSite *site = &table->sites[table->slots[at] - 1];
        if (site->number == number) {
            return site;
        }
    }
    return NULL;
}

/* Return the number of a name, which is new perhaps; RW_NO_NAME with an exception set. */
uint32_t rw_name(RwTable *table, PyObject *name);

#endif
