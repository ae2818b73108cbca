/*
 * guard.h - buffers whose neighbourhood is guarded
 *
 * A page that may not be touched lies before and behind every buffer, so one
 * element read or written too far kills the test at once.  A buffer that fills
 * no whole pages can lie flush against one of the two only: `edge` says
 * which, and what is left on the other side holds a pattern that
 * guard_intact() looks at.
 */
#ifndef SUPPORT_GUARD_H
#define SUPPORT_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum guard_edge { GUARD_END, GUARD_BEGIN };

struct guard {
    unsigned char *data; /* data[bytes]; never NULL, even for no bytes */
    size_t bytes;
    unsigned char *pages; /* what lies between the two guard pages */
    size_t pages_bytes;
};

/* Contents are 0xA5.  Fails the test if the system gives no memory. */
void guard_create(struct guard *guard, size_t bytes, enum guard_edge edge);

/* The same for a buffer that begins at an odd address, one byte behind the page. */
void guard_create_odd(struct guard *guard, size_t bytes);

/* Takes a zeroed guard too. */
void guard_destroy(struct guard *guard);

/* Whether nothing was written beside the buffer within its pages. */
bool guard_intact(const struct guard *guard);

/* A hash of the contents: changes if a byte does. */
uint64_t guard_hash(const struct guard *guard);

#endif
