/*
 * json.h - enough of a JSON reader to check what the command prints
 */
#ifndef TESTS_CLI_JSON_H
#define TESTS_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether text is one JSON value by RFC 8259 and a newline, nothing else. */
bool json_is_line(const char *text);

/*
 * The member called name of the object that text begins with: a pointer to its
 * value, or NULL.  The text must be JSON.
 */
const char *json_member(const char *text, const char *name);

/* The member's value, which must be there and be a number. */
double json_number(const char *text, const char *name);

/* Its numbers, which must be at most capacity; returns how many there are. */
int json_numbers(const char *text, const char *name, int64_t *values, int capacity);

/* Whether the member is exactly this string. */
bool json_is_string(const char *text, const char *name, const char *want);

#endif
