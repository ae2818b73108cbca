/*
 * columns_product.c - the columns of gemm's tiles by direct's kernels
 *
 *     cols = w^T x,  some input channels at a time
 *
 * PLANAR, by rows(): a part of the weights stays in L1 while inputs pass by, as many positions at
 * once as the kernel takes.  The first part reads them where they lie, each channel on another
 * page of memory, and leaves copies for the others, a panel's channels one after the other.
 *
 *     panels    [positions / panel][channels][panel]
 *     weights   [parts][channels][rows of the part]
 *
 * Otherwise by lanes(): vectors of weights stay in L2, inputs are broadcast from where they lie,
 * channels or pixels side by side.
 *
 *     weights   [vectors][channels][width]
 */
#include "algo/gemm_tile.h"
#include "base/checked.h"
#include "base/cpu.h"
#include "base/parts.h"

/* The block's weights of input channels from `ic` on. */
static const char *weights_at(const struct tcv_gemm_tile *t, int64_t ic)
{
    return (const char *)t->run->packed + t->group * tcv_gemm_packed_bytes(t->p, t->grid) +
           t->block.packed_at + t->block.padded * ic * (int64_t)t->element;
}

/* The panel that is not full ends in zeros. */
static void pack_last(struct tcv_gemm_tile *t, const struct tcv_gemm_inputs *in, int64_t panel)
{
    const int64_t element = (int64_t)t->element, width = t->direct->width;
    const int64_t rest = in->pixels % panel, at = in->pixels - rest;

    if (rest > 0)
        t->kernels->pad(&(struct tcv_pad){
            .from = in->from + at * element, .from_step = in->channel,
            .to = (char *)t->operand + at * in->count * element,
            .count = rest, .extent = tcv_ceil_div(rest, width) * width, .rows = in->count,
        });
}

/* The share of call `call` of `calls` in the weights of the part after `i`. */
static struct tcv_ask next_weights(const struct tcv_gemm_inputs *in, const struct tcv_parts *parts,
                                   const char *w, int64_t i, int64_t call, int64_t calls,
                                   int64_t element)
{
    const struct tcv_part part = tcv_part_at(parts, i + 1);
    const int64_t bytes = part.count * in->count * element, first = bytes * call / calls;

    return (struct tcv_ask){w + part.first * in->count * element + first, 1,
                            bytes * (call + 1) / calls - first, 0};
}

/* Whether L2 does not keep the weights from one tile to the next. */
static bool weights_leave(const struct tcv_gemm_tile *t)
{
    const struct tcv_problem *p = t->p;

    return p->groups * p->ic * p->oc * p->taps > TCV_KEPT_BYTES / (int64_t)t->element;
}

static void sum_planes(struct tcv_gemm_tile *t, const struct tcv_gemm_inputs *in,
                       struct tcv_ask ask, char *columns)
{
    const struct tcv_parts parts = tcv_parts_of(t->block.rows, t->grid->means.rows);
    const int64_t width = t->direct->width, element = (int64_t)t->element;
    const int64_t panel =
        width * TCV_DIRECT_VECTORS(t->direct->registers, tcv_part_at(&parts, 0).count);
    const char *const w = weights_at(t, in->ic);
    const int64_t tap = 0, panels = tcv_ceil_div(in->pixels, panel);
    const bool asks = weights_leave(t);
    int64_t calls = parts.count * panels; /* to come */

    pack_last(t, in, panel);
    for (int64_t i = 0; i < parts.count; i++) {
        const struct tcv_part part = tcv_part_at(&parts, i);

        for (int64_t at = 0; at < in->pixels; at += panel, calls--) {
            const int64_t count =
                tcv_ceil_div(tcv_min(panel, in->pixels - at), width) * width;
            struct tcv_direct args = {
                .x = (const char *)t->operand + at * in->count * element,
                .x_channel = count,
                .tap = &tap,
                .taps = 1,
                .channels = in->count,
                .w = w + part.first * in->count * element,
                .c = columns + (part.first * t->row_step + at) * element,
                .c_step = t->row_step,
                .add = in->ic > 0,
                .rows = part.count,
                .positions = count,
                .ahead = {tcv_ask_take(&ask, calls)},
            };

            if (i == 0 && in->pixels - at >= panel) {
                args.x = in->from + at * element;
                args.x_channel = in->channel;
                if (parts.count > 1)
                    args.x_copy = (char *)t->operand + at * in->count * element;
            }
            if (asks)
                args.ahead[1] = next_weights(in, &parts, w, i, at / panel, panels, element);
            t->direct->rows(&args);
        }
    }
}

struct tcv_direct tcv_gemm_lanes(const struct tcv_gemm_tile *t, const struct tcv_gemm_inputs *in,
                                 int64_t first, int64_t vectors)
{
    static const int64_t zero = 0;
    const int64_t each = in->count * t->direct->width * (int64_t)t->element;
    const char *const w = weights_at(t, in->ic) + first * each;

    for (int64_t i = 0; i < in->pixels / 2; i++)
        t->at[i] = 2 * i * in->pixel;
    return (struct tcv_direct){
        .x = in->from,
        .x_channel = in->channel,
        .x_pixel = in->pixel,
        .tap = &zero,
        .taps = 1,
        .channels = in->count,
        .w = w,
        .add = in->ic > 0,
        .pair = t->at,
        .pairs = in->pixels / 2,
        .vectors = vectors,
        .w_vector = in->count * t->direct->width,
        .w_tap = &zero,
        .w_after = w + vectors * each,
    };
}

/* A last pixel without another is both of its pair. */
void tcv_gemm_sum_pixels(const struct tcv_gemm_tile *t, const struct tcv_direct *args,
                         int64_t pixels)
{
    const int64_t zero = 0, last = pixels - 1, element = (int64_t)t->element;
    struct tcv_direct one = *args;

    t->direct->lanes(args);
    if (pixels % 2 == 0)
        return;
    one.x = (const char *)args->x + last * args->x_pixel * element;
    one.x_pixel = 0;
    one.c = (char *)args->c +
            (args->c_at == NULL ? last * args->c_step : args->c_at[last]) * element;
    one.c_at = NULL;
    one.c_step = 0;
    one.pair = &zero;
    one.pairs = 1;
    t->direct->lanes(&one);
}

void tcv_gemm_columns_by_vectors(struct tcv_gemm_tile *t, const struct tcv_gemm_box *box,
                                 const struct tcv_gemm_box *next)
{
    const int64_t most = t->grid->ic_block;

    for (int64_t ic = 0; ic < t->p->ic; ic += most) {
        const struct tcv_gemm_inputs in =
            tcv_gemm_inputs_of(t, box, ic, tcv_min(most, t->p->ic - ic));
        struct tcv_direct args;

        if (tcv_gemm_is_planar(t)) {
            sum_planes(t, &in, tcv_gemm_ask_for_next(t, box, next, ic + most), box->columns);
            continue;
        }
        args = tcv_gemm_lanes(t, &in, 0, t->block.padded / t->direct->width);
        args.c = box->columns;
        args.c_step = t->pixel_step;
        tcv_gemm_sum_pixels(t, &args, in.pixels);
    }
}
