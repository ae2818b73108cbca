#include "problem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Keeps every sum and product of two of them, and of a few, inside int64_t. */
#define MOST 1000000000

static const char axis_letters[] = "dhw";
static const char field_letters[] = "iokspd";
enum { INPUT, OUTPUT, KERNEL, STRIDE, PAD, DILATION, FIELDS };

/* The values as they were read; -1 marks those that were not. */
struct reading {
    int64_t groups, batch, ic, oc;
    int64_t field[FIELDS][3]; /* [..][0] is d, [1] h, [2] w */
};

/* Where the value of the key at *text goes; moves past the key.  NULL for no key. */
static int64_t *find_key(const char **text, struct reading *reading)
{
    const char *t = *text;
    const char *field, *axis;

    if (t[0] == 'g') {
        *text = t + 1;
        return &reading->groups;
    }
    if (t[0] == '\0' || t[1] == '\0')
        return NULL;
    *text = t + 2;
    if (strncmp(t, "mb", 2) == 0)
        return &reading->batch;
    if (strncmp(t, "ic", 2) == 0)
        return &reading->ic;
    if (strncmp(t, "oc", 2) == 0)
        return &reading->oc;
    field = strchr(field_letters, t[0]);
    axis = strchr(axis_letters, t[1]);
    if (field == NULL || axis == NULL)
        return NULL;
    return &reading->field[field - field_letters][axis - axis_letters];
}

/* One key and its number; moves past them. */
static bool read_pair(const char **text, struct reading *reading, struct reason *why)
{
    const char *key = *text;
    int64_t *value = find_key(text, reading);
    char *end;

    if (value == NULL)
        return deny(why, "\"%.12s\" begins with no key of the notation", key);
    if (*value != -1)
        return deny(why, "%.*s is given twice", (int)(*text - key), key);
    if (**text < '0' || **text > '9')
        return deny(why, "%.*s has no number", (int)(*text - key), key);
    errno = 0;
    *value = strtoll(*text, &end, 10);
    if (errno != 0 || *value > MOST)
        return deny(why, "%.*s is larger than %d", (int)(*text - key), key, MOST);
    *text = end;
    return true;
}

/* n"name" to the end of the text. */
static bool read_name(const char *text, char *name)
{
    const size_t length = strcspn(text + 2, "\"");

    if (text[2 + length] != '"' || text[3 + length] != '\0' || length == 0 ||
        length >= PROBLEM_NAME)
        return false;
    memcpy(name, text + 2, length);
    name[length] = '\0';
    return true;
}

static int64_t or_default(int64_t value, int64_t absent)
{
    return value == -1 ? absent : value;
}

static bool finish_axis(const struct reading *reading, int axis, struct problem *p, int a,
                        struct reason *why)
{
    const char letter = axis_letters[axis];
    int64_t span;

    p->in[a] = or_default(reading->field[INPUT][axis], 0);
    p->kernel[a] = or_default(reading->field[KERNEL][axis], 0);
    p->stride[a] = or_default(reading->field[STRIDE][axis], 1);
    p->dilation[a] = or_default(reading->field[DILATION][axis], 0) + 1;
    p->pad[a] = or_default(reading->field[PAD][axis], 0);
    if (p->in[a] < 1 || p->kernel[a] < 1 || p->stride[a] < 1)
        return deny(why, "i%c, k%c and s%c must be there and at least 1", letter, letter, letter);
    span = (p->in[a] - 1) * p->stride[a] + p->dilation[a] * (p->kernel[a] - 1) + 1;
    p->out[a] = or_default(reading->field[OUTPUT][axis], span - 2 * p->pad[a]);
    if (p->out[a] < 1)
        return deny(why, "o%c is %" PRId64 "; it must be at least 1", letter, p->out[a]);
    return true;
}

static bool finish(const struct reading *reading, struct problem *p, struct reason *why)
{
    int first = 2;

    p->groups = or_default(reading->groups, 1);
    p->batch = or_default(reading->batch, 1);
    p->ic = or_default(reading->ic, 0);
    p->oc = or_default(reading->oc, 0);
    if (p->groups < 1 || p->batch < 1 || p->ic < 1 || p->oc < 1)
        return deny(why, "g, mb, ic and oc must be at least 1");
    if (p->ic % p->groups != 0 || p->oc % p->groups != 0)
        return deny(why, "g does not divide ic and oc");
    for (int axis = 0; axis < 3; axis++)
        for (int f = 0; f < FIELDS; f++)
            if (reading->field[f][axis] != -1 && axis < first)
                first = axis;
    p->rank = 3 - first;
    for (int a = 0; a < p->rank; a++)
        if (!finish_axis(reading, first + a, p, a, why))
            return false;
    return true;
}

bool problem_parse(const char *text, struct problem *problem_out, struct reason *why)
{
    struct problem p = {.rank = 0};
    struct reading reading;
    const char *at = text;

    memset(&reading, -1, sizeof reading); /* every value -1 */
    if (strlen(text) >= sizeof p.text)
        return deny(why, "a problem has at most %d characters", PROBLEM_TEXT - 1);
    while (*at != '\0' && strncmp(at, "n\"", 2) != 0) {
        if (*at == '_')
            at++;
        else if (!read_pair(&at, &reading, why))
            return false;
    }
    if (!finish(&reading, &p, why))
        return false;
    snprintf(p.text, sizeof p.text, "%.*s", (int)(at - text), text);
    if (p.text[strlen(p.text) - 1] == '_')
        p.text[strlen(p.text) - 1] = '\0';
    snprintf(p.name, sizeof p.name, "%.*s", PROBLEM_NAME - 1, p.text);
    if (*at != '\0' && !read_name(at, p.name))
        return deny(why, "the name is not of the form _n\"name\" with 1 to %d characters",
                    PROBLEM_NAME - 1);
    *problem_out = p;
    return true;
}

/* Cuts the line's end off; false if it is longer than the buffer. */
static bool trim(char *line)
{
    size_t length = strlen(line);
    const bool whole = length == 0 || line[length - 1] == '\n' || length < PROBLEM_TEXT;

    while (length > 0 && strchr(" \t\r\n", line[length - 1]) != NULL)
        line[--length] = '\0';
    return whole;
}

static bool read_lines(FILE *file, const char *path, struct problem **list, size_t *count,
                       struct reason *why)
{
    char line[PROBLEM_TEXT + 2];
    size_t capacity = 0;
    struct reason detail;

    for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        if (line[0] == '#') {
            /* A comment may be longer than the buffer: skip to its end. */
            while (strchr(line, '\n') == NULL && fgets(line, sizeof line, file) != NULL)
                continue;
            continue;
        }
        if (!trim(line))
            return deny(why, "%s:%d: the line is too long", path, number);
        if (line[0] == '\0')
            continue;
        if (*count == capacity) {
            struct problem *more;

            capacity = capacity == 0 ? 64 : 2 * capacity;
            more = realloc(*list, capacity * sizeof **list);
            if (more == NULL)
                return deny(why, "%s: no memory for the problems", path);
            *list = more;
        }
        if (!problem_parse(line, &(*list)[*count], &detail))
            return deny(why, "%s:%d: %s", path, number, detail.text);
        ++*count;
    }
    if (ferror(file))
        return deny(why, "%s: %s", path, strerror(errno));
    return true;
}

struct problem *problems_read(const char *path, size_t *count_out, struct reason *why)
{
    FILE *file = fopen(path, "r");
    struct problem *list = NULL;
    bool good;

    *count_out = 0;
    if (file == NULL) {
        deny(why, "%s: %s", path, strerror(errno));
        return NULL;
    }
    good = read_lines(file, path, &list, count_out, why);
    fclose(file);
    if (good && *count_out == 0)
        good = deny(why, "%s: no problems in it", path);
    if (!good) {
        free(list);
        return NULL;
    }
    return list;
}

double problem_flops(const struct problem *p)
{
    return 2.0 * (double)p->batch * (double)p->ic * (double)(p->oc / p->groups) *
           (double)problem_product(p, p->kernel) * (double)problem_product(p, p->in);
}
