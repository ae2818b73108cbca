/*
 * npy_header.c - the dictionary at the head of a .npy file
 *
 * A Python literal such as
 *
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
 *
 * with exactly these three keys in any order, then blanks.  NumPy evaluates it;
 * here it is a grammar of its own, and what is outside it is refused.
 *
 * Source: "NPY format", numpy.lib.format in NumPy's documentation.
 */
#include "cli/npy_header.h"

#include <string.h>

struct cursor {
    const char *at;
    const char *end;
};

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
}

/* Skips blanks and then the character, if it is there. */
static bool take(struct cursor *c, char wanted)
{
    skip_blanks(c);
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static bool take_word(struct cursor *c, const char *word)
{
    const size_t length = strlen(word);

    skip_blanks(c);
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0)
        return false;
    c->at += length;
    return true;
}

/* A quoted string of printable ASCII without escapes, at most bytes - 1 long. */
static bool take_string(struct cursor *c, char *text, size_t bytes)
{
    char quote;
    size_t used = 0;

    skip_blanks(c);
    if (c->at == c->end || (*c->at != '\'' && *c->at != '"'))
        return false;
    quote = *c->at++;
    while (c->at < c->end && *c->at != quote) {
        const char letter = *c->at++;

        if (letter < 0x20 || letter > 0x7e || letter == '\\' || used + 1 == bytes)
            return false;
        text[used++] = letter;
    }
    text[used] = '\0';
    return take(c, quote);
}

static bool take_bool(struct cursor *c, bool *value_out)
{
    *value_out = take_word(c, "True");
    return *value_out || take_word(c, "False");
}

/* A decimal number that fits in int64_t. */
static bool take_size(struct cursor *c, int64_t *value_out)
{
    int64_t value = 0;
    const char *first;

    skip_blanks(c);
    for (first = c->at; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        const int digit = *c->at - '0';

        if (value > (INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *value_out = value;
    return c->at > first;
}

/* "()", "(2,)", "(2, 3)" or "(2, 3,)". */
static const char *take_shape(struct cursor *c, struct tcv_npy_header *header)
{
    static const char *const wrong = "its shape is not a tuple of sizes";
    bool comma = true;

    if (!take(c, '('))
        return wrong;
    header->rank = 0;
    while (!take(c, ')')) {
        int64_t size;

        if (!comma || !take_size(c, &size))
            return wrong;
        if (header->rank == TCONV_MAX_DIMS)
            return "it has more than 5 dimensions";
        header->size[header->rank++] = size;
        comma = take(c, ',');
    }
    /* In Python (2) is a number and only (2,) a tuple. */
    return header->rank == 1 && !comma ? wrong : NULL;
}

enum { DESCR = 1, FORTRAN_ORDER = 2, SHAPE = 4, ALL_KEYS = 7 };

/* One "key: value" of the dictionary; *seen notes which keys there were. */
static const char *take_item(struct cursor *c, struct tcv_npy_header *header, int *seen)
{
    char key[16];
    int bit;

    if (!take_string(c, key, sizeof key) || !take(c, ':'))
        return "its header is not a dictionary";
    bit = strcmp(key, "descr") == 0           ? DESCR
          : strcmp(key, "fortran_order") == 0 ? FORTRAN_ORDER
          : strcmp(key, "shape") == 0         ? SHAPE
                                              : 0;
    if (bit == 0)
        return "its header has a key that is none of descr, fortran_order and shape";
    if (*seen & bit)
        return "its header has a key twice";
    *seen |= bit;
    if (bit == SHAPE)
        return take_shape(c, header);
    if (bit == FORTRAN_ORDER)
        return take_bool(c, &header->fortran_order) ? NULL
                                                    : "its fortran_order is neither True nor False";
    return take_string(c, header->descr, sizeof header->descr)
               ? NULL
               : "its elements are not of a plain type";
}

const char *tcv_npy_header_read(const char *text, size_t length, struct tcv_npy_header *header_out)
{
    struct tcv_npy_header header = {"", false, 0, {0}};
    struct cursor c = {text, text + length};
    int seen = 0;
    bool comma = true;

    if (!take(&c, '{'))
        return "its header is not a dictionary";
    while (!take(&c, '}')) {
        const char *wrong = comma ? take_item(&c, &header, &seen) : "its header lacks a comma";

        if (wrong != NULL)
            return wrong;
        comma = take(&c, ',');
    }
    skip_blanks(&c);
    if (c.at != c.end)
        return "something follows the dictionary in its header";
    if (seen != ALL_KEYS)
        return "its header lacks descr, fortran_order or shape";
    *header_out = header;
    return NULL;
}
