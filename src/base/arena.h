/* arena.h - cutting one piece of scratch into aligned parts */
#ifndef TCV_BASE_ARENA_H
#define TCV_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

/* base is on a TCV_ALIGNMENT boundary, or NULL to count only. */
struct tcv_arena {
    char *base;
    size_t used;
};

/* The next count * bytes, on a boundary; NULL when counting. */
static inline void *tcv_arena_take(struct tcv_arena *arena, int64_t count, size_t bytes)
{
    void *part = arena->base == NULL ? NULL : arena->base + arena->used;

    arena->used += ((size_t)count * bytes + TCV_ALIGNMENT - 1) & ~(size_t)(TCV_ALIGNMENT - 1);
    return part;
}

#endif
