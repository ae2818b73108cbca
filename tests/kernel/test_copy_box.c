/*
 * test_copy_box.c - strided boxes copied into dense memory
 */
#include <string.h>

#include "kernels/copy_box.h"
#include "support/guard.h"
#include "support/rng.h"
#include "support/suite.h"

static struct guard from, to;

static int teardown(void **state)
{
    (void)state;
    guard_destroy(&from);
    guard_destroy(&to);
    return 0;
}

/* Draws sizes and strides; returns the span of elements, and its lowest offset. */
static int64_t draw(struct rng *rng, struct tcv_box *box, int64_t *low)
{
    int64_t high = 0;

    *low = 0;
    for (int d = 0; d < TCV_BOX_DIMS; d++) {
        int64_t reach;

        box->size[d] = rng_chance(rng, 30) ? 1 : rng_between(rng, 1, d == 5 ? 40 : 3);
        box->from_stride[d] = rng_chance(rng, 30) ? 1 : rng_between(rng, -9, 9);
        reach = (box->size[d] - 1) * box->from_stride[d];
        *low += reach < 0 ? reach : 0;
        high += reach > 0 ? reach : 0;
    }
    return high - *low + 1;
}

static void copies_like_six_loops(void **state)
{
    const size_t bytes = *(const size_t *)*state;
    struct rng rng = {bytes};

    for (int trial = 0; trial < 500; trial++) {
        struct tcv_box box;
        int64_t low, count = 1, at[TCV_BOX_DIMS];
        const int64_t span = draw(&rng, &box, &low);
        const unsigned char *origin;

        for (int d = 0; d < TCV_BOX_DIMS; d++)
            count *= box.size[d];
        guard_create(&from, (size_t)span * bytes, trial % 2 ? GUARD_BEGIN : GUARD_END);
        guard_create(&to, (size_t)count * bytes, trial % 2 ? GUARD_BEGIN : GUARD_END);
        for (size_t i = 0; i < from.bytes; i++)
            from.data[i] = (unsigned char)rng_next(&rng);
        origin = from.data + (size_t)-low * bytes;
        tcv_copy_box(&box, bytes, origin, to.data);
        for (int64_t i = 0; i < count; i++) {
            int64_t rest = i, offset = 0;

            for (int d = TCV_BOX_DIMS - 1; d >= 0; d--) {
                at[d] = rest % box.size[d];
                rest /= box.size[d];
                offset += at[d] * box.from_stride[d];
            }
            assert_memory_equal(to.data + (size_t)i * bytes, origin + offset * (int64_t)bytes,
                                bytes);
        }
        assert_true(guard_intact(&to));
        teardown(NULL);
    }
}

int main(int argc, char **argv)
{
    static const size_t four = 4, eight = 8;
    struct suite suite = {.name = "copy box"};

    suite_add(&suite, copies_like_six_loops, NULL, teardown, (void *)(uintptr_t)&four,
              "kernel/copy-box/4");
    suite_add(&suite, copies_like_six_loops, NULL, teardown, (void *)(uintptr_t)&eight,
              "kernel/copy-box/8");
    return suite_run(&suite, argc, argv) != 0;
}
