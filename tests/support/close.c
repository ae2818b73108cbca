#include "support/close.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/winograd_bound.h"

/* An activation moves two values apart by at most this factor. */
static double lipschitz(const tconv_epilogue *e)
{
    return e->activation == TCONV_ACTIVATION_LEAKY_RELU ? fmax(1.0, fabs(e->alpha)) : 1.0;
}

/*
 * Units in the last place that computing the activation itself may lose.
 * Sigmoid is 1 / (1 + exp(-v)): a relative error e of exp comes out as at most
 * e, the sum and the quotient add one half unit each, so an exp() within three
 * units gives four.  A tanh() is taken to be as good.
 */
static double activation_units(const tconv_epilogue *e)
{
    return e->activation == TCONV_ACTIVATION_SIGMOID ||
                   e->activation == TCONV_ACTIVATION_TANH
               ? 4.0
               : 0.0;
}

/*
 * n roundings in any order, with or without fused multiply-adds, move a sum by
 * at most gamma(n) * (the sum of absolute values), gamma(n) = n u / (1 - n u)
 * (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., 3.1).
 * The expected value was itself rounded in double, so its gamma is added: that
 * doubles the bound for f64 and is nothing for f32.  Products below the
 * smallest normal number lose up to that much each.
 */
double allowed_error(const struct sample *sample, int64_t i)
{
    const tconv_epilogue *e = &sample->problem.desc.epilogue;
    const bool wide = sample->dtype == TCONV_F64;
    const double n = sample->bound_terms, u = wide ? 0x1p-53 : 0x1p-24;
    const double gamma = n * u / (1.0 - n * u) + n * 0x1p-53 / (1.0 - n * 0x1p-53);
    const double units = activation_units(e) * 2.0 * (u + 0x1p-53);

    return lipschitz(e) * gamma * sample->magnitude[i] + units * fabs(sample->want[i]) +
           (n + 1.0) * (wide ? DBL_MIN : (double)FLT_MIN);
}

/* Off by so many times the bound; infinite if one is NaN or they are infinite. */
static double ratio_of(const struct sample *sample, int64_t i, double got)
{
    const double want = sample->want[i];

    if (isnan(want) || isnan(got))
        return isnan(want) && isnan(got) ? 0.0 : INFINITY;
    if (isinf(want) || isinf(got))
        return want == got ? 0.0 : INFINITY;
    return fabs(got - want) / allowed_error(sample, i);
}

/* Writes "[n][oc][oh][ow]" for element i. */
static void print_place(const tconv_tensor *tensor, int64_t i, char *text, size_t bytes)
{
    int64_t left = elements(tensor->size, tensor->rank);
    size_t used = 0;

    text[0] = '\0';
    for (int d = 0; d < tensor->rank && used < bytes; d++) {
        left /= tensor->size[d];
        used += (size_t)snprintf(text + used, bytes - used, "[%" PRId64 "]", i / left);
        i %= left;
    }
}

static void compare(const struct sample *sample, const struct field *y, bool exactly)
{
    const int64_t count = field_count(y);
    int64_t bad = 0, worst = 0;
    double worst_ratio = 0.0;
    char place[128], text[PROBLEM_TEXT];

    for (int64_t i = 0; i < count; i++) {
        const double got = field_get(y, i);
        double ratio = ratio_of(sample, i, got);

        if (exactly && !(got == sample->want[i]) && ratio <= 1.0)
            ratio = 1.0 + ratio;
        bad += ratio > 1.0;
        if (ratio > worst_ratio) {
            worst_ratio = ratio;
            worst = i;
        }
    }
    if (bad == 0)
        return;
    print_place(&y->tensor, worst, place, sizeof place);
    problem_print(&sample->problem, text);
    fail_msg("%s %s: %" PRId64 " of %" PRId64 " wrong, worst at %s: got %.17g, want %.17g "
             "(%.3g x bound)",
             dtype_name(sample->dtype), text, bad, count, place, field_get(y, worst),
             sample->want[worst], worst_ratio);
}

void assert_field_close(const struct sample *sample, const struct field *y)
{
    compare(sample, y, false);
}

/*
 * bf16x3 adds the products of 16 channels of two halves, the halves, and that to the sum, six
 * times for each tap and 32 channels; three products of parts are left out (docs/numerics.md).
 */
static double bf16x3_terms(const struct sample *s)
{
    const double ic = (double)(s->problem.input[1] / s->problem.desc.groups);
    const double taps = (double)axes_taps(&s->axes), epilogue = s->bound_terms - ic * taps;

    return 1.01 * (fmin(ic, 16.0) + 6.0 * taps * ceil(ic / 32.0)) + 3.0 + epilogue;
}

void assert_close(const struct arena *arena)
{
    tconv_explanation e = {.struct_size = sizeof e};
    struct sample sample = *arena->sample;

    assert_int_equal(tconv_plan_explain(arena->plan, &e, NULL), TCONV_OK);
    if (e.algorithm == TCONV_ALGORITHM_WINOGRAD)
        sample.magnitude = winograd_magnitude(arena->sample);
    if (e.algorithm == TCONV_ALGORITHM_BF16X3)
        sample.bound_terms = bf16x3_terms(arena->sample);
    assert_field_close(&sample, &arena->y);
    if (e.algorithm == TCONV_ALGORITHM_WINOGRAD)
        free(sample.magnitude);
}

void assert_field_exact(const struct sample *sample, const struct field *y)
{
    compare(sample, y, true);
}
