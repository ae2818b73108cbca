#include "plan/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void tcv_plan_explain(const struct tconv_plan *plan, tconv_explanation *out)
{
    const struct tcv_problem *p = &plan->problem;
    const double batch = (double)p->batch, groups = (double)p->groups;
    const double ic = (double)p->ic, oc = (double)p->oc, taps = (double)p->taps;
    double inputs = 1.0, outputs = 1.0;

    for (int a = 0; a < TCV_AXES; a++) {
        inputs *= (double)p->axis[a].in;
        outputs *= (double)p->axis[a].out;
        out->tile[a] = a < plan->desc.spatial_rank
                           ? plan->setup.tile[TCV_AXES - plan->desc.spatial_rank + a]
                           : 0;
    }
    out->algorithm = plan->algo->id;
    out->threads = plan->threads;
    out->tile_channels = plan->setup.tile_channels;
    out->flops = 2.0 * batch * groups * ic * oc * taps *
                 (p->op == TCONV_CONV ? outputs : inputs);
    out->compulsory_bytes =
        (double)tcv_dtype_bytes(p->dtype) *
        (batch * groups * ic * inputs + groups * ic * oc * taps +
         batch * groups * oc * outputs * (p->epilogue.accumulate ? 2.0 : 1.0));
    out->workspace_bytes = plan->workspace_bytes;
    out->weights_bytes = plan->setup.packed_bytes;
}

struct writer {
    char *text;
    size_t bytes, length;
};

__attribute__((format(printf, 2, 3))) static void add(struct writer *w, const char *format, ...)
{
    const size_t at = w->length < w->bytes ? w->length : w->bytes;
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(at < w->bytes ? w->text + at : NULL, w->bytes - at, format, arguments);
    va_end(arguments);
    w->length += n > 0 ? (size_t)n : 0;
}

size_t tcv_plan_describe(const struct tconv_plan *plan, char *text, size_t text_bytes)
{
    struct writer w = {text, text == NULL ? 0 : text_bytes, 0};
    tconv_explanation e = {.struct_size = sizeof e};

    tcv_plan_explain(plan, &e);
    if (w.bytes > 0)
        w.text[0] = '\0';
    add(&w, "algorithm: %s, on at most %" PRId32 " thread%s\n", plan->algo->name, e.threads,
        e.threads == 1 ? "" : "s");
    add(&w, "tile: ");
    for (int a = 0; a < plan->desc.spatial_rank; a++)
        add(&w, "%s%" PRId64, a > 0 ? " x " : "", e.tile[a]);
    add(&w, " input positions, %" PRId64 " output channel%s\n", e.tile_channels,
        e.tile_channels == 1 ? "" : "s");
    add(&w, "work: %.0f flops, %.0f compulsory bytes\n", e.flops, e.compulsory_bytes);
    add(&w, "memory: %zu bytes of workspace, %zu bytes of packed weights\n", e.workspace_bytes,
        e.weights_bytes);
    add(&w, "cost: as %.3g multiply-adds at full rate, by estimate\n",
        plan->cost[plan->algo->id]);
    add(&w, "bits: %s\n", plan->algo->promise);
    for (size_t i = 0; tcv_algo_at(i) != NULL; i++)
        if (tcv_algo_at(i) != plan->algo)
            add(&w, "not %s: %s\n", tcv_algo_at(i)->name, plan->refusal[tcv_algo_at(i)->id]);
    return w.length;
}
