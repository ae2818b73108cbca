/*
 * test_bits.c - the same bits whatever runs the work and however little memory
 * it has
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/cases.h"
#include "support/loops.h"

static struct sample sample;
static struct arena first, again;

static int teardown(void **state)
{
    (void)state;
    arena_destroy(&first);
    arena_destroy(&again);
    sample_destroy(&sample);
    return 0;
}

static void prepare(const struct property_case *c)
{
    sample_create_with(&sample, &c->problem, c->dtype, FILL_REAL, 12, NULL);
    property_arena(&first, &sample, c);
    arena_execute(&first);
}

/* Runs the case another way and compares; false if the plan is refused. */
static bool same_with(const struct property_case *c, struct arena_case how, const char *what)
{
    tconv_status status;

    how.algorithm = c->algorithm;
    how.placement = c->placement;
    status = arena_create(&again, &sample, &how);
    if (status == TCONV_OK) {
        if (how.workspace_limit != 0 && again.workspace.bytes > how.workspace_limit)
            fail_msg("a limit of %zu bytes, but a workspace of %zu", how.workspace_limit,
                     again.workspace.bytes);
        arena_execute(&again);
        assert_nothing_else_touched(&again);
        if (!field_same_bits(&first.y, &again.y))
            fail_msg("other bits with %s", what);
        arena_destroy(&again);
        return true;
    }
    if (status != TCONV_ERR_WORKSPACE_TOO_SMALL || how.workspace_limit == 0)
        fail_msg("%s: %s", what, again.error.message);
    return false;
}

static void any_number_of_threads(void **state)
{
    const struct property_case *c = *state;
    int workers = 3;

    uint64_t bits;

    prepare(c);
    bits = guard_hash(&first.y.memory);
    arena_execute(&first);
    if (guard_hash(&first.y.memory) != bits)
        fail_msg("other bits when run again");
    same_with(c, (struct arena_case){.threads = 1}, "one thread again");
    same_with(c, (struct arena_case){.threads = 2}, "two threads");
    same_with(c, (struct arena_case){.threads = 3}, "three threads");
    same_with(c, (struct arena_case){.threads = 5}, "five threads");
    same_with(c, (struct arena_case){.threads = 0}, "OpenMP's threads");
    same_with(c, (struct arena_case){.threads = 4, .parallel_for = loop_serial},
              "the caller's serial loop");
    same_with(c, (struct arena_case){.threads = 5, .parallel_for = loop_reversed},
              "the caller's reversed loop");
    same_with(c,
              (struct arena_case){.threads = 3,
                                  .parallel_for = loop_threads,
                                  .parallel_context = &workers},
              "the caller's POSIX threads");
}

/* The numbers in a message; only the one that is enough but not too much counts. */
static size_t number_that_suffices(const struct property_case *c, const char *message)
{
    const struct arena_case how = {.threads = 1};
    size_t found = 0;

    while (*message != '\0') {
        char *end;
        struct arena_case more = how, less = how;

        if (!isdigit((unsigned char)*message)) {
            message++;
            continue;
        }
        more.workspace_limit = strtoull(message, &end, 10);
        message = end;
        if (more.workspace_limit < 2)
            continue;
        less.workspace_limit = more.workspace_limit - 1;
        if (same_with(c, more, "the limit that a message names")) {
            if (!same_with(c, less, "a byte less"))
                found = more.workspace_limit;
        } else {
            arena_destroy(&again);
        }
        arena_destroy(&again);
    }
    return found;
}

/* Halves the limit until it is refused; what the refusal asks for is enough. */
static void check_limits(const struct property_case *c, int32_t threads)
{
    struct arena_case how = {.threads = threads, .parallel_for = loop_reversed};
    char message[sizeof first.error.message];
    size_t needed;

    how.algorithm = c->algorithm;
    how.placement = c->placement;
    assert_int_equal(arena_create(&again, &sample, &how), TCONV_OK);
    how.workspace_limit = again.workspace.bytes;
    arena_destroy(&again);
    if (how.workspace_limit == 0)
        return; /* needs none: there is nothing to limit */
    while (same_with(c, how, "a smaller workspace")) {
        if (how.workspace_limit == 1)
            fail_msg("a workspace of one byte is accepted");
        how.workspace_limit /= 2;
    }
    snprintf(message, sizeof message, "%s", again.error.message);
    assert_null(again.plan);
    arena_destroy(&again);
    needed = number_that_suffices(c, message);
    if (needed <= how.workspace_limit)
        fail_msg("\"%s\" names no number that is just enough", message);
}

static void any_workspace_that_is_accepted(void **state)
{
    const struct property_case *c = *state;

    prepare(c);
    check_limits(c, 1);
    check_limits(c, 4);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "bits"};

    property_add(&suite, "threads", any_number_of_threads, teardown,
                 PROPERTY_FULL | PROPERTY_LARGE);
    property_add(&suite, "workspace", any_workspace_that_is_accepted, teardown,
                 PROPERTY_FULL | PROPERTY_LARGE);
    return property_run(&suite, argc, argv) != 0;
}
