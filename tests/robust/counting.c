#include "robust/counting.h"

#include <stddef.h>
#include <stdlib.h>

long blocks_alive, alloc_calls, alloc_fails_at, heap_calls;

/* The linker's --wrap=f turns calls of f into __wrap_f, and __real_f into f. */
void *__real_tcv_alloc(size_t bytes);
void __real_tcv_free(void *memory);
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
int __real_posix_memalign(void **memory_out, size_t alignment, size_t bytes);

void *__wrap_tcv_alloc(size_t bytes);
void __wrap_tcv_free(void *memory);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
int __wrap_posix_memalign(void **memory_out, size_t alignment, size_t bytes);

void *__wrap_tcv_alloc(size_t bytes)
{
    void *memory;

    if (++alloc_calls == alloc_fails_at)
        return NULL;
    memory = __real_tcv_alloc(bytes);
    blocks_alive += memory != NULL;
    return memory;
}

void __wrap_tcv_free(void *memory)
{
    blocks_alive -= memory != NULL;
    __real_tcv_free(memory);
}

void *__wrap_malloc(size_t bytes)
{
    heap_calls++;
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    heap_calls++;
    return __real_calloc(count, bytes);
}

void *__wrap_realloc(void *memory, size_t bytes)
{
    heap_calls++;
    return __real_realloc(memory, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    heap_calls++;
    return __real_aligned_alloc(alignment, bytes);
}

int __wrap_posix_memalign(void **memory_out, size_t alignment, size_t bytes)
{
    heap_calls++;
    return __real_posix_memalign(memory_out, alignment, bytes);
}
