/* Tells secret names from others; see names.h. */
#include "names.h"

#include <string.h>

/* The words of a name of `RW_LONGEST_NAME` characters, each parted by a space, one at both ends. */
#define PHRASE_ROOM (2 * RW_LONGEST_NAME + 4)

/* Setting up */

/* Append the texts of a set, each ended by a zero byte, and say where each begins. */
static int
add_words(RwNames *names, PyObject *words, size_t *used, size_t **places, Py_ssize_t *count)
{
    PyObject *list = PySequence_List(words);
    if (list == NULL) {
        return -1;
    }
    *places = PyMem_RawCalloc((size_t)PyList_GET_SIZE(list) + 1, sizeof **places);
    for (Py_ssize_t i = 0; *places != NULL && i < PyList_GET_SIZE(list); i++) {
        Py_ssize_t size = 0;
        const char *word = PyUnicode_AsUTF8AndSize(PyList_GET_ITEM(list, i), &size);
        size_t needed = *used + (size_t)size + 1;
        char *grown = word == NULL ? NULL : PyMem_RawRealloc(names->words, needed);
        if (grown == NULL) {
            break;
        }
        names->words = grown;
        memcpy(grown + *used, word, (size_t)size + 1);
        (*places)[(*count)++] = *used;
        *used = needed;
    }
    int is_whole = *places != NULL && *count == PyList_GET_SIZE(list);
    Py_DECREF(list);
    if (!is_whole && !PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    return is_whole ? 0 : -1;
}

static int
add_set(RwNames *names, PyObject *rule, const char *which, size_t *used, size_t **places,
        Py_ssize_t *count)
{
    PyObject *words = PyObject_GetAttrString(rule, which);
    if (words == NULL) {
        return -1;
    }
    int outcome = add_words(names, words, used, places, count);
    Py_DECREF(words);
    return outcome;
}

int
rw_names_init(RwNames *names, PyObject *secrets)
{
    size_t used = 0;
    PyObject *rule = PyObject_GetAttrString(secrets, "names");
    if (rule == NULL) {
        return -1;
    }
    int outcome = add_set(names, rule, "phrases", &used, &names->phrases, &names->phrase_count);
    if (outcome == 0) {
        outcome = add_set(names, rule, "joined", &used, &names->joined, &names->joined_count);
    }
    Py_DECREF(rule);
    if (outcome < 0) {
        return -1;
    }
    names->answers = PyMem_RawCalloc(RW_REMEMBERED, sizeof *names->answers);
    if (names->answers == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

void
rw_names_clear(RwNames *names)
{
    for (size_t i = 0; names->answers != NULL && i < RW_REMEMBERED; i++) {
        Py_XDECREF(names->answers[i].name);
    }
    PyMem_RawFree(names->answers);
    PyMem_RawFree(names->phrases);
    PyMem_RawFree(names->joined);
    PyMem_RawFree(names->words);
    *names = (RwNames){0};
}

/* The rule: `_words` and `SecretNames.covers` of `rewind.config.redaction` */

enum { OTHER, DIGIT, SMALL, CAPITAL };

static int
class_of(Py_UCS4 character)
{
    if (character >= 'a' && character <= 'z') {
        return SMALL;
    }
    if (character >= 'A' && character <= 'Z') {
        return CAPITAL;
    }
    return character >= '0' && character <= '9' ? DIGIT : OTHER;
}

/* Whether a new word begins between two characters; `next` is the class of the one after. */
static int
is_boundary(int before, int here, int next)
{
    return here == CAPITAL
           && (before == SMALL || before == DIGIT || (before == CAPITAL && next == SMALL));
}

/* End a word: a plural is as secret as its singular. Returns the new length of `phrase`. */
static size_t
end_word(char *phrase, size_t begin, size_t end)
{
    if (phrase[end - 1] == 's' && !(end - begin > 1 && phrase[end - 2] == 's')) {
        end--;
    }
    phrase[end] = ' ';
    return end + 1;
}

/* Write " word word " and return its length; a name without words is two spaces. */
static size_t
write_phrase(char *phrase, PyObject *name)
{
    int kind = PyUnicode_KIND(name);
    const void *data = PyUnicode_DATA(name);
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    size_t used = 1, begin = 1;
    int before = OTHER;
    phrase[0] = ' ';
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 character = PyUnicode_READ(kind, data, i);
        int here = class_of(character);
        int next = i + 1 < length ? class_of(PyUnicode_READ(kind, data, i + 1)) : OTHER;
        if (used > begin && (here == OTHER || is_boundary(before, here, next))) {
            begin = used = end_word(phrase, begin, used);
        }
        if (here != OTHER) {
            phrase[used++] = (char)(here == CAPITAL ? character | 0x20 : character);
        }
        before = here;
    }
    if (used > begin) {
        used = end_word(phrase, begin, used);
    }
    if (used == 1) {
        phrase[used++] = ' ';
    }
    phrase[used] = '\0';
    return used;
}

static int
is_joined(const RwNames *names, const char *phrase, size_t length)
{
    char joined[PHRASE_ROOM];
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (phrase[i] != ' ') {
            joined[used++] = phrase[i];
        }
    }
    joined[used] = '\0';
    for (Py_ssize_t i = 0; i < names->joined_count; i++) {
        if (strcmp(names->words + names->joined[i], joined) == 0) {
            return 1;
        }
    }
    return 0;
}

/* `name` has at most `RW_LONGEST_NAME` characters. */
static int
is_covered(const RwNames *names, PyObject *name)
{
    char phrase[PHRASE_ROOM];
    size_t length = write_phrase(phrase, name);
    for (Py_ssize_t i = 0; i < names->phrase_count; i++) {
        if (strstr(phrase, names->words + names->phrases[i]) != NULL) {
            return 1;
        }
    }
    return is_joined(names, phrase, length);
}

/* The memory */

static int
is_same_text(PyObject *a, PyObject *b)
{
    return ((PyASCIIObject *)a)->hash == ((PyASCIIObject *)b)->hash
           && PyUnicode_GET_LENGTH(a) == PyUnicode_GET_LENGTH(b)
           && PyUnicode_KIND(a) == PyUnicode_KIND(b)
           && memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b),
                     (size_t)PyUnicode_GET_LENGTH(a) * PyUnicode_KIND(a))
                  == 0;
}

static int
remember(RwAnswer *pair, PyObject *name, int is_secret)
{
    PyObject *forgotten = pair[1].name;
    pair[1] = pair[0];
    pair[0].name = Py_NewRef(name);
    pair[0].is_secret = is_secret;
    Py_XDECREF(forgotten); /* An exact `str`: nothing of the program's runs. */
    return is_secret;
}

static int
cover_short(RwNames *names, PyObject *name)
{
    Py_hash_t hash = ((PyASCIIObject *)name)->hash;
    if (hash == -1) {
        hash = PyObject_Hash(name);
    }
    RwAnswer *pair = &names->answers[(size_t)hash & (RW_REMEMBERED - 2)];
    if (pair[0].name == name) {
        return pair[0].is_secret;
    }
    for (int i = 0; i < 2; i++) {
        if (pair[i].name != NULL && is_same_text(pair[i].name, name)) {
            return pair[i].is_secret;
        }
    }
    return remember(pair, name, is_covered(names, name));
}

int
rw_names_cover(RwNames *names, PyObject *name)
{
    if (PyUnicode_GET_LENGTH(name) <= RW_LONGEST_NAME) {
        return cover_short(names, name);
    }
    PyObject *shortened = PyUnicode_Substring(name, 0, RW_LONGEST_NAME);
    if (shortened == NULL) {
        return -1;
    }
    int is_secret = cover_short(names, shortened);
    Py_DECREF(shortened);
    return is_secret;
}

int
rw_names_cover_key(RwNames *names, PyObject *key)
{
    if (PyUnicode_CheckExact(key)) {
        return rw_names_cover(names, key);
    }
    PyObject *name = NULL;
    if (PyBytes_CheckExact(key)) {
        Py_ssize_t size = PyBytes_GET_SIZE(key);
        size = size < RW_LONGEST_NAME ? size : RW_LONGEST_NAME;
        name = PyUnicode_DecodeLatin1(PyBytes_AS_STRING(key), size, NULL);
    }
    else if (PyUnicode_Check(key)) {
        name = PyUnicode_FromObject(key); /* The text half, as an exact `str`. */
    }
    else {
        return 0;
    }
    if (name == NULL) {
        return -1;
    }
    int is_secret = rw_names_cover(names, name);
    Py_DECREF(name);
    return is_secret;
}
