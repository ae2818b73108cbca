/* subpixel.c - a transposed convolution as a convolution and a pixel shuffle, and back */
#include <inttypes.h>

#include "base/checked.h"
#include "core/error.h"
#include "extra/elements.h"

/* Both weights and the strides, checked against each other. */
struct pair {
    struct tcv_elements transposed, subpixel;
    int64_t stride[TCV_AXES], offsets, groups;
};

static tconv_status check(const int64_t *stride, int64_t groups, struct pair *p,
                          tconv_error *error)
{
    const struct tcv_elements *t = &p->transposed, *s = &p->subpixel;
    tconv_status status;
    int64_t out;

    if (t->dtype != s->dtype || t->axes != s->axes)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "subpixel->rank is %d; its rank and dtype must be those of transposed",
                        s->axes + 2);
    status = tcv_spread(stride, t->axes, "stride", p->stride, error);
    if (status != TCONV_OK)
        return status;
    p->groups = groups;
    p->offsets = 1;
    for (int a = 0; a < TCV_AXES; a++) {
        int64_t kernel;

        if (!tcv_mul_i64(p->offsets, p->stride[a], &p->offsets) ||
            !tcv_mul_i64(s->size[a], p->stride[a], &kernel) || kernel != t->size[a])
            return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                            "stride is %" PRId64 "; the transposed kernel of %" PRId64
                            " must be that times the sub-pixel kernel of %" PRId64,
                            p->stride[a], t->size[a], s->size[a]);
    }
    if (groups < 1 || t->n < 1 || t->n % groups != 0)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "groups is %" PRId64 "; it must divide the %" PRId64 " input channels",
                        groups, t->n);
    if (!tcv_mul_i64(t->c, groups, &out) || !tcv_mul_i64(out, p->offsets, &out) || s->n != out ||
        s->c != t->n / groups)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "subpixel->size[0] is %" PRId64 "; it must be C_out times the product of "
                        "strides, and size[1] be C_in / groups", s->n);
    return TCONV_OK;
}

/* Copies each weight from one form to the other. */
static void move(const struct pair *p, bool back, const char *from, char *to)
{
    const size_t bytes = tcv_dtype_bytes(p->transposed.dtype);
    const int64_t inner = p->transposed.n / p->groups;

    for (int64_t ic = 0; ic < p->transposed.n; ic++)
        for (int64_t oc = 0; oc < p->transposed.c; oc++) {
            int64_t k[TCV_AXES] = {0};

            do {
                int64_t turned[TCV_AXES], rank = 0;

                for (int a = 0; a < TCV_AXES; a++) {
                    rank = rank * p->stride[a] + k[a] % p->stride[a];
                    turned[a] = p->subpixel.size[a] - 1 - k[a] / p->stride[a];
                }
                {
                    const int64_t channel = ic / inner * p->transposed.c + oc;
                    const int64_t w = tcv_element_at(&p->transposed, ic, oc, k) * (int64_t)bytes;
                    const int64_t s = tcv_element_at(&p->subpixel, channel * p->offsets + rank,
                                                     ic % inner, turned) * (int64_t)bytes;

                    memcpy(to + (back ? w : s), from + (back ? s : w), bytes);
                }
            } while (tcv_next(k, p->transposed.size));
        }
}

static tconv_status check_pointers(const void *const pointers[5], const char *const names[5],
                                   tconv_error *error)
{
    for (int i = 0; i < 5; i++)
        if (pointers[i] == NULL)
            return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL", names[i]);
    return TCONV_OK;
}

tconv_status tconv_weights_to_subpixel(const int64_t *stride, int64_t groups,
                                       const tconv_tensor *transposed, const void *w,
                                       const tconv_tensor *subpixel, void *s, tconv_error *error)
{
    const void *const pointers[5] = {stride, transposed, w, subpixel, s};
    static const char *const names[5] = {"stride", "transposed", "w", "subpixel", "s"};
    struct pair p;
    tconv_status status = check_pointers(pointers, names, error);

    if (status == TCONV_OK)
        status = tcv_elements_of(transposed, "transposed", &p.transposed, error);
    if (status == TCONV_OK)
        status = tcv_elements_to_write(subpixel, "subpixel", &p.subpixel, error);
    if (status == TCONV_OK)
        status = check(stride, groups, &p, error);
    if (status == TCONV_OK)
        move(&p, false, w, s);
    return status;
}

tconv_status tconv_weights_from_subpixel(const int64_t *stride, int64_t groups,
                                         const tconv_tensor *subpixel, const void *s,
                                         const tconv_tensor *transposed, void *w,
                                         tconv_error *error)
{
    const void *const pointers[5] = {stride, transposed, w, subpixel, s};
    static const char *const names[5] = {"stride", "transposed", "w", "subpixel", "s"};
    struct pair p;
    tconv_status status = check_pointers(pointers, names, error);

    if (status == TCONV_OK)
        status = tcv_elements_to_write(transposed, "transposed", &p.transposed, error);
    if (status == TCONV_OK)
        status = tcv_elements_of(subpixel, "subpixel", &p.subpixel, error);
    if (status == TCONV_OK)
        status = check(stride, groups, &p, error);
    if (status == TCONV_OK)
        move(&p, true, s, w);
    return status;
}
