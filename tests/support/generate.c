#include "support/generate.h"

#include "support/axes.h"
#include "support/rng.h"

/* Multiply-adds and outputs of the largest problem: a millisecond or so. */
enum { WORK_LIMIT = 60000, OUTPUT_LIMIT = 12000 };

static int64_t pick(struct rng *rng, const int64_t *choices, int count)
{
    return choices[rng_between(rng, 0, count - 1)];
}
#define PICK(rng, ...)                                                                   \
    pick(rng, (const int64_t[]){__VA_ARGS__},                                            \
         (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))

static void choose_channels(struct rng *rng, struct problem *p)
{
    const int64_t groups = PICK(rng, 1, 1, 1, 1, 2, 3, 5);
    const int64_t inner = PICK(rng, 1, 1, 2, 3, 4, 7, 17, 40);
    const int64_t outer = PICK(rng, 1, 1, 2, 3, 4, 5, 9, 20);

    p->desc.groups = groups;
    p->input[0] = PICK(rng, 1, 1, 1, 2, 3, 6, 0);
    p->input[1] = groups * inner;
    p->weights[0] = p->desc.op == TCONV_CONV ? groups * outer : groups * inner;
    p->weights[1] = p->desc.op == TCONV_CONV ? inner : outer;
}

/* Crops, or paddings that add, of up to the kernel's reach and a bit. */
static void choose_explicit(struct rng *rng, int a, int64_t reach, struct problem *p)
{
    tconv_desc *desc = &p->desc;

    desc->pad_begin[a] = rng_chance(rng, 20) ? -rng_between(rng, 0, 3)
                                             : rng_between(rng, 0, reach + 1);
    if (rng_chance(rng, 30)) {
        desc->output_size[a] =
            rng_between(rng, 1, (p->input[a + 2] - 1) * desc->stride[a] + reach + 5);
        return;
    }
    desc->pad_end[a] = rng_chance(rng, 50) ? desc->pad_begin[a]
                                           : rng_between(rng, -3, reach + 1);
    if (desc->op != TCONV_CONV && rng_chance(rng, 30))
        desc->output_padding[a] = rng_between(rng, 0, desc->stride[a] + 2);
}

static void choose_axis(struct rng *rng, int a, struct problem *p)
{
    const bool single = p->desc.spatial_rank == 1;
    tconv_desc *desc = &p->desc;
    int64_t reach;

    desc->stride[a] = single ? PICK(rng, 1, 2, 2, 3, 4, 5, 8) : PICK(rng, 1, 2, 2, 3, 4);
    desc->dilation[a] = PICK(rng, 1, 1, 1, 1, 2, 3);
    if (rng_chance(rng, 30))
        p->weights[a + 2] = desc->stride[a] * rng_between(rng, 1, 2);
    else
        p->weights[a + 2] = rng_between(rng, 1, single ? 11 : 5);
    p->input[a + 2] = rng_between(rng, 1, single ? 60 : 9);
    reach = desc->dilation[a] * (p->weights[a + 2] - 1) + 1;

    if (desc->auto_pad == TCONV_PAD_EXPLICIT)
        choose_explicit(rng, a, reach, p);
    else if (rng_chance(rng, 40))
        desc->output_size[a] =
            rng_between(rng, 1, p->input[a + 2] * desc->stride[a] + reach);
    else if (desc->op != TCONV_CONV && rng_chance(rng, 40))
        desc->output_padding[a] = rng_between(rng, 0, 4);
}

/* Constants that a float holds exactly: the oracle in double uses the same. */
static void choose_epilogue(struct rng *rng, struct problem *p)
{
    tconv_epilogue *e = &p->desc.epilogue;
    const int64_t oc = problem_out_channels(p);

    e->bias_length = rng_chance(rng, 60) ? oc : 0;
    e->scale_length = rng_chance(rng, 25) ? oc : 0;
    e->shift_length = rng_chance(rng, 25) ? oc : 0;
    e->accumulate = rng_chance(rng, 25);
    if (rng_chance(rng, 50))
        e->activation = (tconv_activation)rng_between(rng, TCONV_ACTIVATION_RELU,
                                                      TCONV_ACTIVATION_TANH);
    if (e->activation == TCONV_ACTIVATION_LEAKY_RELU)
        e->alpha = (double)rng_between(rng, -8, 8) / 4.0;
    if (e->activation == TCONV_ACTIVATION_CLIP) {
        e->alpha = (double)rng_between(rng, -8, 2) / 8.0;
        e->beta = e->alpha + (double)rng_between(rng, 0, 8) / 8.0;
    }
}

static bool is_small(const struct problem *p)
{
    struct axes g;
    int64_t outputs;
    double work;

    if (!axes_of(p, &g))
        return false;
    work = (double)(p->input[0] * p->weights[0] * p->weights[1] * axes_taps(&g)) *
           (double)(p->desc.op == TCONV_CONV ? axes_outputs(&g) : axes_inputs(&g));
    outputs = p->input[0] * problem_out_channels(p) * axes_outputs(&g);
    return work <= WORK_LIMIT && outputs <= OUTPUT_LIMIT;
}

static struct problem generate(uint64_t seed, tconv_op op)
{
    struct rng rng = {seed * 2 + 1};
    struct problem p;

    do {
        p = (struct problem){.desc = tconv_desc_default((int32_t)PICK(&rng, 1, 1, 2, 2, 3))};
        p.desc.op = op;
        p.desc.auto_pad = (tconv_auto_pad)PICK(
            &rng, TCONV_PAD_EXPLICIT, TCONV_PAD_EXPLICIT, TCONV_PAD_EXPLICIT,
            TCONV_PAD_EXPLICIT, TCONV_PAD_SAME_UPPER, TCONV_PAD_SAME_LOWER, TCONV_PAD_VALID);
        choose_channels(&rng, &p);
        for (int a = 0; a < p.desc.spatial_rank; a++)
            choose_axis(&rng, a, &p);
        choose_epilogue(&rng, &p);
    } while (!is_small(&p));
    return p;
}

struct problem generate_problem(uint64_t seed)
{
    return generate(seed, TCONV_CONV_TRANSPOSE);
}

struct problem generate_conv(uint64_t seed)
{
    return generate(seed, TCONV_CONV);
}
