#include "support/arena.h"

#include <string.h>

#include "support/check.h"

/* A view's form follows from the problem, and differs between x, w and y. */
static unsigned form_of(const struct problem *problem, unsigned salt)
{
    unsigned sum = salt;

    for (int d = 0; d < problem_rank(problem); d++)
        sum = sum * 3 + (unsigned)(problem->input[d] + problem->weights[d]);
    return sum;
}

static void create_vector(struct guard *vector, int64_t length, const double *values,
                          const struct arena *arena)
{
    const tconv_dtype dtype = arena->sample->dtype;

    guard_create(vector, (size_t)length * dtype_bytes(dtype), arena->how.edge);
    for (int64_t i = 0; i < length; i++) {
        const float narrow = (float)values[i];

        if (dtype == TCONV_F64)
            memcpy(vector->data + i * 8, &values[i], 8);
        else
            memcpy(vector->data + i * 4, &narrow, 4);
    }
}

static void create_memory(struct arena *arena)
{
    const struct sample *s = arena->sample;
    const struct problem *p = &s->problem;
    const tconv_epilogue *e = &p->desc.epilogue;
    const enum placement place = arena->how.placement;
    const enum guard_edge edge = arena->how.edge;
    const int rank = problem_rank(p);

    field_create(&arena->x, s->dtype, place, form_of(p, 0), rank, p->input, edge);
    field_create(&arena->w, s->dtype, place, form_of(p, 1), rank, p->weights, edge);
    field_create(&arena->y, s->dtype, place, form_of(p, 2), rank, s->output, edge);
    field_load(&arena->x, s->x);
    field_load(&arena->w, s->w);
    create_vector(&arena->bias, e->bias_length, s->bias, arena);
    create_vector(&arena->scale, e->scale_length, s->scale, arena);
    create_vector(&arena->shift, e->shift_length, s->shift, arena);
}

static uint64_t hash_read_only(const struct arena *a)
{
    return guard_hash(&a->x.memory) ^ guard_hash(&a->bias) * 3 ^
           guard_hash(&a->scale) * 5 ^ guard_hash(&a->shift) * 7;
}

/* A vector that is not in use is given as NULL: the plan must not look at it. */
static const void *vector_data(const struct guard *vector, int64_t length)
{
    return length != 0 ? vector->data : NULL;
}

static void set_buffers(struct arena *arena)
{
    const tconv_epilogue *e = &arena->sample->problem.desc.epilogue;

    arena->buffers = tconv_buffers_default();
    arena->buffers.input = arena->x.data;
    arena->buffers.output = arena->y.data;
    arena->buffers.bias = vector_data(&arena->bias, e->bias_length);
    arena->buffers.scale = vector_data(&arena->scale, e->scale_length);
    arena->buffers.shift = vector_data(&arena->shift, e->shift_length);
    arena->buffers.workspace_bytes = tconv_plan_workspace_size(arena->plan);
    if (arena->how.edge == GUARD_BEGIN) /* a workspace needs no alignment at all */
        guard_create_odd(&arena->workspace, arena->buffers.workspace_bytes);
    else
        guard_create(&arena->workspace, arena->buffers.workspace_bytes, GUARD_END);
    arena->buffers.workspace = arena->workspace.data;
    arena->read_only = hash_read_only(arena);
}

tconv_status arena_create(struct arena *arena, const struct sample *sample,
                          const struct arena_case *how)
{
    tconv_status status;
    uint64_t weights_before;

    memset(arena, 0, sizeof *arena);
    arena->sample = sample;
    arena->how = *how;
    create_memory(arena);
    weights_before = guard_hash(&arena->w.memory);

    arena->options = tconv_options_default();
    arena->options.algorithm = how->algorithm;
    arena->options.threads = how->threads;
    arena->options.parallel_for = how->parallel_for;
    arena->options.parallel_context = how->parallel_context;
    if (how->workspace_limit != 0)
        arena->options.workspace_limit_bytes = how->workspace_limit;
    status = tconv_plan_create(&sample->problem.desc, &arena->x.tensor, &arena->w.tensor,
                               &arena->y.tensor, &arena->options, &arena->plan,
                               &arena->error);
    if (status != TCONV_OK)
        return status;

    if (tconv_weights_pack(arena->plan, arena->w.data, &arena->packed, &arena->error) !=
        TCONV_OK)
        fail_msg("tconv_weights_pack: %s", arena->error.message);
    assert_true(guard_hash(&arena->w.memory) == weights_before);
    assert_true(guard_intact(&arena->w.memory));
    field_destroy(&arena->w);
    set_buffers(arena);
    arena_poison(arena);
    return TCONV_OK;
}

void arena_destroy(struct arena *arena)
{
    tconv_weights_destroy(arena->packed);
    tconv_plan_destroy(arena->plan);
    field_destroy(&arena->x);
    field_destroy(&arena->w);
    field_destroy(&arena->y);
    guard_destroy(&arena->bias);
    guard_destroy(&arena->scale);
    guard_destroy(&arena->shift);
    guard_destroy(&arena->workspace);
    memset(arena, 0, sizeof *arena);
}

void arena_poison(struct arena *arena)
{
    memset(arena->y.memory.data, 0xff, arena->y.memory.bytes);
    if (arena->sample->problem.desc.epilogue.accumulate)
        field_load(&arena->y, arena->sample->before);
    memset(arena->workspace.data, arena->how.scratch, arena->workspace.bytes);
}

void arena_execute(struct arena *arena)
{
    arena_poison(arena);
    if (tconv_execute(arena->plan, arena->packed, &arena->buffers, NULL, &arena->error) !=
        TCONV_OK)
        fail_msg("tconv_execute: %s", arena->error.message);
}

void assert_nothing_else_touched(const struct arena *arena)
{
    if (hash_read_only(arena) != arena->read_only)
        fail_msg("an input was written to");
    if (!field_gaps_intact(&arena->x) || !field_gaps_intact(&arena->y))
        fail_msg("something was written between the elements or beside them");
    if (!guard_intact(&arena->workspace) || !guard_intact(&arena->bias) ||
        !guard_intact(&arena->scale) || !guard_intact(&arena->shift))
        fail_msg("something was written beside a buffer");
}
