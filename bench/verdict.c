#include "verdict.h"

#include <math.h>

void verdict_add(struct verdict *verdict, double got, double want, double allowed)
{
    const double off = fabs(got - want);
    const double ratio = isnan(off) ? INFINITY : off / allowed;

    verdict->compared++;
    if (!(ratio <= 1.0))
        verdict->wrong++;
    if (ratio > verdict->ratio) {
        verdict->ratio = ratio;
        verdict->got = got;
        verdict->want = want;
    }
}

bool verdict_is_good(const struct verdict *v, const char *against, struct reason *why)
{
    if (v->compared == 0)
        return deny(why, "nothing was compared with %s", against);
    if (v->wrong == 0)
        return true;
    return deny(why, "%zu of %zu outputs differ from %s; the worst is %.9g and should be %.9g "
                "(%.3g x the bound)", v->wrong, v->compared, against, v->got, v->want, v->ratio);
}

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

/* Beside the products, the bias and the rounding of the sum of magnitudes itself count. */
double relative_bound(const struct workload *w)
{
    const struct problem *p = w->problem;
    const double u = w->dtype == TCONV_F64 ? 0x1p-53 : 0x1p-24;
    double n = (double)(p->ic / p->groups);

    for (int a = 0; a < p->rank; a++)
        n *= most_meeting(p, a);
    n += 2.0;
    return 2.0 * n * u / (1.0 - n * u);
}
