/* gemm_inplace.c - whether the inputs of a tile can be read where they lie */
#include "algo/gemm_grid.h"

#include "base/checked.h"

bool tcv_gemm_lies_even(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    const struct tcv_place *x = &p->x;
    int64_t distance = 0, reach = 0;

    for (int a = TCV_AXES - 1; a >= g->sweep; a--) {
        if (a > g->sweep && !g->axis[a].whole)
            return false;
        if (p->axis[a].in == 1)
            continue;
        if (x->s[a] < 1 || (distance > 0 && x->s[a] != reach))
            return false;
        if (distance == 0)
            distance = reach = x->s[a];
        reach *= p->axis[a].in;
    }
    /* Now distance is 0 only if each image has a single input. */
    if (g->images > 1 || distance > INT32_MAX || x->c > INT32_MAX)
        return false;
    if (x->c == 1 || p->ic == 1) /* [pixels][ic] */
        return distance == 0 || distance >= p->ic;
    return distance <= 1 && x->c >= tcv_max(1, reach); /* [ic][pixels] */
}

/* Lines that are so many bytes apart share a set of L2, which has room for some of them. */
#define SET_BYTES (128 * 1024)
#define SET_LINES 8

bool tcv_gemm_sets_hold(int64_t lines, int64_t step)
{
    return lines * (step & -step) <= SET_LINES * SET_BYTES;
}

/* Vectors of rows that lanes() multiplies in one pass over the inputs. */
#define VECTORS_AT_ONCE 2

bool tcv_gemm_takes_in_place(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    const int64_t step = p->x.c * (int64_t)tcv_dtype_bytes(p->dtype);

    if (p->ic == 1)
        return false;
    if (g->order == TCV_GEMM_PLANAR)
        return p->x.c != 1;
    return p->x.c == 1 || (g->means.by == TCV_GEMM_VECTORS &&
                           (g->rows <= VECTORS_AT_ONCE * g->means.width ||
                            tcv_gemm_sets_hold(g->ic_block, step)));
}
