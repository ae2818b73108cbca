/*
 * json.c - enough of a JSON reader to check what the command prints
 *
 * Each skip_... function takes a pointer to the beginning of what it is called
 * after and returns one past its end, or NULL if it is not that.
 */
#include "cli/json.h"

#include <stdlib.h>
#include <string.h>

#include "support/check.h"

static const char *skip_value(const char *at);

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

static const char *skip_string(const char *at)
{
    if (*at++ != '"')
        return NULL;
    for (; *at != '"'; at++) {
        if ((unsigned char)*at < 0x20)
            return NULL; /* a NUL too */
        if (*at != '\\')
            continue;
        at++;
        if (*at == 'u' && strspn(at + 1, "0123456789abcdefABCDEF") >= 4)
            at += 4;
        else if (*at == '\0' || strchr("\"\\/bfnrt", *at) == NULL)
            return NULL;
    }
    return at + 1;
}

static const char *skip_digits(const char *at)
{
    const size_t count = strspn(at, "0123456789");

    return count > 0 ? at + count : NULL;
}

static const char *skip_number(const char *at)
{
    if (*at == '-')
        at++;
    at = *at == '0' ? at + 1 : skip_digits(at);
    if (at != NULL && *at == '.')
        at = skip_digits(at + 1);
    if (at != NULL && (*at == 'e' || *at == 'E')) {
        at++;
        at = skip_digits(*at == '+' || *at == '-' ? at + 1 : at);
    }
    return at;
}

/* An object if close is '}', an array if it is ']'; at is past the opening. */
static const char *skip_list(const char *at, char close)
{
    at = skip_blanks(at);
    if (*at == close)
        return at + 1;
    for (;;) {
        if (close == '}') {
            at = skip_string(skip_blanks(at));
            if (at == NULL || *(at = skip_blanks(at)) != ':')
                return NULL;
            at++;
        }
        at = skip_value(at);
        if (at == NULL || (*at != ',' && *at != close))
            return NULL;
        if (*at++ == close)
            return at;
    }
}

/* Skips blanks on both sides too. */
static const char *skip_value(const char *at)
{
    static const char *const words[] = {"true", "false", "null"};
    const char *end = NULL;

    at = skip_blanks(at);
    if (*at == '{')
        end = skip_list(at + 1, '}');
    else if (*at == '[')
        end = skip_list(at + 1, ']');
    else if (*at == '"')
        end = skip_string(at);
    else if (*at == '-' || (*at >= '0' && *at <= '9'))
        end = skip_number(at);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strncmp(at, words[i], strlen(words[i])) == 0)
            end = at + strlen(words[i]);
    }
    return end != NULL ? skip_blanks(end) : NULL;
}

bool json_is_line(const char *text)
{
    const char *const end = skip_value(text);
    const char *const newline = strchr(text, '\n');

    return end != NULL && *end == '\0' && newline != NULL && newline[1] == '\0';
}

const char *json_member(const char *text, const char *name)
{
    const size_t length = strlen(name);
    const char *at = skip_blanks(text);

    assert_int_equal(*at, '{');
    for (at = skip_blanks(at + 1); *at == '"'; at = skip_blanks(at + 1)) {
        const char *const value = skip_blanks(skip_blanks(skip_string(at)) + 1);

        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '"')
            return value;
        at = skip_value(value);
        if (*at != ',')
            break;
    }
    return NULL;
}

double json_number(const char *text, const char *name)
{
    const char *const value = json_member(text, name);
    char *end;
    double number;

    if (value == NULL)
        fail_msg("no member \"%s\" in %s", name, text);
    number = strtod(value, &end);
    assert_true(end > value);
    return number;
}

int json_numbers(const char *text, const char *name, int64_t *values, int capacity)
{
    const char *at = json_member(text, name);
    int count = 0;

    if (at == NULL || *at != '[')
        fail_msg("no array \"%s\" in %s", name, text);
    for (at = skip_blanks(at + 1); *at != ']'; at += strspn(at, ", ")) {
        char *end;

        assert_true(count < capacity);
        values[count++] = strtoll(at, &end, 10);
        assert_true(end > at);
        at = end;
    }
    return count;
}

bool json_is_string(const char *text, const char *name, const char *want)
{
    const char *const value = json_member(text, name);
    const size_t length = strlen(want);

    return value != NULL && value[0] == '"' && strncmp(value + 1, want, length) == 0 &&
           value[1 + length] == '"';
}
