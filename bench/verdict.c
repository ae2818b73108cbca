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
    return deny(why, "%zu of %zu elements differ from %s; the worst is %.9g and should be %.9g "
                "(%.3g x the bound)", v->wrong, v->compared, against, v->got, v->want, v->ratio);
}

/* Beside the products, the bias and the rounding of the sum of magnitudes itself count. */
double relative_bound(const struct workload *w)
{
    const double u = w->dtype == TCONV_F64 ? 0x1p-53 : 0x1p-24;
    const double n = w->operation->terms(w->problem) + 2.0;

    return 2.0 * n * u / (1.0 - n * u);
}
