/*
 * generate.h - small problems by the hundred, of every kind the library takes
 */
#ifndef SUPPORT_GENERATE_H
#define SUPPORT_GENERATE_H

#include "support/problem.h"

/*
 * The problem of a seed: always legal, always the same.  Between them seeds
 * cover one to three axes, strides above and below the kernel, dilation,
 * negative and uneven paddings, every automatic padding, output paddings and
 * sizes beyond the span, groups up to depthwise, batches from 0, and every
 * epilogue.
 */
struct problem generate_problem(uint64_t seed);

/* The same for convolutions. */
struct problem generate_conv(uint64_t seed);

#endif
