/* Finds credentials in text: what the expression `_CREDENTIALS` of `rewind.capture.secrets` finds.
 *
 * Written out, as the expression's engine makes objects and looks at signals, and takes a hundred
 * times as long. A test holds the copy of the expression below to the original, and random text
 * shows that both find the same. In each alternative one character, an anchor, is rare in ordinary
 * text; what is not an anchor is passed over quickly.
 */
#include "patterns.h"

#include <string.h>

const char rw_credentials[] =
    "eyJ[\\w-]{6,}\\.[\\w-]{6,}\\."
    "|-----BEGIN [A-Z ]*PRIVATE KEY"
    "|\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b"
    "|\\bgh[pousr]_\\w{20,}"
    "|\\bgithub_pat_\\w{20,}"
    "|\\bxox[abeoprs]-[\\w-]{10,}"
    "|\\b[rs]k_(?:live|test)_\\w{10,}"
    "|\\bAIza[\\w-]{30,}"
    "|\\b(?:Bearer|Basic) [\\w.~+/-]{12,}"
    "|\\w://[^/\\s:@]+:[^/\\s:@]+@";

/* Characters looked at beyond those that are written: a secret may begin before the cut. */
#define LOOKED_BEYOND 4096
/* The most characters of an alternative before its anchor. */
#define BEFORE_ANCHOR 10

/* Text being searched. Nothing from `end` on is looked at, as if it ended there. */
typedef struct {
    int kind;
    const void *data;
    Py_ssize_t end;
    Py_ssize_t shown; /* A credential counts if it begins before this. */
} Text;

static Py_UCS4
at(const Text *text, Py_ssize_t i)
{
    return i >= 0 && i < text->end ? PyUnicode_READ(text->kind, text->data, i) : 0;
}

static int
is_word(Py_UCS4 one)
{
    return one < 128 ? Py_ISALNUM((unsigned char)one) || one == '_' : Py_UNICODE_ISALNUM(one);
}

static int
is_word_or_dash(Py_UCS4 one)
{
    return one == '-' || is_word(one);
}

static int
is_credential_part(Py_UCS4 one)
{
    return is_word(one) || one == '.' || one == '~' || one == '+' || one == '/' || one == '-';
}

static int
is_capital_or_space(Py_UCS4 one)
{
    return one == ' ' || (one >= 'A' && one <= 'Z');
}

static int
is_capital_or_digit(Py_UCS4 one)
{
    return (one >= '0' && one <= '9') || (one >= 'A' && one <= 'Z');
}

static int
is_part_of_login(Py_UCS4 one)
{
    return one != '/' && one != ':' && one != '@' && !Py_UNICODE_ISSPACE(one);
}

/* How many characters from `i` on are of that class. */
static Py_ssize_t
run(const Text *text, Py_ssize_t i, int (*is_of_class)(Py_UCS4))
{
    Py_ssize_t begin = i;
    while (i < text->end && is_of_class(at(text, i))) {
        i++;
    }
    return i - begin;
}

static int
says(const Text *text, Py_ssize_t i, const char *word)
{
    for (; *word != '\0'; word++, i++) {
        if (at(text, i) != (Py_UCS4)*word) {
            return 0;
        }
    }
    return 1;
}

static int
is_one_of(Py_UCS4 one, const char *set)
{
    return one != 0 && one < 128 && strchr(set, (int)one) != NULL;
}

/* Whether a word begins at `i`, which stands before a letter. */
static int
begins_word(const Text *text, Py_ssize_t i)
{
    return i < text->shown && (i == 0 || !is_word(at(text, i - 1)));
}

static int
is_web_token(const Text *text, Py_ssize_t i)
{
    if (i < 2 || i - 2 >= text->shown || !says(text, i - 2, "eyJ")) {
        return 0;
    }
    Py_ssize_t first = run(text, i + 1, is_word_or_dash);
    if (first < 6 || at(text, i + 1 + first) != '.') {
        return 0;
    }
    Py_ssize_t second = run(text, i + 2 + first, is_word_or_dash);
    return second >= 6 && at(text, i + 2 + first + second) == '.';
}

static int
is_private_key(const Text *text, Py_ssize_t i)
{
    if (i < 5 || i - 5 >= text->shown || !says(text, i - 5, "-----BEGIN ")) {
        return 0;
    }
    Py_ssize_t after = i + 6, length = run(text, after, is_capital_or_space);
    for (Py_ssize_t k = after; k < after + length; k++) {
        if (says(text, k, "PRIVATE KEY")) {
            return 1;
        }
    }
    return 0;
}

static int
is_header(const Text *text, Py_ssize_t i)
{
    Py_ssize_t size = says(text, i, "Bearer ") ? 7 : says(text, i, "Basic ") ? 6 : 0;
    return size > 0 && begins_word(text, i) && run(text, i + size, is_credential_part) >= 12;
}

static int
is_aws_key(const Text *text, Py_ssize_t i)
{
    if (i < 2 || !(says(text, i - 2, "AKIA") || says(text, i - 2, "ASIA"))
        || !begins_word(text, i - 2)) {
        return 0;
    }
    for (Py_ssize_t k = i + 2; k < i + 18; k++) {
        if (!is_capital_or_digit(at(text, k))) {
            return 0;
        }
    }
    return !is_word(at(text, i + 18));
}

static int
is_google_key(const Text *text, Py_ssize_t i)
{
    return i >= 1 && says(text, i - 1, "AIza") && begins_word(text, i - 1)
           && run(text, i + 3, is_word_or_dash) >= 30;
}

static int
is_github_token(const Text *text, Py_ssize_t i)
{
    Py_ssize_t begin = -1;
    if (i >= 3 && is_one_of(at(text, i - 1), "pousr") && says(text, i - 3, "gh")) {
        begin = i - 3;
    }
    else if (i >= 10 && says(text, i - 10, "github_pat")) {
        begin = i - 10;
    }
    return begin >= 0 && begins_word(text, begin) && run(text, i + 1, is_word) >= 20;
}

static int
is_stripe_key(const Text *text, Py_ssize_t i)
{
    if (i < 2 || at(text, i - 1) != 'k' || !is_one_of(at(text, i - 2), "rs")
        || !begins_word(text, i - 2)) {
        return 0;
    }
    return (says(text, i + 1, "live_") || says(text, i + 1, "test_"))
           && run(text, i + 6, is_word) >= 10;
}

static int
is_slack_token(const Text *text, Py_ssize_t i)
{
    return i >= 4 && is_one_of(at(text, i - 1), "abeoprs") && says(text, i - 4, "xox")
           && begins_word(text, i - 4) && run(text, i + 1, is_word_or_dash) >= 10;
}

static int
is_address_with_password(const Text *text, Py_ssize_t i)
{
    if (i < 1 || i - 1 >= text->shown || !says(text, i, "://") || !is_word(at(text, i - 1))) {
        return 0;
    }
    Py_ssize_t user = run(text, i + 3, is_part_of_login);
    if (user < 1 || at(text, i + 3 + user) != ':') {
        return 0;
    }
    Py_ssize_t password = run(text, i + 4 + user, is_part_of_login);
    return password >= 1 && at(text, i + 4 + user + password) == '@';
}

static const unsigned char is_anchor[128] = {
    ['J'] = 1, ['B'] = 1, ['I'] = 1, ['_'] = 1, ['-'] = 1, [':'] = 1,
};

static int
is_credential_around(const Text *text, Py_ssize_t i)
{
    switch (at(text, i)) {
    case 'J':
        return is_web_token(text, i);
    case 'B':
        return is_private_key(text, i) || is_header(text, i);
    case 'I':
        return is_aws_key(text, i) || is_google_key(text, i);
    case '_':
        return is_github_token(text, i) || is_stripe_key(text, i);
    case '-':
        return is_slack_token(text, i);
    default:
        return is_address_with_password(text, i);
    }
}

static int
is_found_narrow(const Text *text, Py_ssize_t last)
{
    const unsigned char *data = text->data;
    for (Py_ssize_t i = 0; i < last; i++) {
        if (data[i] < 128 && is_anchor[data[i]] && is_credential_around(text, i)) {
            return 1;
        }
    }
    return 0;
}

static int
is_found_wide(const Text *text, Py_ssize_t last)
{
    for (Py_ssize_t i = 0; i < last; i++) {
        Py_UCS4 one = PyUnicode_READ(text->kind, text->data, i);
        if (one < 128 && is_anchor[one] && is_credential_around(text, i)) {
            return 1;
        }
    }
    return 0;
}

static int
is_found(int kind, const void *data, Py_ssize_t length, size_t shown)
{
    Py_ssize_t before = shown < (size_t)length ? (Py_ssize_t)shown : length;
    Py_ssize_t end = length - before > LOOKED_BEYOND ? before + LOOKED_BEYOND : length;
    Py_ssize_t last = end - before > BEFORE_ANCHOR ? before + BEFORE_ANCHOR : end;
    Text text = {kind, data, end, before};
    if (before == 0) {
        return 0;
    }
    return kind == PyUnicode_1BYTE_KIND ? is_found_narrow(&text, last)
                                        : is_found_wide(&text, last);
}

int
rw_is_credential(PyObject *text, size_t shown)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (length < RW_SHORTEST_CREDENTIAL) {
        return 0;
    }
    return is_found(PyUnicode_KIND(text), PyUnicode_DATA(text), length, shown);
}

int
rw_bytes_are_credential(const char *data, Py_ssize_t size, size_t shown)
{
    return size >= RW_SHORTEST_CREDENTIAL && is_found(PyUnicode_1BYTE_KIND, data, size, shown);
}
