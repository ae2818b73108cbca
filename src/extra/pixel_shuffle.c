/* pixel_shuffle.c - channels into space and back */
#include "extra/enlarge.h"

/* Moves every element between x[n][c * F + rank][i] (small) and y[n][c][i * f + r]. */
static void move(const struct tcv_enlargement *e, bool shrinks, const char *from, char *to)
{
    const int64_t offsets = e->factor[0] * e->factor[1] * e->factor[2];
    const size_t bytes = tcv_dtype_bytes(e->small.dtype);

    for (int64_t n = 0; n < e->small.n; n++)
        for (int64_t c = 0; c < e->small.c; c++) {
            const int64_t rank = c % offsets;
            const int64_t r[TCV_AXES] = {rank / (e->factor[1] * e->factor[2]),
                                         rank / e->factor[2] % e->factor[1], rank % e->factor[2]};
            int64_t i[TCV_AXES] = {0};

            do {
                const int64_t o[TCV_AXES] = {i[0] * e->factor[0] + r[0],
                                             i[1] * e->factor[1] + r[1],
                                             i[2] * e->factor[2] + r[2]};
                const int64_t small = tcv_element_at(&e->small, n, c, i) * (int64_t)bytes;
                const int64_t large = tcv_element_at(&e->large, n, c / offsets, o) *
                                      (int64_t)bytes;

                memcpy(to + (shrinks ? small : large), from + (shrinks ? large : small), bytes);
            } while (tcv_next(i, e->small.size));
        }
}

static tconv_status shuffle(const tconv_tensor *input, const tconv_tensor *output,
                            const int64_t *factor, bool shrinks, const void *x, void *y,
                            tconv_error *error)
{
    struct tcv_enlargement e;
    tconv_status status = tcv_enlargement_of(input, output, factor, shrinks, 0, &e, error);

    if (status == TCONV_OK)
        status = tcv_check_data(&e, x, y, error);
    if (status == TCONV_OK)
        move(&e, shrinks, x, y);
    return status;
}

tconv_status tconv_pixel_shuffle(const tconv_tensor *input, const tconv_tensor *output,
                                 const int64_t *factor, const void *x, void *y,
                                 tconv_error *error)
{
    return shuffle(input, output, factor, false, x, y, error);
}

tconv_status tconv_pixel_unshuffle(const tconv_tensor *input, const tconv_tensor *output,
                                   const int64_t *factor, const void *x, void *y,
                                   tconv_error *error)
{
    return shuffle(input, output, factor, true, x, y, error);
}
