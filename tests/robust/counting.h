/*
 * counting.h - the library's allocations, counted and made to fail
 *
 * For programs that are linked with ${count_allocations} of CMakeLists.txt.
 */
#ifndef ROBUST_COUNTING_H
#define ROBUST_COUNTING_H

/* Blocks that tcv_alloc() gave and tcv_free() has not got back. */
extern long blocks_alive;

/* Calls of tcv_alloc() since it was last set to 0. */
extern long alloc_calls;

/* The call of tcv_alloc() that fails, from 1; 0 for none. */
extern long alloc_fails_at;

/* Calls of any allocator by the library or the test since it was last set to 0. */
extern long heap_calls;

#endif
