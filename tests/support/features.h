/*
 * features.h - plans for a processor that knows less than this one
 *
 * In programs that are linked with tconv_lowered the library sees, of this machine's
 * features, those that the environment variable TCONV_TEST_CPU names: c (none), avx2,
 * avx512 or neon; without it, all.
 */
#ifndef SUPPORT_FEATURES_H
#define SUPPORT_FEATURES_H

#include <stdint.h>

/* The mask of a name; aborts the test program for another name. */
uint32_t features_of(const char *name);

#endif
