/*
 * check_reference.c - y against the library's reference algorithm, whole or by windows
 *
 * The reference is naive: for each output it visits every weight of its group, also those that no
 * input meets there.  So of a large problem it computes a few windows only.  The first and the last
 * outputs are always among them: there the padding and the rounding of sizes go wrong.  A window is
 * wider than the stride if that is affordable, so that every phase is seen.
 */
#include <float.h>
#include <stdlib.h>

#include "check.h"
#include "engine.h"
#include "verdict.h"

/* Weights visited in all windows together, a fraction of a second; more if few windows need it. */
#define MOST_VISITS 2e7
#define FEWEST_WINDOWS 4
#define MOST_WINDOWS 8

/* The reference on the data and on their magnitudes. */
struct reference {
    struct engine values, sums;
    void *y, *y_sums; /* of one window, dense */
};

static int64_t at_most(int64_t value, int64_t most)
{
    return value < most ? value : most;
}

/* Extents of the windows, innermost axis first as far as the outputs each may have last. */
static void window_extents(const struct workload *w, double outputs, int64_t *extent)
{
    const struct problem *p = w->problem;
    const int64_t *out = &w->output.size[2];

    for (int a = p->rank - 1; a >= 0; a--) {
        const int64_t affordable = outputs < 1.0 ? 1 : (int64_t)outputs;

        extent[a] = at_most(at_most(out[a], 2 * p->stride[a] + 1), affordable);
        outputs /= (double)extent[a];
    }
}

/* Window number index: the first, the last, or one at a place drawn from the index. */
static tconv_window window_at(const struct workload *w, const int64_t *extent, int index)
{
    uint64_t draw = (uint64_t)index * 0x9e3779b97f4a7c15;
    tconv_window window = {.begin = {0}};

    for (int a = 0; a < w->problem->rank; a++) {
        const int64_t room = w->output.size[a + 2] - extent[a];

        draw = draw * 0x5851f42d4c957f2d + 0x14057b7ef767814f;
        window.begin[a] = index == 0 ? 0
                          : index == 1 ? room
                                       : (int64_t)((draw >> 33) % (uint64_t)(room + 1));
        window.end[a] = window.begin[a] + extent[a];
    }
    return window;
}

static void compare_window(const struct workload *w, const tconv_window *window,
                           const tconv_tensor *part, const struct reference *reference,
                           double bound, struct verdict *verdict)
{
    size_t count = 1;

    for (int a = 0; a < part->rank; a++)
        count *= (size_t)part->size[a];
    for (size_t i = 0; i < count; i++) {
        int64_t rest = (int64_t)i, place = 0;

        for (int a = part->rank - 1; a >= 0; a--) {
            const int64_t begin = a < 2 ? 0 : window->begin[a - 2];

            place += (begin + rest % part->size[a]) * w->output.stride[a];
            rest /= part->size[a];
        }
        verdict_add(verdict, array_get(w->y, (size_t)place, w->dtype),
                    array_get(reference->y, i, w->dtype),
                    bound * array_get(reference->y_sums, i, w->dtype) + DBL_MIN);
    }
}

static bool check_window(const struct check *check, struct reference *reference,
                         const tconv_window *place, struct verdict *verdict, struct reason *why)
{
    const struct workload *w = check->workload;
    int64_t size[TCONV_MAX_DIMS];
    tconv_window window = *place;
    tconv_tensor part;
    tconv_error error;

    for (int a = 0; a < w->output.rank; a++)
        size[a] = a < 2 ? w->output.size[a] : window.end[a - 2] - window.begin[a - 2];
    if (tconv_tensor_dense(&part, w->dtype, TCONV_NCX, w->output.rank, size, &error) != TCONV_OK)
        return deny(why, "%s", error.message);
    for (int a = 0; a < part.rank; a++)
        window.stride[a] = part.stride[a];
    if (!engine_run(&reference->values, w, reference->y, &window, why) ||
        !engine_run(&reference->sums, &check->magnitudes, reference->y_sums, &window, why))
        return false;
    compare_window(w, &window, &part, reference, check->leeway * relative_bound(w), verdict);
    return true;
}

static bool check_windows(const struct check *check, struct reference *reference,
                          const int64_t *extent, int windows, struct reason *why)
{
    const struct workload *w = check->workload;
    const size_t count = (size_t)(w->output.size[0] * w->output.size[1] *
                                  problem_product(w->problem, extent));
    struct verdict verdict = {0};

    reference->y = array_alloc(count, w->element_bytes);
    reference->y_sums = array_alloc(count, w->element_bytes);
    if (reference->y == NULL || reference->y_sums == NULL)
        return deny(why, "no memory for the check");
    for (int i = 0; i < windows; i++) {
        const tconv_window window = window_at(w, extent, i);

        if (!check_window(check, reference, &window, &verdict, why))
            return false;
    }
    return verdict_is_good(&verdict, "the reference", why);
}

/* How many windows, and of which extents; one, the whole, if that is affordable. */
static int plan_windows(const struct workload *w, int64_t *extent)
{
    const struct problem *p = w->problem;
    const int64_t *out = &w->output.size[2];
    /* All images and channels of a place are computed, each from the weights of its group. */
    const double places = MOST_VISITS / ((double)p->batch * (double)w->weights_count);
    const int windows = places < FEWEST_WINDOWS  ? FEWEST_WINDOWS
                        : places > MOST_WINDOWS ? MOST_WINDOWS
                                                : (int)places;

    if (places >= (double)problem_product(p, out)) {
        for (int a = 0; a < p->rank; a++)
            extent[a] = out[a];
        return 1;
    }
    window_extents(w, places / windows, extent);
    return windows;
}

bool check_reference(struct check *check, struct reason *why)
{
    const struct workload *w = check->workload;
    struct reference reference = {.y = NULL};
    struct engine *const values = &reference.values, *const sums = &reference.sums;
    int64_t extent[3];
    const int windows = plan_windows(w, extent);
    bool good;

    check->whole = windows == 1;
    good = engine_init(values, w, TCONV_ALGORITHM_REFERENCE, why);
    good = engine_init(sums, &check->magnitudes, TCONV_ALGORITHM_REFERENCE, why) && good;
    good = good && check_windows(check, &reference, extent, windows, why);
    engine_free(values);
    engine_free(sums);
    free(reference.y);
    free(reference.y_sums);
    return good;
}
