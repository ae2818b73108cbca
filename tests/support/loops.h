/*
 * loops.h - parallel-for functions that a caller of the library may have
 */
#ifndef SUPPORT_LOOPS_H
#define SUPPORT_LOOPS_H

#include <tconv/tconv.h>

/* One after the other, first to last and last to first; context is ignored. */
void loop_serial(void *context, int64_t count, tconv_task task, void *task_context);
void loop_reversed(void *context, int64_t count, tconv_task task, void *task_context);

/* On POSIX threads that take the next index; context is an int: how many. */
void loop_threads(void *context, int64_t count, tconv_task task, void *task_context);

#endif
