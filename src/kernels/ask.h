/* ask.h - memory that is asked for before it is read, while the processor multiplies */
#ifndef TCV_KERNELS_ASK_H
#define TCV_KERNELS_ASK_H

#include <stdint.h>

/* `rows` rows of row_bytes each, row_step bytes apart.  Nothing there has to exist. */
struct tcv_ask {
    const void *from;
    int64_t rows, row_bytes, row_step;
};

#endif
