/*
 * close.h - comparing a result with a sample's expected values
 *
 * Each fails the test, naming the worst element by its coordinates [n][oc][o..],
 * what was got, what was wanted, and how many times the bound it is off.
 */
#ifndef SUPPORT_CLOSE_H
#define SUPPORT_CLOSE_H

#include "support/arena.h"

/* How far element i of a result may be from sample->want[i]. */
double allowed_error(const struct sample *sample, int64_t i);

/*
 * Every element of y within the derived bound; an expected NaN or infinity must
 * be there as NaN or the same infinity.
 */
void assert_field_close(const struct sample *sample, const struct field *y);

/* Every element equal to the expected one: for sums that are exact. */
void assert_field_exact(const struct sample *sample, const struct field *y);

/* The arena's output, within the bound of its plan's algorithm. */
void assert_close(const struct arena *arena);

#endif
