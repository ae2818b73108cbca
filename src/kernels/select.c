#include "base/cpu.h"
#include "kernels/bf16x3.h"
#include "kernels/col2im.h"
#include "kernels/direct.h"
#include "kernels/winograd.h"

#define TABLE(type_isa)                                                                  \
    (struct tcv_kernels)                                                                 \
    {                                                                                    \
        tcv_transpose_##type_isa, tcv_deal_##type_isa, tcv_pick_##type_isa,              \
            tcv_split_##type_isa, tcv_sum_##type_isa, tcv_interleave_##type_isa,         \
            tcv_depth_##type_isa, tcv_pad_##type_isa, tcv_copy_##type_isa                \
    }

/* Portable first, then each instruction set in rising order takes over. */
struct tcv_kernels tcv_kernels_select(uint32_t features, tconv_dtype dtype)
{
    struct tcv_kernels kernels = dtype == TCONV_F64 ? TABLE(f64_c) : TABLE(f32_c);

#ifdef TCV_HAVE_AVX2_KERNELS
    if (features & TCV_CPU_AVX2)
        kernels = dtype == TCONV_F64 ? TABLE(f64_avx2) : TABLE(f32_avx2);
#endif
#ifdef TCV_HAVE_AVX512_KERNELS
    if (features & TCV_CPU_AVX512)
        kernels = dtype == TCONV_F64 ? TABLE(f64_avx512) : TABLE(f32_avx512);
#endif
#ifdef TCV_HAVE_NEON_KERNELS
    if (features & TCV_CPU_NEON)
        kernels = dtype == TCONV_F64 ? TABLE(f64_neon) : TABLE(f32_neon);
#endif
    (void)features;
    return kernels;
}

struct tcv_kernels tcv_kernels_for_runs(uint32_t features, tconv_dtype dtype, int64_t lanes)
{
    if (lanes * (dtype == TCONV_F64 ? 8 : 4) <= 32)
        features &= ~(uint32_t)TCV_CPU_AVX512;
    return tcv_kernels_select(features, dtype);
}

#define DIRECT(type_isa, width, rows, registers)                                         \
    (struct tcv_direct_kernels)                                                          \
    {                                                                                    \
        tcv_direct_rows_##type_isa, tcv_direct_lanes_##type_isa, width, rows, registers  \
    }

struct tcv_direct_kernels tcv_direct_select(uint32_t features, tconv_dtype dtype)
{
    const bool wide = dtype == TCONV_F64;
    struct tcv_direct_kernels kernels = wide ? DIRECT(f64_c, 2, 6, 16) : DIRECT(f32_c, 4, 6, 16);

#ifdef TCV_HAVE_AVX2_KERNELS
    if (features & TCV_CPU_AVX2)
        kernels = wide ? DIRECT(f64_avx2, 4, 6, 16) : DIRECT(f32_avx2, 8, 6, 16);
#endif
#ifdef TCV_HAVE_AVX512_KERNELS
    if (features & TCV_CPU_AVX512)
        kernels = wide ? DIRECT(f64_avx512, 8, 14, 32) : DIRECT(f32_avx512, 16, 14, 32);
#endif
#ifdef TCV_HAVE_NEON_KERNELS
    if (features & TCV_CPU_NEON)
        kernels = wide ? DIRECT(f64_neon, 2, 14, 32) : DIRECT(f32_neon, 4, 14, 32);
#endif
    (void)features;
    return kernels;
}

#define WINOGRAD(type_isa, width)                                                        \
    (struct tcv_winograd_kernels)                                                        \
    {                                                                                    \
        tcv_winograd_forward_row_##type_isa, tcv_winograd_forward_##type_isa,            \
            tcv_winograd_inverse_##type_isa, tcv_winograd_weights_##type_isa,            \
            tcv_winograd_inverse_row_##type_isa, width                                   \
    }

struct tcv_winograd_kernels tcv_winograd_select(uint32_t features, tconv_dtype dtype)
{
    const bool wide = dtype == TCONV_F64;
    struct tcv_winograd_kernels kernels = wide ? WINOGRAD(f64_c, 2) : WINOGRAD(f32_c, 4);

#ifdef TCV_HAVE_AVX2_KERNELS
    if (features & TCV_CPU_AVX2)
        kernels = wide ? WINOGRAD(f64_avx2, 4) : WINOGRAD(f32_avx2, 8);
#endif
#ifdef TCV_HAVE_AVX512_KERNELS
    if (features & TCV_CPU_AVX512)
        kernels = wide ? WINOGRAD(f64_avx512, 8) : WINOGRAD(f32_avx512, 16);
#endif
#ifdef TCV_HAVE_NEON_KERNELS
    if (features & TCV_CPU_NEON)
        kernels = wide ? WINOGRAD(f64_neon, 2) : WINOGRAD(f32_neon, 4);
#endif
    (void)features;
    return kernels;
}

struct tcv_bf16x3_kernels tcv_bf16x3_select(uint32_t features)
{
#ifdef TCV_HAVE_AMX_KERNELS
    if (features & TCV_CPU_AMX)
        return (struct tcv_bf16x3_kernels){tcv_bf16x3_split_amx, tcv_bf16x3_sums_amx};
#endif
    (void)features;
    return (struct tcv_bf16x3_kernels){NULL, NULL};
}
