#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>

void *tcv_alloc(size_t bytes)
{
    if (bytes > SIZE_MAX - TCV_ALIGNMENT)
        return NULL;
    /* aligned_alloc wants a multiple of the alignment, and 0 may give NULL. */
    bytes = (bytes + TCV_ALIGNMENT) & ~(size_t)(TCV_ALIGNMENT - 1);
    return aligned_alloc(TCV_ALIGNMENT, bytes);
}

void tcv_free(void *memory)
{
    free(memory);
}
