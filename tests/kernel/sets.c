#include "kernel/sets.h"

#include "base/cpu.h"

double kernel_get(const void *data, tconv_dtype dtype, int64_t i)
{
    return dtype == TCONV_F64 ? ((const double *)data)[i] : (double)((const float *)data)[i];
}

void kernel_put(void *data, tconv_dtype dtype, int64_t i, double value)
{
    if (dtype == TCONV_F64)
        ((double *)data)[i] = value;
    else
        ((float *)data)[i] = (float)value;
}

void kernel_fill(struct guard *array, tconv_dtype dtype, int64_t count, struct rng *rng,
                 bool reals)
{
    guard_create(array, (size_t)count * dtype_bytes(dtype), GUARD_END);
    for (int64_t i = 0; i < count; i++)
        kernel_put(array->data, dtype, i,
                   reals ? rng_float(rng) : (double)rng_between(rng, -4, 4));
}

static void not_on_this_machine(void **state)
{
    (void)state;
    skip();
}

int kernel_run(const char *suite_name, const struct kernel_test *tests, size_t count, int argc,
               char **argv)
{
    static const struct {
        const char *name;
        uint32_t mask;
    } sets[] = {{"c", 0}, {"avx2", TCV_CPU_AVX2}, {"avx512", TCV_CPU_AVX2 | TCV_CPU_AVX512},
                {"neon", TCV_CPU_NEON}};
    static struct kernel_case cases[2 * ARRAY_LEN(sets)];
    struct suite suite = {.name = suite_name};

    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        const size_t s = c / 2;
        const bool runs = (sets[s].mask & ~tcv_cpu_features()) == 0;

        cases[c].mask = sets[s].mask;
        cases[c].dtype = c % 2 == 0 ? TCONV_F32 : TCONV_F64;
        for (size_t t = 0; t < count; t++)
            suite_add(&suite, runs ? tests[t].test : not_on_this_machine, NULL,
                      tests[t].teardown, &cases[c], "kernel/%s/%s/%s", tests[t].name,
                      sets[s].name, dtype_name(cases[c].dtype));
    }
    return suite_run(&suite, argc, argv);
}
