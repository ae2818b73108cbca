/*
 * optimizer.c - how parameters follow their gradients
 */
#include "optimizer.h"

#include <math.h>
#include <string.h>

static void step_sgd(const struct optimizer *o, struct parameters *p)
{
    const float momentum = (float)o->momentum, rate = (float)o->rate;

    for (int64_t i = 0; i < p->count; i++) {
        p->mean[i] = momentum * p->mean[i] + p->gradient[i];
        p->value[i] -= rate * p->mean[i];
    }
}

/*
 * Both averages begin at 0 and so are too small by 1 - beta^t after t steps; both corrections are
 * taken into the rate, and the small constant beside the root with them.
 */
static void step_adam(const struct optimizer *o, struct parameters *p)
{
    const double t = (double)o->steps;
    const double square_lack = sqrt(1.0 - pow(o->memory, t));
    const float rate = (float)(o->rate * square_lack / (1.0 - pow(o->momentum, t)));
    const float small = (float)(1e-8 * square_lack);
    const float beta1 = (float)o->momentum, beta2 = (float)o->memory;

    for (int64_t i = 0; i < p->count; i++) {
        const float g = p->gradient[i];

        p->mean[i] = beta1 * p->mean[i] + (1.0f - beta1) * g;
        p->square[i] = beta2 * p->square[i] + (1.0f - beta2) * g * g;
        p->value[i] -= rate * p->mean[i] / (sqrtf(p->square[i]) + small);
    }
}

void optimizer_step(struct optimizer *optimizer, struct parameters *parameters)
{
    optimizer->steps++;
    if (optimizer->kind == OPTIMIZER_SGD)
        step_sgd(optimizer, parameters);
    else
        step_adam(optimizer, parameters);
    memset(parameters->gradient, 0, (size_t)parameters->count * sizeof *parameters->gradient);
}
