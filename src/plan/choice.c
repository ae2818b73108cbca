#include "plan/choice.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "base/parallel.h"
#include "core/error.h"

/* Which elements are neighbours; what lies apart otherwise is slow in a way of its own. */
static const char *layout_of(const struct tcv_place *place)
{
    if (place->s[TCV_AXES - 1] == 1)
        return "ncx";
    return place->c == 1 ? "nxc" : "strided";
}

static const char *processor_of(uint32_t features)
{
    if (features & TCV_CPU_AMX)
        return "amx";
    if (features & TCV_CPU_AVX512)
        return "avx512";
    if (features & TCV_CPU_AVX2)
        return "avx2";
    return features & TCV_CPU_NEON ? "neon" : "c";
}

/* The axis in benchdnn's notation, with the operation's own padding and stride. */
static int axis_text(const struct tcv_problem *p, int a, char *to, size_t bytes)
{
    const struct tcv_axis *axis = &p->axis[a];
    const char c = "dhw"[a];

    return snprintf(to, bytes,
                    "_i%c%" PRId64 "o%c%" PRId64 "k%c%" PRId64 "s%c%" PRId64 "d%c%" PRId64
                    "p%c%" PRId64, c, axis->in, c, axis->out, c, axis->kernel, c,
                    axis->stride * axis->down, c, axis->dilation - 1, c,
                    tcv_axis_padding(p->op, axis));
}

void tcv_choice_key(const struct tconv_plan *plan, char key[TCV_KEY_BYTES])
{
    const struct tcv_problem *p = &plan->problem;
    const int threads = plan->options.threads > 0 ? (int)plan->options.threads
                                                  : (int)tcv_parallel_default_threads();
    int length = snprintf(key, TCV_KEY_BYTES,
                          "%s %s g%" PRId64 "mb%" PRId64 "ic%" PRId64 "oc%" PRId64,
                          p->op == TCONV_CONV ? "conv" : "conv-transpose",
                          p->dtype == TCONV_F64 ? "f64" : "f32", p->groups, p->batch,
                          p->groups * p->ic, p->groups * p->oc);

    for (int a = TCV_AXES - plan->desc.spatial_rank; a < TCV_AXES; a++)
        length += axis_text(p, a, key + length, TCV_KEY_BYTES - (size_t)length);
    snprintf(key + length, TCV_KEY_BYTES - (size_t)length, " %s %s %s threads %d",
             layout_of(&p->x), layout_of(&p->y), processor_of(plan->features), threads);
}

tconv_status tcv_choice_find(const struct tconv_plan *plan, const char *choices,
                             const struct tcv_algo **algo_out, tconv_error *error)
{
    char key[TCV_KEY_BYTES];
    const char *name = NULL;
    int length;

    *algo_out = NULL;
    if (choices == NULL)
        return TCONV_OK;
    tcv_choice_key(plan, key);
    for (const char *line = choices; *line != '\0'; line += strcspn(line, "\n"), line += *line != 0)
        if (strncmp(line, key, strlen(key)) == 0 && strncmp(line + strlen(key), ": ", 2) == 0)
            name = line + strlen(key) + 2;
    if (name == NULL)
        return TCONV_OK;
    length = (int)strcspn(name, "\r\n");
    for (size_t i = 0; tcv_algo_at(i) != NULL; i++)
        if (strlen(tcv_algo_at(i)->name) == (size_t)length &&
            strncmp(tcv_algo_at(i)->name, name, (size_t)length) == 0)
            *algo_out = tcv_algo_at(i);
    if (*algo_out == NULL)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "choices name \"%.*s\" for this problem, which is no algorithm; leave "
                        "that line out", length < 40 ? length : 40, name);
    return TCONV_OK;
}
