/*
 * test_copy_box.c - strided boxes copied into dense memory, and looked through
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
    for (int d = TCV_BOX_DIMS - 1; d >= 0; d--) {
        int64_t reach;

        box->size[d] = rng_chance(rng, 30) ? 1 : rng_between(rng, 1, d == 5 ? 40 : 3);
        box->from_stride[d] = rng_chance(rng, 30) ? 1 : rng_between(rng, -9, 9);
        if (d < TCV_BOX_DIMS - 1 && rng_chance(rng, 40)) /* one follows on the other */
            box->from_stride[d] = box->size[d + 1] * box->from_stride[d + 1];
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

/* A value that is not finite is seen in the box, and not beside it. */
static void finds_what_is_not_finite(void **state)
{
    static const uint32_t bad32[] = {0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001};
    static const uint64_t bad64[] = {0x7ff0000000000000, 0xfff0000000000000,
                                     0x7ff8000000000000, 0x7ff0000000000001};
    const size_t bytes = *(const size_t *)*state;
    struct rng rng = {bytes + 1};

    for (int trial = 0; trial < 200; trial++) {
        struct tcv_box box;
        int64_t low, offset = 0;
        const int64_t span = draw(&rng, &box, &low);
        const void *bad = bytes == 4 ? (const void *)&bad32[trial % 4] : &bad64[trial % 4];
        unsigned char *origin;

        guard_create(&from, (size_t)span * bytes, GUARD_END);
        memset(from.data, 0x11, from.bytes);
        origin = from.data + (size_t)-low * bytes;
        assert_true(tcv_box_is_finite(&box, bytes, origin));
        for (int d = 0; d < TCV_BOX_DIMS; d++)
            offset += rng_between(&rng, 0, box.size[d] - 1) * box.from_stride[d];
        memcpy(origin + offset * (int64_t)bytes, bad, bytes);
        assert_false(tcv_box_is_finite(&box, bytes, origin));
        teardown(NULL);
    }
}

static void looks_at_the_box_only(void **state)
{
    const size_t bytes = *(const size_t *)*state;
    const struct tcv_box box = {{1, 1, 1, 2, 3, 4}, {0, 0, 0, 40, 10, 2}};

    guard_create(&from, 120 * bytes, GUARD_END);
    memset(from.data, 0xff, from.bytes); /* NaN */
    for (int64_t i = 0; i < 24; i++)
        memset(from.data + (size_t)(i / 12 * 40 + i / 4 % 3 * 10 + i % 4 * 2) * bytes, 0x11,
               bytes);
    assert_true(tcv_box_is_finite(&box, bytes, from.data));
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {4, 8};
    struct suite suite = {.name = "copy box"};

    for (size_t i = 0; i < 2; i++) {
        void *bytes = (void *)(uintptr_t)&sizes[i];

        suite_add(&suite, copies_like_six_loops, NULL, teardown, bytes, "kernel/copy-box/%zu",
                  sizes[i]);
        suite_add(&suite, finds_what_is_not_finite, NULL, teardown, bytes, "kernel/finite/%zu",
                  sizes[i]);
        suite_add(&suite, looks_at_the_box_only, NULL, teardown, bytes,
                  "kernel/finite-beside/%zu", sizes[i]);
    }
    return suite_run(&suite, argc, argv) != 0;
}
