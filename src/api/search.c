/*
 * search.c - the fastest algorithm, by trying
 *
 * Candidates take turns, so that a machine that slows down slows all of them; the
 * median of each counts.  Short ones are run several times a turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/checked.h"
#include "base/clock.h"
#include "core/error.h"
#include "plan/choice.h"

#define TURNS 7
/* A turn lasts at least this long, in seconds. */
#define TURN 1e-3

/* Elements of a tensor, all zero, where a pointer to element 0 belongs. */
struct zeros {
    char *memory, *data;
};

struct candidate {
    tconv_plan *plan;
    tconv_weights *packed;
    void *workspace;
    double seconds[TURNS];
};

struct search {
    const tconv_desc *desc;
    const tconv_tensor *input, *weights, *output;
    tconv_options options;
    struct zeros x, w, y, vector; /* vector: bias, scale and shift */
    struct candidate candidate[TCV_ALGORITHMS];
    int count;
};

static tconv_status make_zeros(const tconv_tensor *t, struct zeros *z, tconv_error *error)
{
    int64_t low = 0, high = 0; /* a plan was made, so none of this overflows */
    size_t bytes;

    for (int a = 0; a < t->rank; a++) {
        const int64_t reach = (tcv_max(t->size[a], 1) - 1) * t->stride[a];

        low += tcv_min(reach, 0);
        high += tcv_max(reach, 0);
    }
    bytes = (size_t)(high - low + 1) * tcv_dtype_bytes(t->dtype);
    z->memory = tcv_alloc(bytes);
    if (z->memory == NULL)
        return tcv_fail(error, TCONV_ERR_OUT_OF_MEMORY,
                        "a tensor to time with: no memory for %zu bytes", bytes);
    memset(z->memory, 0, bytes);
    z->data = z->memory + (size_t)-low * tcv_dtype_bytes(t->dtype);
    return TCONV_OK;
}

static tconv_status run(const struct search *s, const struct candidate *c, tconv_error *error)
{
    tconv_buffers b = tconv_buffers_default();

    b.input = s->x.data;
    b.output = s->y.data;
    b.bias = b.scale = b.shift = s->vector.data;
    b.workspace = c->workspace;
    b.workspace_bytes = tconv_plan_workspace_size(c->plan);
    return tconv_execute(c->plan, c->packed, &b, NULL, error);
}

/* Adds a candidate, run once; one that the limit on the workspace excludes is left out. */
static tconv_status add(struct search *s, tconv_algorithm algorithm, tconv_error *error)
{
    struct candidate *c = &s->candidate[s->count];
    size_t bytes;
    tconv_status status;

    s->options.algorithm = algorithm;
    status = tconv_plan_create(s->desc, s->input, s->weights, s->output, &s->options, &c->plan,
                               error);
    if (status != TCONV_OK)
        return status == TCONV_ERR_WORKSPACE_TOO_SMALL ? TCONV_OK : status;
    s->count++;
    status = tconv_weights_pack(c->plan, s->w.data, &c->packed, error);
    if (status != TCONV_OK)
        return status;
    bytes = tconv_plan_workspace_size(c->plan);
    c->workspace = tcv_alloc(bytes);
    if (c->workspace == NULL)
        return tcv_fail(error, TCONV_ERR_OUT_OF_MEMORY, "workspace: no memory for %zu bytes",
                        bytes);
    return run(s, c, error);
}

static tconv_status add_all(struct search *s, const tconv_plan *chosen, tconv_error *error)
{
    const bool reference = chosen->algo->id == TCONV_ALGORITHM_REFERENCE;
    tconv_status status = TCONV_OK;

    for (size_t i = 0; status == TCONV_OK && tcv_algo_at(i) != NULL; i++) {
        const tconv_algorithm id = tcv_algo_at(i)->id;

        if (chosen->cost[id] > 0.0 && (id == TCONV_ALGORITHM_REFERENCE) == reference)
            status = add(s, id, error);
    }
    return status;
}

/* Seconds of one run. */
static tconv_status take_turn(const struct search *s, const struct candidate *c,
                              double *seconds_out, tconv_error *error)
{
    const double begin = tcv_seconds();
    int64_t runs = 0;
    double passed;

    do {
        const tconv_status status = run(s, c, error);

        if (status != TCONV_OK)
            return status;
        runs++;
        passed = tcv_seconds() - begin;
    } while (passed < TURN);
    *seconds_out = passed / (double)runs;
    return TCONV_OK;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static tconv_status find_fastest(struct search *s, const struct candidate **fastest_out,
                                 tconv_error *error)
{
    for (int turn = 0; s->count > 1 && turn < TURNS; turn++)
        for (int i = 0; i < s->count; i++) {
            struct candidate *c = &s->candidate[i];
            const tconv_status status = take_turn(s, c, &c->seconds[turn], error);

            if (status != TCONV_OK)
                return status;
        }
    *fastest_out = &s->candidate[0];
    for (int i = 0; i < s->count; i++) {
        qsort(s->candidate[i].seconds, TURNS, sizeof(double), compare);
        if (s->candidate[i].seconds[TURNS / 2] < (*fastest_out)->seconds[TURNS / 2])
            *fastest_out = &s->candidate[i];
    }
    return TCONV_OK;
}

static tconv_status measure(struct search *s, const tconv_plan *chosen, char *line,
                            tconv_error *error)
{
    const tconv_tensor channels = {.dtype = s->input->dtype, .rank = 1,
                                   .size = {chosen->problem.groups * chosen->problem.oc},
                                   .stride = {1}};
    const struct candidate *fastest;
    char key[TCV_KEY_BYTES];
    tconv_status status = make_zeros(s->input, &s->x, error);

    if (status == TCONV_OK)
        status = make_zeros(s->weights, &s->w, error);
    if (status == TCONV_OK)
        status = make_zeros(s->output, &s->y, error);
    if (status == TCONV_OK)
        status = make_zeros(&channels, &s->vector, error);
    if (status == TCONV_OK)
        status = add_all(s, chosen, error);
    if (status == TCONV_OK)
        status = find_fastest(s, &fastest, error);
    if (status != TCONV_OK)
        return status;
    tcv_choice_key(fastest->plan, key);
    snprintf(line, TCONV_CHOICE_BYTES, "%s: %s\n", key, fastest->plan->algo->name);
    return TCONV_OK;
}

static void clear(struct search *s)
{
    for (int i = 0; i < s->count; i++) {
        tcv_free(s->candidate[i].workspace);
        tconv_weights_destroy(s->candidate[i].packed);
        tconv_plan_destroy(s->candidate[i].plan);
    }
    tcv_free(s->x.memory);
    tcv_free(s->w.memory);
    tcv_free(s->y.memory);
    tcv_free(s->vector.memory);
}

tconv_status tconv_search(const tconv_desc *desc, const tconv_tensor *input,
                          const tconv_tensor *weights, const tconv_tensor *output,
                          const tconv_options *options, char line_out[TCONV_CHOICE_BYTES],
                          tconv_error *error)
{
    struct search s = {.desc = desc, .input = input, .weights = weights, .output = output,
                       .options = options != NULL ? *options : tconv_options_default()};
    tconv_plan *chosen;
    tconv_status status;

    if (line_out == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "line_out is NULL");
    line_out[0] = '\0';
    s.options.algorithm = TCONV_ALGORITHM_AUTO;
    s.options.choices = NULL;
    status = tconv_plan_create(desc, input, weights, output, &s.options, &chosen, error);
    if (status == TCONV_OK)
        status = measure(&s, chosen, line_out, error);
    clear(&s);
    tconv_plan_destroy(chosen);
    return status;
}
