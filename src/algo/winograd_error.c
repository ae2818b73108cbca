/*
 * winograd_error.c - how much larger than that of direct sums the bound of winograd's error is
 *
 * docs/numerics.md derives it; what is here is its value for the filters of a grid.
 */
#include "algo/winograd_grid.h"

/* The largest row of |A| (|G| 1 * |B| 1), and the roundings of G, B and A. */
static const double growth[TCV_WINOGRAD_FORMS] = {
    [TCV_WINOGRAD_1_1] = 1.0, [TCV_WINOGRAD_2_2] = 4.0, [TCV_WINOGRAD_3_2] = 6.0,
    [TCV_WINOGRAD_2_3] = 8.0, [TCV_WINOGRAD_2_1] = 1.0, [TCV_WINOGRAD_3_1] = 1.0,
    [TCV_WINOGRAD_3_3] = 142.0 / 9.0,
};
static const double roundings[TCV_WINOGRAD_FORMS] = {
    [TCV_WINOGRAD_2_2] = 3.0, [TCV_WINOGRAD_3_2] = 4.0, [TCV_WINOGRAD_2_3] = 5.0,
    [TCV_WINOGRAD_3_3] = 9.0,
};

/*
 * Of the filter for which it is largest.  The planes of a convolution are summed, each with
 * the largest weight, and have a kernel's taps together.
 */
double tcv_winograd_error_ratio(const struct tcv_problem *p, const struct tcv_winograd_grid *g)
{
    double most = 0.0;

    for (int i = 0; i < TCV_WINOGRAD_FILTERS; i++) {
        const struct tcv_winograd_filter f = tcv_winograd_filter_at(g, i);
        double n = (double)g->channels, m = (double)p->ic, ratio = 1.0;

        for (int a = 0; a < TCV_AXES; a++) {
            const double taps = (double)(g->axis[a].down > 1 ? p->axis[a].kernel
                                                             : tcv_winograd_taps(f.form[a]));

            ratio *= growth[f.form[a]] * (double)g->axis[a].planes / taps;
            n += roundings[f.form[a]];
            m *= taps;
        }
        ratio *= n / m;
        if (f.count > 0 && ratio > most)
            most = ratio;
    }
    return most;
}
