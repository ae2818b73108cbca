/*
 * table.h - problems that have broken somebody's transposed convolution
 */
#ifndef SUPPORT_TABLE_H
#define SUPPORT_TABLE_H

#include <stddef.h>

/* Picked by hand: every rule of the geometry at its edges. */
extern const char *const nasty_problems[];
extern const size_t nasty_count;

/* The layers of published networks, small enough for a test. */
extern const char *const network_problems[];
extern const size_t network_count;

#endif
