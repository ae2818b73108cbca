/*
 * choice.h - problems and the algorithms that a timed search found for them, as text
 *
 * A line is a key, ": ", the name of an algorithm and a newline.  The key says all
 * that the speed of an algorithm depends on, the kind of processor included, so one
 * text serves many problems and machines.
 */
#ifndef TCV_PLAN_CHOICE_H
#define TCV_PLAN_CHOICE_H

#include "plan/plan.h"

/* A line has room for ": ", a name, the newline and the NUL as well. */
#define TCV_KEY_BYTES (TCONV_CHOICE_BYTES - 32)

/* The key of a plan's problem, features and threads. */
void tcv_choice_key(const struct tconv_plan *plan, char key[TCV_KEY_BYTES]);

/*
 * The algorithm that `choices` names for the plan, or NULL if none does or choices is
 * NULL; the last line for a key counts.  Fails if that line names none that exists.
 */
tconv_status tcv_choice_find(const struct tconv_plan *plan, const char *choices,
                             const struct tcv_algo **algo_out, tconv_error *error);

#endif
