/*
 * json.c - writes one JSON object to stdout, member by member
 *
 * Every member but an object's first is preceded by a comma; an object that has
 * ended was itself a member.  Source: RFC 8259.
 */
#include "cli/json.h"

#include <inttypes.h>
#include <stdio.h>

static void put_string(const char *text)
{
    (void)putchar('"');
    for (; *text != '\0'; text++) {
        const unsigned char letter = (unsigned char)*text;

        if (letter == '"' || letter == '\\')
            (void)printf("\\%c", letter);
        else if (letter < 0x20 || letter == 0x7f)
            (void)printf("\\u%04x", letter);
        else
            (void)putchar(letter);
    }
    (void)putchar('"');
}

static void put_name(struct tcv_json *json, const char *name)
{
    (void)printf("%s\"%s\": ", json->has_members ? ", " : "", name);
    json->has_members = true;
}

void tcv_json_open(struct tcv_json *json)
{
    (void)putchar('{');
    json->has_members = false;
}

void tcv_json_close(struct tcv_json *json)
{
    tcv_json_end(json);
    (void)putchar('\n');
}

void tcv_json_string(struct tcv_json *json, const char *name, const char *text)
{
    put_name(json, name);
    put_string(text);
}

void tcv_json_integer(struct tcv_json *json, const char *name, uint64_t value)
{
    put_name(json, name);
    (void)printf("%" PRIu64, value);
}

void tcv_json_real(struct tcv_json *json, const char *name, double value)
{
    put_name(json, name);
    /* Whole numbers without an exponent up to 2^53, 17 digits beyond. */
    (void)printf("%.17g", value);
}

void tcv_json_sizes(struct tcv_json *json, const char *name, const int64_t *values, int count)
{
    put_name(json, name);
    (void)putchar('[');
    for (int i = 0; i < count; i++)
        (void)printf("%s%" PRId64, i > 0 ? ", " : "", values[i]);
    (void)putchar(']');
}

void tcv_json_begin(struct tcv_json *json, const char *name)
{
    put_name(json, name);
    tcv_json_open(json);
}

void tcv_json_end(struct tcv_json *json)
{
    (void)putchar('}');
    json->has_members = true;
}
