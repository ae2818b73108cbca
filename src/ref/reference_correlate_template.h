/*
 * reference_correlate_template.h - the reference for one element type
 *
 * Included by reference_correlate.c with TCV_REAL and TCV_NAMED(name) defined; no
 * include guard, on purpose.
 */

/* The sum of one element of dw; products with what lies outside do not exist. */
static double TCV_NAMED(sum)(const struct tcv_correlation_run *run, int64_t group, int64_t small,
                             int64_t large, const int64_t k[TCV_AXES])
{
    const struct tcv_correlation *c = run->of;
    const struct tcv_correlation_axis *ax = c->axis;
    double sum = 0.0;

    for (int64_t n = 0; n < c->batch; n++) {
        const TCV_REAL *s = (const TCV_REAL *)run->s + n * c->s.n +
                            (group * c->small + small) * c->s.c;
        const TCV_REAL *l = (const TCV_REAL *)run->l + n * c->l.n +
                            (group * c->large + large) * c->l.c;

        for (int64_t id = 0; id < ax[0].small; id++)
            for (int64_t ih = 0; ih < ax[1].small; ih++)
                for (int64_t iw = 0; iw < ax[2].small; iw++) {
                    const int64_t od = tcv_large_of(&ax[0], id, k[0]);
                    const int64_t oh = tcv_large_of(&ax[1], ih, k[1]);
                    const int64_t ow = tcv_large_of(&ax[2], iw, k[2]);

                    if (od >= 0 && oh >= 0 && ow >= 0)
                        sum += (double)s[id * c->s.s[0] + ih * c->s.s[1] + iw * c->s.s[2]] *
                               (double)l[od * c->l.s[0] + oh * c->l.s[1] + ow * c->l.s[2]];
                }
    }
    return sum;
}

void TCV_NAMED(tcv_reference_correlate)(const struct tcv_correlation_run *run, int64_t group,
                                        int64_t small)
{
    const struct tcv_correlation *c = run->of;
    int64_t k[TCV_AXES];

    for (int64_t large = 0; large < c->large; large++)
        for (k[0] = 0; k[0] < c->axis[0].kernel; k[0]++)
            for (k[1] = 0; k[1] < c->axis[1].kernel; k[1]++)
                for (k[2] = 0; k[2] < c->axis[2].kernel; k[2]++) {
                    TCV_REAL *dw = (TCV_REAL *)run->dw + group * c->w_group +
                                   small * c->w_small + large * c->w_large + k[0] * c->w_tap[0] +
                                   k[1] * c->w_tap[1] + k[2] * c->w_tap[2];
                    const double sum = TCV_NAMED(sum)(run, group, small, large, k);

                    *dw = (TCV_REAL)(run->accumulate ? (double)*dw + sum : sum);
                }
}
