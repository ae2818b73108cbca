#include "base/parallel.h"

#include <stddef.h>

#ifdef _OPENMP
#include <omp.h>
#endif

int32_t tcv_parallel_default_threads(void)
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

void tcv_parallel_run(tcv_parallel_loop loop, void *context, int64_t count,
                      tcv_parallel_task task, void *task_context)
{
    if (count == 1) {
        task(task_context, 0);
    } else if (loop != NULL) {
        loop(context, count, task, task_context);
    } else {
        /* A loop and not one task a thread: OpenMP may give fewer threads. */
#ifdef _OPENMP
#pragma omp parallel for schedule(static, 1) num_threads((int)count)
#endif
        for (int64_t i = 0; i < count; i++)
            task(task_context, i);
    }
}
