/*
 * pick_template.h - every step-th element of a row
 *
 * Picture.  Step 4: every second element of vectors, and of those every second.
 *
 *     a b c d e f g h i ...   ->   a c e g i ...   ->   a e i ...
 *
 * Contract.  See struct tcv_pick.  Nothing is read beyond the last element.
 *
 * Included after col2im_template.h.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_transpose.c.
 */

/* The first vector, then of elements `step` apart; `left` elements may be read. */
static inline __attribute__((always_inline)) TCV_KERNEL(vec) TCV_KERNEL(first)(
    const TCV_REAL *from, int64_t left)
{
    return left <= 0 ? (TCV_KERNEL(vec)){0} : TCV_KERNEL(load)(from, left);
}

#define TCV_HALVE(name, half, step)                                                          \
    static inline __attribute__((always_inline)) TCV_KERNEL(vec) TCV_KERNEL(name)(           \
        const TCV_REAL *from, int64_t left)                                                  \
    {                                                                                        \
        const int64_t next = TCV_WIDTH * (step) / 2;                                         \
                                                                                             \
        return TCV_EVEN(TCV_KERNEL(half)(from, left),                                        \
                        TCV_KERNEL(half)(from + (left > next ? next : 0), left - next));     \
    }

TCV_HALVE(every_2nd, first, 2)
TCV_HALVE(every_4th, every_2nd, 4)
TCV_HALVE(every_8th, every_4th, 8)
#undef TCV_HALVE

#define TCV_PICK(name, step)                                                                 \
    for (; i + TCV_WIDTH < a->count; i += TCV_WIDTH)                                         \
        *(TCV_KERNEL(vec) *)(to + i) = TCV_KERNEL(name)(from + (step) * i, INT64_MAX / 2);   \
    TCV_KERNEL(store)(to + i, a->count - i,                                                  \
                      TCV_KERNEL(name)(from + (step) * i, (step) * (a->count - 1 - i) + 1));

void TCV_KERNEL(tcv_pick)(const struct tcv_pick *a)
{
    const TCV_REAL *from = a->from;
    TCV_REAL *to = a->to;
    int64_t i = 0;

    switch (a->step) {
    case 1: memcpy(to, from, (size_t)a->count * sizeof *to); break;
    case 2: TCV_PICK(every_2nd, 2) break;
    case 4: TCV_PICK(every_4th, 4) break;
    case 8: TCV_PICK(every_8th, 8) break;
    default:
        for (; i < a->count; i++)
            to[i] = from[i * a->step];
        break;
    }
}
#undef TCV_PICK
