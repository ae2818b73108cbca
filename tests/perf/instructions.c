/*
 * instructions.c - small executions whose instructions callgrind counts
 *
 * For each case, counted() executes a plan or a gradient once, on one thread;
 * everything else happens outside it.  The names of the cases are printed in their
 * order, after the OpenBLAS that they ran with.  See instructions.cmake.
 */
#include <stdio.h>
#include <stdlib.h>

#include <cblas.h>

#include "base/cpu.h"
#include "support/arena.h"
#include "support/check.h"

struct counted_case {
    tconv_algorithm algorithm;
    enum placement placement;
    bool gradient; /* of the weights, instead of the output */
    const char *problem;
};

/* A plan with all its buffers in an arena, or a gradient with its own. */
struct execution {
    struct arena arena;
    tconv_gradient *gradient; /* NULL: the plan */
    tconv_gradient_buffers gradient_buffers;
};

/* With linkage, so that callgrind finds it by its name. */
tconv_status counted(struct execution *e);

__attribute__((noinline)) tconv_status counted(struct execution *e)
{
    struct arena *a = &e->arena;

    if (e->gradient != NULL)
        return tconv_gradient_execute(e->gradient, &e->gradient_buffers, &a->error);
    return tconv_execute(a->plan, a->packed, &a->buffers, NULL, &a->error);
}

static void ended_well(tconv_status status, const struct execution *e)
{
    if (status == TCONV_OK)
        return;
    fprintf(stderr, "instructions: %s\n", e->arena.error.message);
    exit(1);
}

static void run_plan(struct execution *e, const struct sample *sample,
                     const struct arena_case *how)
{
    ended_well(arena_create(&e->arena, sample, how), e);
    ended_well(counted(e), e);
}

/* The output's numbers do not matter: they are those of an earlier y. */
static void run_gradient(struct execution *e, const struct sample *sample,
                         const struct arena_case *how)
{
    struct arena *a = &e->arena;
    const int rank = problem_rank(&sample->problem);
    tconv_options options = tconv_options_default();
    tconv_gradient_buffers *b = &e->gradient_buffers;

    options.algorithm = how->algorithm;
    options.threads = 1;
    field_create(&a->x, sample->dtype, how->placement, 0, rank, sample->problem.input, how->edge);
    field_create(&a->w, sample->dtype, how->placement, 0, rank, sample->problem.weights,
                 how->edge);
    field_create(&a->y, sample->dtype, how->placement, 0, rank, sample->output, how->edge);
    field_load(&a->x, sample->x);
    field_load(&a->y, sample->before);
    ended_well(tconv_gradient_create(&sample->problem.desc, &a->x.tensor, &a->w.tensor,
                                     &a->y.tensor, &options, &e->gradient, &a->error),
               e);
    *b = tconv_gradient_buffers_default();
    b->workspace_bytes = tconv_gradient_workspace_size(e->gradient);
    guard_create(&a->workspace, b->workspace_bytes, GUARD_END);
    b->workspace = a->workspace.data;
    b->input = a->x.data;
    b->grad_output = a->y.data;
    b->grad_weights = a->w.data;
    ended_well(counted(e), e);
}

static void run(const struct counted_case *c)
{
    const struct arena_case how = {
        .algorithm = c->algorithm, .placement = c->placement, .threads = 1};
    const struct problem problem = problem_from(c->problem);
    struct execution e = {.gradient = NULL};
    struct sample sample;

    sample_create_with(&sample, &problem, TCONV_F32, FILL_REAL, 1, NULL);
    if (c->gradient)
        run_gradient(&e, &sample, &how);
    else
        run_plan(&e, &sample, &how);
    printf("%s%s/f32/%s/%s\n", c->gradient ? "gradient-" : "",
           tconv_algorithm_name(c->algorithm), placement_name(c->placement), c->problem);
    tconv_gradient_destroy(e.gradient);
    arena_destroy(&e.arena);
    sample_destroy(&sample);
}

int main(void)
{
    static const struct counted_case cases[] = {
        {TCONV_ALGORITHM_DIRECT, PLACE_NCX, false, "mb1ic16oc16_ih32kh4sh2ph1_iw32kw4sw2pw1"},
        {TCONV_ALGORITHM_DIRECT, PLACE_NXC, false, "mb1ic16oc16_ih32kh4sh2ph1_iw32kw4sw2pw1"},
        {TCONV_ALGORITHM_DIRECT, PLACE_NXC, false,
         "g32mb1ic32oc32_ih24kh4sh2ph1_iw24kw4sw2pw1"},
        {TCONV_ALGORITHM_DIRECT, PLACE_NCX, false,
         "g32mb1ic32oc32_ih24kh4sh2ph1_iw24kw4sw2pw1"},
        {TCONV_ALGORITHM_DIRECT, PLACE_NCX, false, "mb1ic32oc16_iw600kw16sw8pw4+bias"},
        {TCONV_ALGORITHM_DIRECT, PLACE_NCX, false,
         "mb1ic16oc16_ih32kh3ph1_iw32kw3pw1+conv+bias+relu"},
        {TCONV_ALGORITHM_WINOGRAD, PLACE_NCX, false,
         "mb1ic32oc32_ih24kh4sh2ph1_iw24kw4sw2pw1"},
        {TCONV_ALGORITHM_WINOGRAD, PLACE_NXC, false,
         "mb1ic32oc32_ih24kh4sh2ph1_iw24kw4sw2pw1"},
        {TCONV_ALGORITHM_GEMM, PLACE_NCX, false, "mb1ic64oc32_ih16kh4sh2ph1_iw16kw4sw2pw1"},
        {TCONV_ALGORITHM_GEMM, PLACE_NXC, false, "mb1ic64oc32_ih16kh4sh2ph1_iw16kw4sw2pw1"},
        {TCONV_ALGORITHM_GEMM, PLACE_NCX, false,
         "mb1ic32oc64_ih32kh4sh2ph1_iw32kw4sw2pw1+conv"},
        {TCONV_ALGORITHM_COLUMNS, PLACE_NCX, false, "mb1ic64oc32_ih16kh4sh2ph1_iw16kw4sw2pw1"},
        {TCONV_ALGORITHM_COLUMNS, PLACE_NXC, false, "mb1ic64oc32_ih16kh4sh2ph1_iw16kw4sw2pw1"},
        {TCONV_ALGORITHM_COLUMNS, PLACE_NCX, false,
         "mb1ic32oc64_ih32kh4sh2ph1_iw32kw4sw2pw1+conv"},
        {TCONV_ALGORITHM_DIRECT, PLACE_NCX, true, "mb2ic32oc16_ih12kh4sh2ph1_iw12kw4sw2pw1"},
    };

    if (tcv_cpu_features() != TCV_CPU_AVX2) {
        fputs("instructions: run me with TCONV_TEST_CPU=avx2 on a machine with AVX2\n", stderr);
        return 77;
    }
    puts(openblas_get_config());
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        run(&cases[i]);
    return 0;
}
