/*
 * reference_template.h - the reference for one element type
 *
 * Included by reference_kernel.c with TCV_REAL and TCV_REFERENCE_PLANE defined;
 * no include guard, on purpose.
 */

#define TCV_JOIN_(a, b) a##_##b
#define TCV_JOIN(a, b) TCV_JOIN_(a, b)
#define TCV_NAMED(name) TCV_JOIN(name, TCV_REAL)

/* The sum of products of one output, without the epilogue. */
static double TCV_NAMED(element)(const struct tcv_run *run, int64_t n, int64_t channel,
                                 const int64_t o[TCV_AXES])
{
    const struct tcv_problem *p = run->problem;
    const struct tcv_axis *ax = p->axis;
    const int64_t first_ic = channel / p->oc * p->ic;
    double sum = 0.0;

    for (int64_t ic = first_ic; ic < first_ic + p->ic; ic++) {
        const TCV_REAL *x = (const TCV_REAL *)run->x + n * p->x.n + ic * p->x.c;
        const TCV_REAL *w = (const TCV_REAL *)run->packed +
                            (ic * p->oc + channel % p->oc) * p->taps;

        for (int64_t kd = 0; kd < ax[0].kernel; kd++)
            for (int64_t kh = 0; kh < ax[1].kernel; kh++)
                for (int64_t kw = 0; kw < ax[2].kernel; kw++, w++) {
                    const int64_t id = input_of(&ax[0], o[0], kd);
                    const int64_t ih = input_of(&ax[1], o[1], kh);
                    const int64_t iw = input_of(&ax[2], o[2], kw);

                    if (id >= 0 && ih >= 0 && iw >= 0)
                        sum += (double)x[id * p->x.s[0] + ih * p->x.s[1] + iw * p->x.s[2]] *
                               (double)*w;
                }
    }
    return sum;
}

/* y = activation(accumulate ? y + v : v),  v = scale * (sum + bias) + shift. */
static void TCV_NAMED(finish)(const struct tcv_run *run, int64_t channel, double sum,
                              TCV_REAL *y)
{
    const tconv_epilogue *e = &run->problem->epilogue;
    double v = sum;

    if (run->bias != NULL)
        v += (double)((const TCV_REAL *)run->bias)[channel];
    if (run->scale != NULL)
        v *= (double)((const TCV_REAL *)run->scale)[channel];
    if (run->shift != NULL)
        v += (double)((const TCV_REAL *)run->shift)[channel];
    if (e->accumulate)
        v += (double)*y;
    *y = (TCV_REAL)activate(e, v);
}

void TCV_REFERENCE_PLANE(const struct tcv_run *run, int64_t n, int64_t channel)
{
    const struct tcv_window *win = &run->window;
    TCV_REAL *y = (TCV_REAL *)run->y + n * win->place.n + channel * win->place.c;
    int64_t o[TCV_AXES];

    for (o[0] = win->begin[0]; o[0] < win->end[0]; o[0]++)
        for (o[1] = win->begin[1]; o[1] < win->end[1]; o[1]++)
            for (o[2] = win->begin[2]; o[2] < win->end[2]; o[2]++) {
                int64_t at = 0;

                for (int a = 0; a < TCV_AXES; a++)
                    at += (o[a] - win->begin[a]) * win->place.s[a];
                TCV_NAMED(finish)(run, channel, TCV_NAMED(element)(run, n, channel, o), y + at);
            }
}

#undef TCV_NAMED
#undef TCV_JOIN
#undef TCV_JOIN_
