/*
 * json.h - writes one JSON object to stdout, member by member
 */
#ifndef TCV_CLI_JSON_H
#define TCV_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>

struct tcv_json {
    bool has_members; /* the innermost object that is open */
};

void tcv_json_open(struct tcv_json *json);
void tcv_json_close(struct tcv_json *json);

/* Each writes one member; the name needs no escaping, a string may hold anything. */
void tcv_json_string(struct tcv_json *json, const char *name, const char *text);
void tcv_json_integer(struct tcv_json *json, const char *name, uint64_t value);
void tcv_json_real(struct tcv_json *json, const char *name, double value); /* finite */
void tcv_json_sizes(struct tcv_json *json, const char *name, const int64_t *values, int count);

/* A member that is an object; what follows goes into it until the end. */
void tcv_json_begin(struct tcv_json *json, const char *name);
void tcv_json_end(struct tcv_json *json);

#endif
