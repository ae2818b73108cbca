/* alloc.h - the only place that calls malloc and free */
#ifndef TCV_BASE_ALLOC_H
#define TCV_BASE_ALLOC_H

#include <stddef.h>

#define TCV_ALIGNMENT 64 /* bytes: a cache line, and the widest vector */

/* bytes (at least 1) on a TCV_ALIGNMENT boundary, not initialised, or NULL. */
void *tcv_alloc(size_t bytes);

/* Takes NULL. */
void tcv_free(void *memory);

#endif
