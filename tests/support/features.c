#include "support/features.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"

uint32_t __real_tcv_cpu_features(void);
uint32_t __wrap_tcv_cpu_features(void);

uint32_t features_of(const char *name)
{
    static const struct {
        const char *name;
        uint32_t mask;
    } sets[] = {{"c", 0}, {"avx2", TCV_CPU_AVX2}, {"avx512", TCV_CPU_AVX2 | TCV_CPU_AVX512},
                {"amx", TCV_CPU_AVX2 | TCV_CPU_AVX512 | TCV_CPU_AMX}, {"neon", TCV_CPU_NEON}};

    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (strcmp(name, sets[i].name) == 0)
            return sets[i].mask;
    fprintf(stderr, "TCONV_TEST_CPU is \"%s\"; it must be c, avx2, avx512, amx or neon\n", name);
    abort();
}

uint32_t __wrap_tcv_cpu_features(void)
{
    const char *name = getenv("TCONV_TEST_CPU");

    return name == NULL ? __real_tcv_cpu_features()
                        : __real_tcv_cpu_features() & features_of(name);
}
