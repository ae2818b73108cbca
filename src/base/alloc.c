#define _DEFAULT_SOURCE /* madvise() */
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

/*
 * From so many bytes on, memory is asked for in pages of 2 MiB: packed weights are
 * read from end to end, and with pages of 4 KiB the first touch of 33 MB takes 8192
 * faults and every later one as many entries of the TLB.
 */
#define HUGE_FROM ((size_t)8 << 20)
#define HUGE_PAGE ((size_t)2 << 20)

void *tcv_alloc(size_t bytes)
{
    const size_t page = bytes >= HUGE_FROM ? HUGE_PAGE : TCV_ALIGNMENT;
    void *memory;

    if (bytes > SIZE_MAX - HUGE_PAGE)
        return NULL;
    /* aligned_alloc wants a multiple of the alignment, and 0 may give NULL. */
    bytes = (bytes + page) & ~(page - 1);
    memory = aligned_alloc(page, bytes);
#ifdef MADV_HUGEPAGE
    if (memory != NULL && page == HUGE_PAGE)
        (void)madvise(memory, bytes, MADV_HUGEPAGE); /* a wish: without it all still works */
#endif
    return memory;
}

void tcv_free(void *memory)
{
    free(memory);
}
