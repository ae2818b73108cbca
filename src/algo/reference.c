/* reference.c - the definition as an algorithm: one unit of work is one plane */
#include <string.h>

#include "algo/algo.h"
#include "algo/cost.h"
#include "ref/reference_kernel.h"

static bool prepare(const struct tcv_problem *p, uint32_t features,
                    const struct tcv_setup *like, struct tcv_setup *setup_out,
                    char reason[TCV_REASON_BYTES])
{
    (void)features;
    (void)like;
    (void)reason; /* never refuses */
    setup_out->packed_bytes = (size_t)(p->groups * p->ic * p->oc * p->taps) *
                              tcv_dtype_bytes(p->dtype);
    for (int a = 0; a < TCV_AXES; a++)
        setup_out->tile[a] = 1;
    setup_out->tile_channels = 1;
    return true;
}

/* A dense copy, [groups * ic][oc][taps]. */
static bool pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                 void *packed, void *scratch)
{
    const int64_t bytes = (int64_t)tcv_dtype_bytes(p->dtype);
    char *to = packed;

    (void)setup;
    (void)scratch;
    for (int64_t ic = 0; ic < p->groups * p->ic; ic++)
        for (int64_t oc = 0; oc < p->oc; oc++)
            for (int64_t kd = 0; kd < p->axis[0].kernel; kd++)
                for (int64_t kh = 0; kh < p->axis[1].kernel; kh++)
                    for (int64_t kw = 0; kw < p->axis[2].kernel; kw++, to += bytes) {
                        const int64_t at = ic / p->ic * p->w.group + ic % p->ic * p->w.ic +
                                           oc * p->w.oc + kd * p->w.s[0] + kh * p->w.s[1] +
                                           kw * p->w.s[2];

                        memcpy(to, (const char *)w + at * bytes, (size_t)bytes);
                    }
    return true;
}

static int64_t units(const struct tcv_problem *p, const struct tcv_setup *setup,
                     const struct tcv_window *window)
{
    (void)setup;
    (void)window;
    return p->batch * p->groups * p->oc;
}

static void work(const struct tcv_run *run, const struct tcv_setup *setup,
                 struct tcv_worker *worker, void *scratch)
{
    const int64_t channels = run->problem->groups * run->problem->oc;

    (void)setup;
    (void)scratch;
    while (tcv_worker_next(worker)) {
        const int64_t unit = worker->unit;

        if (run->problem->dtype == TCONV_F64)
            tcv_reference_plane_f64(run, unit / channels, unit % channels);
        else
            tcv_reference_plane_f32(run, unit / channels, unit % channels);
    }
}

const struct tcv_algo tcv_algo_reference = {
    .id = TCONV_ALGORITHM_REFERENCE,
    .name = "reference",
    .promise = "the same bits for any threads, window, workspace, batch split and layout",
    .prepare = prepare,
    .cost = tcv_reference_cost,
    .pack = pack,
    .units = units,
    .work = work,
};
