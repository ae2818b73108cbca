/* gemm_grid.h - placeholder until gemm lands in the next commit */
#ifndef TCV_ALGO_GEMM_GRID_H
#define TCV_ALGO_GEMM_GRID_H
struct tcv_gemm_grid {
    int order;
};
#endif
