#include "support/loops.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>


void loop_serial(void *context, int64_t count, tconv_task task, void *task_context)
{
    (void)context;
    for (int64_t i = 0; i < count; i++)
        task(task_context, i);
}

void loop_reversed(void *context, int64_t count, tconv_task task, void *task_context)
{
    (void)context;
    for (int64_t i = count; i-- > 0;)
        task(task_context, i);
}

struct shared_loop {
    _Atomic int64_t next;
    int64_t count;
    tconv_task task;
    void *task_context;
};

static void *take_indices(void *argument)
{
    struct shared_loop *loop = argument;
    int64_t i;

    while ((i = atomic_fetch_add(&loop->next, 1)) < loop->count)
        loop->task(loop->task_context, i);
    return NULL;
}

void loop_threads(void *context, int64_t count, tconv_task task, void *task_context)
{
    enum { MOST = 16 };
    const int wanted = *(const int *)context;
    const int threads = wanted < MOST ? wanted : MOST;
    struct shared_loop loop = {0, count, task, task_context};
    pthread_t ids[MOST];

    for (int t = 0; t < threads; t++) {
        if (pthread_create(&ids[t], NULL, take_indices, &loop) != 0)
            abort();
    }
    for (int t = 0; t < threads; t++)
        pthread_join(ids[t], NULL);
}
