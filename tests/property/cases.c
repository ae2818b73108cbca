#include "property/cases.h"

#include <stdlib.h>

#include "support/generate.h"

enum { SEEDS = 24 };

static const char *const small_problems[] = {
    "mb2ic3oc5_ih4kh3sh2ph1_iw7kw2sw3pw1+bias+relu",
    "mb1ic4oc6_ih5kh4sh2ph1_iw6kw4sw2pw1+bias",
    "mb2ic3oc4_iw9kw8sw4pw2+scale+shift+sigmoid",
    "mb1ic5oc3_iw6kw2sw5aw4+bias",
    "mb1ic4oc3_ih5kh2sh2_iw5kw2sw2+acc+leaky:0.25",
    "g2mb2ic4oc6_ih3kh3sh2ph1qh2_iw5kw3sw1pw-1qw2+bias",
    "g6mb1ic6oc6_ih4kh4sh2ph1_iw7kw4sw2pw1+scale",
    "mb1ic3oc2_id3kd4sd2pd1_ih2kh3sh1ph1_iw4kw2sw2+acc",
    "mb1ic2oc3_iw8kw3sw2dw2pw3+clip:-0.5:0.5",
    "mb1ic17oc9_iw3kw16sw8pw4+bias+tanh",
    "mb9ic5oc4_ih2kh4sh2ph1_iw2kw4sw2pw1+bias",
    "mb1ic2oc2_ih4kh3sh2_iw4kw3sw2+same-lower",
    /* direct: images of a pixel or two, alone and an odd number of them */
    "mb1ic40oc5_ih1kh4sh2ph1_iw1kw4sw2pw1+bias",
    "mb5ic36oc4_ih1kh3_iw1kw3+relu",
    "mb3ic36oc3_ih2kh3sh2ph1_iw1kw4sw2pw1+bias",
    /* direct: taps that all phases have, and the last ones */
    "mb1ic9oc1_ih14kh9sh2ph4_iw20kw9sw2pw4+bias",
    "mb1ic5oc3_ih9kh5sh2ph2_iw18kw5sw3pw1+acc",
    "mb1ic4oc2_id3kd3sd2_ih4kh5sh2ph1_iw19kw3sw2pw1+bias",
    /* winograd: F(2,2) twice, for padding between strides that resizing may change; F(3,3) */
    "mb1ic4oc24_ih8kh4sh2ph1_iw8kw4sw2pw1+bias",
    "mb1ic9oc16_ih8kh6sh3ph2_iw8kw6sw3pw2",
    "mb1ic4oc24_ih8oh16kh4sh2_iw8ow16kw4sw2+same-lower",
    "mb1ic9oc3_iw48kw3pw1",
    /* direct, channels last: phases apart, and as runs of a row */
    "mb1ic24oc32_ih7kh3sh2ph1ah1_iw9kw3sw2pw1aw1+bias",
    "mb2ic5oc6_ih9kh4sh2_iw12kw16sw8+scale+shift",
    /* columns, channels last: one tap for each output; runs of a vector, and with edges */
    "mb3ic5oc16_ih4kh2sh2_iw5kw2sw2+bias",
    "mb3ic5oc8_ih4kh2sh2_iw5kw2sw2+bias",
    "g2mb1ic6oc64_ih5kh2sh2ph1_iw7kw3sw3pw1qw2+scale+shift",
};

/* For what holds of any operation: strides that winograd takes, and one that it does not. */
static const char *const small_convolutions[] = {
    "mb2ic5oc4_ih9kh4sh2ph1_iw11kw4sw2pw1+bias+conv",
    "mb1ic18oc3_ih12kh5sh2ph2_iw13kw5sw2pw2+relu+conv",
    "g2mb1ic4oc6_iw60kw16sw8pw4+acc+conv",
    "mb1ic2oc3_id6kd4sd2pd1_ih5kh3sh1ph1_iw7kw1sw2+scale+conv",
    "mb2ic3oc5_ih9kh3sh2ph1_iw10kw2sw5+conv",
    "mb1ic3oc4_ih9kh3sh3dh2_iw8kw3sw2pw4qw-1+bias+conv",
};

static const char *const large_convolutions[] = {
    "mb3ic20oc24_ih40kh4sh2ph1_iw75kw4sw2pw1+bias+conv",
    "mb1ic40oc18_iw900kw16sw8pw4+conv",
};

static const char *const large_problems[] = {
    "mb1ic24oc32_ih33kh4sh2ph1_iw41kw4sw2pw1+bias",
    "mb1ic16oc8_iw9000kw4sw2pw1+bias+leaky:0.25",
    "mb1ic24oc12_iw700kw16sw8pw4+acc",
    "mb1ic48oc16_ih5kh2sh2_iw1200kw2sw2",
    "mb1ic8oc8_id9kd3sd2pd1_ih17kh4sh2ph1_iw18kw3sw2pw1+scale+shift",
    "mb40ic24oc16_ih7kh4sh2ph1_iw9kw4sw2pw1+relu",
    "g4mb1ic32oc32_ih45kh4sh2ph1_iw40kw4sw2pw1+bias",
    "mb1ic12oc600_ih6kh3sh2ph1_iw9kw3sw2pw1+bias",
    "mb2ic24oc20_ih19kh5sh2ph2_iw31kw3sw2pw1+bias",
    "mb1ic16oc2_iw300kw256sw64+bias",
    "mb1ic32oc16_ih64kh2sh4_iw40kw2sw3dw1+bias",
    "mb2ic24oc560_ih21kh2sh2_iw19kw2sw2+bias",
    "mb1ic2oc8_ih260kh4sh2ph1_iw512kw4sw2pw1+bias", /* more than 16 MiB: past the caches */
};

static struct property_case *all_cases;

struct adding {
    struct suite *suite;
    const char *size, *name;
    CMUnitTestFunction test;
    CMFixtureFunction teardown;
    unsigned turn;
};

static void add_case(struct adding *a, const struct problem *problem, int algorithm,
                     tconv_dtype dtype)
{
    struct property_case *c = calloc(1, sizeof *c);
    char text[PROBLEM_TEXT];

    if (c == NULL)
        abort();
    c->problem = *problem;
    c->algorithm = (tconv_algorithm)algorithm;
    c->dtype = dtype;
    c->placement = (enum placement)(a->turn++ % PLACEMENTS);
    c->next = all_cases;
    all_cases = c;
    problem_print(problem, text);
    suite_add(a->suite, a->test, NULL, a->teardown, c, "%s/%s/%s/%s/%s/%s", a->size, a->name,
              tconv_algorithm_name(c->algorithm), dtype_name(dtype),
              placement_name(c->placement), text);
}

static void add_problem(struct adding *a, struct problem problem, unsigned kind)
{
    const int first = kind == PROPERTY_LARGE ? TCONV_ALGORITHM_REFERENCE + 1
                                             : TCONV_ALGORITHM_REFERENCE;

    if (kind == PROPERTY_PLAIN)
        problem.desc.epilogue = tconv_desc_default(1).epilogue;
    if (problem.input[0] == 0)
        problem.input[0] = 2;
    for (int i = first; tconv_algorithm_name((tconv_algorithm)i) != NULL; i++) {
        add_case(a, &problem, i, TCONV_F32);
        add_case(a, &problem, i, TCONV_F64);
        a->turn++; /* so that a type does not always get the same layouts */
    }
}

void property_add(struct suite *suite, const char *name, CMUnitTestFunction test,
                  CMFixtureFunction teardown, unsigned problems)
{
    struct adding a = {suite, "small", name, test, teardown, 0};
    const unsigned small = problems & (PROPERTY_PLAIN | PROPERTY_FULL);

    for (size_t i = 0; small != 0 && i < ARRAY_LEN(small_problems); i++)
        add_problem(&a, problem_from(small_problems[i]), small);
    for (uint64_t seed = 1000; small != 0 && seed < 1000 + SEEDS; seed++)
        add_problem(&a, generate_problem(seed), small);
    for (size_t i = 0; problems & PROPERTY_FULL && i < ARRAY_LEN(small_convolutions); i++)
        add_problem(&a, problem_from(small_convolutions[i]), PROPERTY_FULL);
    a.size = "large";
    for (size_t i = 0; problems & PROPERTY_LARGE && i < ARRAY_LEN(large_problems); i++)
        add_problem(&a, problem_from(large_problems[i]), PROPERTY_LARGE);
    for (size_t i = 0; problems & PROPERTY_LARGE && i < ARRAY_LEN(large_convolutions); i++)
        add_problem(&a, problem_from(large_convolutions[i]), PROPERTY_LARGE);
}

int property_run(struct suite *suite, int argc, char **argv)
{
    const int failed = suite_run(suite, argc, argv);

    while (all_cases != NULL) {
        struct property_case *c = all_cases;

        all_cases = c->next;
        free(c);
    }
    return failed;
}

void property_arena(struct arena *arena, const struct sample *sample,
                    const struct property_case *c)
{
    const struct arena_case how = {.algorithm = c->algorithm,
                                   .placement = c->placement,
                                   .scratch = 0xff,
                                   .threads = 1};

    if (arena_create(arena, sample, &how) == TCONV_OK)
        return;
    if (arena->error.status != TCONV_ERR_UNSUPPORTED)
        fail_msg("tconv_plan_create: %s", arena->error.message);
    arena_destroy(arena);
    skip();
}

void property_apply(const struct sample *sample, const struct property_case *c, double *y)
{
    struct arena arena;

    property_arena(&arena, sample, c);
    arena_execute(&arena);
    for (int64_t i = 0; i < sample->y_count; i++)
        y[i] = field_get(&arena.y, i);
    arena_destroy(&arena);
}
