#define _DEFAULT_SOURCE /* posix_memalign(), madvise() */

#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

#define HUGE_PAGE ((size_t)2 << 20)

/*
 * Packed weights of megabytes are written once, each page for the first time: in pages
 * of 4 KiB the kernel's faults take longer than the packing.
 */
static void *alloc_large(size_t bytes)
{
    void *memory; /* aligned_alloc() would want a multiple of the alignment */

    if (posix_memalign(&memory, HUGE_PAGE, bytes) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    /* A wish: whether it is granted does not matter. */
    (void)madvise(memory, bytes & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
#endif
    return memory;
}

void *tcv_alloc(size_t bytes)
{
    const size_t alignment = bytes < 2 * HUGE_PAGE ? TCV_ALIGNMENT : HUGE_PAGE;

    if (bytes > SIZE_MAX - TCV_ALIGNMENT)
        return NULL;
    /* Beyond the last element, for 0 bytes may give NULL. */
    bytes = (bytes + TCV_ALIGNMENT) & ~(size_t)(TCV_ALIGNMENT - 1);
    return alignment == HUGE_PAGE ? alloc_large(bytes) : aligned_alloc(TCV_ALIGNMENT, bytes);
}

void tcv_free(void *memory)
{
    free(memory);
}
