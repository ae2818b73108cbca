/* ask.h - memory that is asked for before it is used, while the processor multiplies */
#ifndef TCV_KERNELS_ASK_H
#define TCV_KERNELS_ASK_H

#include <stdint.h>

/* `rows` rows of row_bytes each, row_step bytes apart.  Nothing there has to exist. */
struct tcv_ask {
    const void *from;
    int64_t rows, row_bytes, row_step;
};

/* Takes the first of `shares` shares of the rows, the larger ones first. */
static inline struct tcv_ask tcv_ask_take(struct tcv_ask *rest, int64_t shares)
{
    struct tcv_ask share = *rest;

    if (rest->rows == 0)
        return share;
    share.rows = (rest->rows + shares - 1) / shares;
    rest->from = (const char *)rest->from + share.rows * rest->row_step;
    rest->rows -= share.rows;
    return share;
}

#endif
