#include "operation.h"

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/*
 * Most taps of an axis that meet an input at one output: tap k lies k * dilation after the first,
 * so those that belong to one phase of the stride come every stride / gcd(stride, dilation) taps.
 */
static double most_meeting(const struct problem *p, int a)
{
    const int64_t step = p->stride[a] / common_divisor(p->stride[a], p->dilation[a]);

    return (double)((p->kernel[a] + step - 1) / step);
}

static double terms_of_large(const struct problem *p)
{
    double n = (double)(p->ic / p->groups);

    for (int a = 0; a < p->rank; a++)
        n *= most_meeting(p, a);
    return n;
}

static double terms_of_small(const struct problem *p)
{
    return (double)(p->oc / p->groups) * (double)problem_product(p, p->kernel);
}

static double terms_of_weights(const struct problem *p)
{
    return (double)p->batch * (double)problem_product(p, p->in);
}

const struct operation *operation_at(size_t index)
{
    static const struct operation operations[OPERATIONS] = {
        {OP_FORWARD, "forward", false, false, true, terms_of_large},
        {OP_CONV, "conv", true, false, true, terms_of_small},
        {OP_BACKWARD_DATA, "backward-data", true, false, false, terms_of_small},
        {OP_BACKWARD_WEIGHTS, "backward-weights", false, true, false, terms_of_weights},
    };

    return index < OPERATIONS ? &operations[index] : NULL;
}
