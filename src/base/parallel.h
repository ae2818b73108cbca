/* parallel.h - runs workers on OpenMP's threads or by the caller's own loop */
#ifndef TCV_BASE_PARALLEL_H
#define TCV_BASE_PARALLEL_H

#include <stdint.h>

typedef void (*tcv_parallel_task)(void *task_context, int64_t index);
typedef void (*tcv_parallel_loop)(void *context, int64_t count, tcv_parallel_task task,
                                  void *task_context);

/* What OpenMP would use for a parallel region of this thread; 1 without OpenMP. */
int32_t tcv_parallel_default_threads(void);

/*
 * Runs task(task_context, i) once for each i in [0, count) and returns when all
 * are done: by loop(context, ...) if there is one, else on count OpenMP threads.
 */
void tcv_parallel_run(tcv_parallel_loop loop, void *context, int64_t count,
                      tcv_parallel_task task, void *task_context);

#endif
