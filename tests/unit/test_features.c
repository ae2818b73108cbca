/*
 * test_features.c - a plan uses what the processor says, and no more when that is lowered
 */
#include <stdlib.h>

#include "base/cpu.h"
#include "plan/plan.h"
#include "support/features.h"
#include "support/suite.h"

static uint32_t features_of_a_plan(void)
{
    const int64_t size[] = {1, 1, 1};
    const tconv_desc desc = tconv_desc_default(1);
    tconv_tensor t;
    tconv_plan *plan;
    uint32_t features;

    assert_int_equal(tconv_tensor_dense(&t, TCONV_F32, TCONV_NCX, 3, size, NULL), TCONV_OK);
    assert_int_equal(tconv_plan_create(&desc, &t, &t, &t, NULL, &plan, NULL), TCONV_OK);
    features = plan->features;
    tconv_plan_destroy(plan);
    return features;
}

static void plans_see_the_lowered_mask(void **state)
{
    static const char *const names[] = {"c", "avx2", "avx512", "amx", "neon"};
    uint32_t all;

    (void)state;
    assert_int_equal(unsetenv("TCONV_TEST_CPU"), 0);
    all = features_of_a_plan();
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(setenv("TCONV_TEST_CPU", names[i], 1), 0);
        assert_int_equal(features_of_a_plan(), all & features_of(names[i]));
    }
    assert_int_equal(features_of("c"), 0);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "features"};

    suite_add(&suite, plans_see_the_lowered_mask, NULL, NULL, NULL, "features/lowered");
    return suite_run(&suite, argc, argv) != 0;
}
