/* Where words stand in a source; see lines.h. */
#include "lines.h"

enum { MOST_WORDS = 64, BYTES = 256 };

typedef struct {
    const char *text;
    size_t size;
    int next; /* The word that begins with the same byte, or -1. */
} Word;

typedef struct {
    Word words[MOST_WORDS];
    int first[BYTES]; /* A word that begins with the byte, or -1. */
} Words;

static int
take_words(Words *taken, PyObject *words)
{
    memset(taken->first, -1, sizeof(taken->first));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(words); i++) {
        PyObject *word = PyTuple_GET_ITEM(words, i);
        if (i >= MOST_WORDS || !PyBytes_Check(word) || PyBytes_GET_SIZE(word) == 0) {
            PyErr_SetString(PyExc_ValueError, "too many words, or none");
            return -1;
        }
        const char *text = PyBytes_AS_STRING(word);
        int *first = &taken->first[(unsigned char)text[0]];
        taken->words[i] = (Word){text, (size_t)PyBytes_GET_SIZE(word), *first};
        *first = (int)i;
    }
    return 0;
}

static int
begins_with_one(const Words *words, const char *at, const char *end)
{
    for (int i = words->first[(unsigned char)*at]; i >= 0; i = words->words[i].next) {
        const Word *word = &words->words[i];
        if (word->size <= (size_t)(end - at) && memcmp(at, word->text, word->size) == 0) {
            return 1;
        }
    }
    return 0;
}

PyObject *
rw_lines_with(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 || !PyBytes_Check(arguments[0]) || !PyTuple_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "lines are looked for in bytes, with a tuple of words");
        return NULL;
    }
    Words words;
    const char *at = PyBytes_AS_STRING(arguments[0]), *end = at + PyBytes_GET_SIZE(arguments[0]);
    Py_ssize_t size = 3;
    for (const char *here = at; here < end; here++) {
        size += *here == '\n';
    }
    PyObject *found = take_words(&words, arguments[1]) < 0 ? NULL : PyBytes_FromStringAndSize(NULL, size);
    if (found == NULL) {
        return NULL;
    }
    char *line = PyBytes_AS_STRING(found);
    memset(line, 0, (size_t)size);
    for (line++; at < end; at++) {
        if (*at == '\n') {
            line++;
        }
        else if (begins_with_one(&words, at, end)) {
            *line = 1;
        }
    }
    return found;
}
