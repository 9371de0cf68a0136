/* Which names are secret: the rule of `rewind.config.SecretNames`, with a memory.
 *
 * The interpreter lock guards it. Names come again and again, so answers are kept; a program that
 * makes up names without end only replaces older answers.
 */
#ifndef RW_NAMES_H
#define RW_NAMES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Places for answers: a power of two, in pairs that share a hash. */
#define RW_REMEMBERED 4096
/* Characters of a name that count. */
#define RW_LONGEST_NAME 256

typedef struct {
    PyObject *name; /* Held, so that its address cannot become another's. */
    int is_secret;
} RwAnswer;

typedef struct {
    char *words; /* Phrases and joined words, each ended by a zero byte. */
    size_t *phrases; /* Where in `words` each begins. */
    size_t *joined;
    Py_ssize_t phrase_count;
    Py_ssize_t joined_count;
    RwAnswer *answers;
} RwNames;

/* Read the secret names from a `rewind.capture.secrets.Secrets`. */
int rw_names_init(RwNames *names, PyObject *secrets);
void rw_names_clear(RwNames *names);

/* Whether a value of that name (an exact `str`) is withheld: 1, 0, or -1 with an error set. */
int rw_names_cover(RwNames *names, PyObject *name);

/* The same where that is at hand; else -2. */
static inline int
rw_names_remember(const RwNames *names, PyObject *name)
{
    Py_hash_t hash = ((PyASCIIObject *)name)->hash;
    const RwAnswer *answer = &names->answers[(size_t)hash & (RW_REMEMBERED - 2)];
    return answer->name == name ? answer->is_secret : -2;
}

/* Whether the key of a dictionary or namespace is a secret name: text of any kind, or bytes. */
int rw_names_cover_key(RwNames *names, PyObject *key);

#endif
