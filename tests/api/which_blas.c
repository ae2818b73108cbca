/* Prints which of OpenBLAS's builds the loader chose. */
#include <stdio.h>

#include <cblas.h>

int main(void)
{
    static const char *const names[] = {"serial", "pthread", "openmp"};
    const int parallel = openblas_get_parallel();

    puts(parallel >= 0 && parallel <= 2 ? names[parallel] : "unknown");
    return 0;
}
