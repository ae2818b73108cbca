/* correlate_ahead.c - the memory that is asked for while a tile is multiplied */
#include <string.h>

#include "algo/correlate_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)

/* A box of a tensor: images and axes, then channels; `pixels` of it are read. */
struct box {
    int64_t first[TCV_TILE_DIMS], count[TCV_TILE_DIMS];
    int64_t channel, channels, pixels;
};

/*
 * Rows shorter than a line cost more to ask for than they save; a row is asked for at once, so
 * longer ones are cut.
 */
#define ROW_LEAST 64
#define ROW_MOST 1024

/* Small channels by which a large element is multiplied, without which memory is busy anyway. */
#define SMALL_LEAST 8

/* The stride of a dimension; of one element it is not walked and may be anything. */
static int64_t walked(int64_t count, int64_t stride)
{
    return count > 1 ? stride : 1;
}

static bool worth_asking(const struct tcv_ask *ask, int64_t bytes)
{
    return ask->row_bytes >= ROW_LEAST && ask->row_bytes <= ask->row_step &&
           ask->rows * ask->row_bytes <= 2 * bytes;
}

/*
 * The rows that hold the box, if no more than half of them is beside it: all of an image, whose
 * channels or pixels lie together, or channels, or images, or pixels.
 */
static struct tcv_ask rows_of(const struct tcv_place *p, const struct box *box, const void *data,
                              int64_t element)
{
    const int64_t images = box->count[0], image = walked(images, p->n);
    const int64_t channel = walked(box->channels, p->c);
    const int64_t pixel = walked(box->count[W + 1], p->s[W]);
    const int64_t bytes = images * box->pixels * box->channels * element;
    int64_t at = box->first[0] * p->n + box->channel * p->c, span = 1, all;

    if (bytes <= 0) /* nothing of the box may be in the tensor */
        return (struct tcv_ask){0};
    for (int a = 0; a < TCV_AXES; a++) {
        at += box->first[a + 1] * p->s[a];
        span += (box->count[a + 1] - 1) * p->s[a];
    }
    if (span <= 0 || image <= 0 || channel <= 0 || pixel <= 0)
        return (struct tcv_ask){0};
    all = (span + (box->channels - 1) * channel) * element;

    const void *from = (const char *)data + at * element;
    const struct tcv_ask rows[] = {
        {from, images > 1 ? 0 : all / ROW_MOST, ROW_MOST, ROW_MOST},
        {from, images > 1 ? 0 : box->channels, span * element, channel * element},
        {from, images, all, image * element},
        {from, ((images - 1) * image + span - 1) / pixel + 1, box->channels * channel * element,
         pixel * element},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].rows > 0 && worth_asking(&rows[i], bytes))
            return rows[i];
    return (struct tcv_ask){0};
}

/* The large indices that `count` small ones from `first` on meet with the taps of the block. */
static void reach(const struct tcv_correlation_axis *axis, const struct tcv_correlate_block *b,
                  int a, int64_t first, int64_t count, struct box *box)
{
    const int64_t span = (b->taps[a] - 1) * axis->dilation + 1;
    const int64_t from = first * axis->stride - axis->pad + b->tap[a] * axis->dilation;
    const int64_t to = from + (count - 1) * axis->stride + span;
    const int64_t read = (count - 1) * tcv_min(axis->stride, span) + span;

    box->first[a + 1] = tcv_max(0, from);
    box->count[a + 1] = tcv_min(axis->large, to) - box->first[a + 1];
    box->pixels *= tcv_max(0, tcv_min(box->count[a + 1], read));
}

/* Both operands of tile `index`. */
static void tile_ahead(const struct tcv_correlate_tile *t, int64_t index,
                       struct tcv_ask ahead[TCV_CORRELATE_AHEADS])
{
    const struct tcv_correlation *c = t->c;
    const struct tcv_correlate_block *b = t->b;
    struct box small = {.channel = b->group * c->small + b->row, .channels = b->rows,
                        .pixels = 1};
    struct box large = {.channel = b->group * c->large + b->large, .channels = b->larges,
                        .pixels = 1};
    int64_t end[TCV_TILE_DIMS];

    tcv_correlate_locate(t, index, small.first, end);
    for (int d = 0; d < TCV_TILE_DIMS; d++) {
        small.count[d] = end[d] - small.first[d];
        if (d > 0) {
            small.pixels *= small.count[d];
            reach(&c->axis[d - 1], b, d - 1, small.first[d], small.count[d], &large);
        }
    }
    large.first[0] = small.first[0];
    large.count[0] = small.count[0];
    ahead[0] = rows_of(&c->s, &small, t->run->s, (int64_t)t->element);
    ahead[1] = rows_of(&c->l, &large, t->run->l, (int64_t)t->element);
}

/* dw of the block, if its rows hold little else. */
static struct tcv_ask weights_ahead(const struct tcv_correlate_tile *t)
{
    const struct tcv_correlation *c = t->c;
    const struct tcv_correlate_block *b = t->b;
    const int64_t element = (int64_t)t->element;
    int64_t at = b->group * c->w_group + b->row * c->w_small + b->large * c->w_large;
    int64_t row = (b->larges - 1) * c->w_large + 1, elements = b->larges;

    for (int a = 0; a < TCV_AXES; a++) {
        at += b->tap[a] * c->w_tap[a];
        row += (b->taps[a] - 1) * c->w_tap[a];
        elements *= b->taps[a];
    }
    return (struct tcv_ask){(const char *)t->run->dw + at * element,
                            row <= 0 || row > 2 * elements ? 0 : b->rows, row * element,
                            walked(b->rows, c->w_small) * element};
}

void tcv_correlate_look_ahead(const struct tcv_correlate_tile *t, int64_t next, int64_t end,
                              struct tcv_ask ahead[TCV_CORRELATE_AHEADS])
{
    memset(ahead, 0, TCV_CORRELATE_AHEADS * sizeof *ahead);
    if (next < end && t->b->rows >= SMALL_LEAST)
        tile_ahead(t, next, ahead);
    else if (next == end && t->g->chunks == 1)
        ahead[0] = weights_ahead(t);
}
