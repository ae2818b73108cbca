/*
 * gang.c - threads of our own, so that measuring the machine leaves the pools of OpenMP and
 * OpenBLAS as the contestants left them
 */
#include "gang.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { WAIT, GO, GIVE_UP };

struct member {
    pthread_t thread;
    atomic_int *start;
    gang_measure *measure;
    void *context;
    int index;
    double rate;
};

static void *run_member(void *argument)
{
    struct member *member = argument;

    while (atomic_load(member->start) == WAIT)
        sched_yield();
    if (atomic_load(member->start) == GO)
        member->rate = member->measure(member->context, member->index);
    return NULL;
}

/* The members from 1 on; 0 is the caller. */
static double run_all(struct member *members, int threads, atomic_int *start)
{
    double sum = 0.0;
    int started = 1;

    while (started < threads && pthread_create(&members[started].thread, NULL, run_member,
                                               &members[started]) == 0)
        started++;
    atomic_store(start, started == threads ? GO : GIVE_UP);
    run_member(&members[0]);
    for (int i = 0; i < started; i++) {
        if (i > 0)
            pthread_join(members[i].thread, NULL);
        sum += members[i].rate;
    }
    return started == threads ? sum : -1.0;
}

double gang_sum(int threads, gang_measure *measure, void *context)
{
    struct member *members = calloc((size_t)threads, sizeof *members);
    atomic_int start = WAIT;
    double sum;

    if (members == NULL)
        return -1.0;
    for (int i = 0; i < threads; i++) {
        members[i].start = &start;
        members[i].measure = measure;
        members[i].context = context;
        members[i].index = i;
    }
    sum = run_all(members, threads, &start);
    free(members);
    return sum;
}
