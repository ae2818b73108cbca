/*
 * tconv.h - transposed convolution (conv_transpose, "deconvolution") on CPUs
 *
 * The whole public interface of libtconv, to be read from top to bottom:
 *
 *     1. status and messages        4. plans and packed weights
 *     2. tensors                    5. execution, whole or by window
 *     3. the operation              and the headers that it ends with
 *
 * Per spatial axis, with input index i, output index o and kernel tap k,
 *
 *     y[n][oc][o] = sum of x[n][ic][i] * w[ic][oc within its group][k]
 *                   over every ic of oc's group, k and i
 *                   with  o = i * stride - pad_begin + k * dilation
 *
 * and then the epilogue (bias, scale, shift, accumulate, activation) on y.  The
 * counterpart, convolution (TCONV_CONV), exchanges i and o in the last line and
 * takes w[oc][ic within its group][k]: each is the other's data gradient, with
 * the same weights.  docs/math.md derives it and works an example by hand.
 *
 * Sizes are int64_t and counted in elements, of names ending in _bytes in bytes.  Arrays of
 * spatial values are outermost first: [0] is the height of a 2-D problem.  No function aborts,
 * exits, prints or reads the environment; nothing has to be initialised.  C11 and C++17.
 */
#ifndef TCONV_H
#define TCONV_H

#include <stddef.h>
#include <stdint.h>

#define TCONV_VERSION_MAJOR 0
#define TCONV_VERSION_MINOR 1
#define TCONV_VERSION_PATCH 0

#if defined(TCONV_BUILDING) || (defined(__GNUC__) && !defined(_WIN32))
#define TCONV_API __attribute__((visibility("default")))
#else
#define TCONV_API
#endif

#if defined(__GNUC__)
#define TCONV_NODISCARD __attribute__((warn_unused_result))
#else
#define TCONV_NODISCARD
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 1. Status and messages --------------------------------------------- */

/** What became of a call.  The numbers are part of the ABI. */
typedef enum tconv_status {
    TCONV_OK = 0,
    TCONV_ERR_NULL_POINTER = 1,        /* a required pointer is NULL */
    TCONV_ERR_INVALID_ARGUMENT = 2,    /* a documented rule is broken */
    TCONV_ERR_UNSUPPORTED = 3,         /* legal, but not done by what was asked for */
    TCONV_ERR_TOO_LARGE = 4,           /* a size does not fit in int64_t or size_t */
    TCONV_ERR_OUT_OF_MEMORY = 5,       /* the allocator said no */
    TCONV_ERR_WORKSPACE_TOO_SMALL = 6  /* the workspace or its limit is too small */
} tconv_status;

/**
 * Why a call failed, in words.  Owned by the caller.
 *
 * Every function that can fail takes a pointer to one as its last argument; it
 * may be NULL.  On failure both fields are set and the message names the
 * argument, its value and the rule, for example
 * "stride[1] is 0; a stride must be at least 1".  On success it is not touched.
 */
typedef struct tconv_error {
    tconv_status status;
    char message[252]; /* one line, NUL-terminated, no newline */
} tconv_error;

/**
 * The meaning of a status, in a few words.
 *
 * @param status  Any value.
 * @return A static string, never NULL; "unknown tconv status" for no status.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API const char *tconv_status_string(tconv_status status);

/**
 * The version of the library that runs, as "MAJOR.MINOR.PATCH".
 *
 * TCONV_VERSION_MAJOR and its like tell the version that was compiled against.
 *
 * @return A static string, never NULL.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API const char *tconv_version(void);

/* ---- 2. Tensors --------------------------------------------------------- */

#define TCONV_MAX_SPATIAL 3
#define TCONV_MAX_DIMS 5

/** The type of every element of a problem's tensors: float or double. */
typedef enum tconv_dtype { TCONV_F32 = 1, TCONV_F64 = 2 } tconv_dtype;

/** Two dense orders in memory; a tensor may have any other by its strides. */
typedef enum tconv_layout {
    TCONV_NCX = 1, /* N, C, spatial...: PyTorch's, ONNX's; C order of the size */
    TCONV_NXC = 2  /* N, spatial..., C: channels last, TensorFlow's */
} tconv_layout;

/**
 * Shape and place of a tensor's elements; the data pointer comes later.
 *
 * Dimensions are logical and always in the order N, C, spatial..., whatever
 * the memory order; weights are (C_in, C_out / groups, k...), those of a
 * convolution (C_out, C_in / groups, k...).  Element
 * [a][b][c]... lies at data[a * stride[0] + b * stride[1] + ...].  Strides may
 * be negative; then data points to element [0][0]..., which is not the lowest.
 */
typedef struct tconv_tensor {
    tconv_dtype dtype;
    int32_t rank;                   /* 3 to 5: two more than spatial axes */
    int64_t size[TCONV_MAX_DIMS];   /* elements; the first rank entries count */
    int64_t stride[TCONV_MAX_DIMS]; /* elements */
} tconv_tensor;

/**
 * Describes a dense tensor.
 * @param tensor_out  Filled on success, untouched on failure.  Not NULL.
 * @param dtype   Type of the elements.
 * @param layout  Memory order; weights are usually TCONV_NCX.
 * @param rank    3, 4 or 5.
 * @param size    size[rank], logical order (N, C, spatial...), each >= 0.
 * @param error   Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: tensor_out or size is NULL.
 *         TCONV_ERR_INVALID_ARGUMENT: dtype, layout or rank is none of the
 *         above, or a size is negative.
 *         TCONV_ERR_TOO_LARGE: the tensor has more bytes than PTRDIFF_MAX.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_tensor_dense(tconv_tensor *tensor_out, tconv_dtype dtype, tconv_layout layout,
                   int32_t rank, const int64_t *size, tconv_error *error);

/* ---- 3. The operation --------------------------------------------------- */

/** Which of the two operations. */
typedef enum tconv_op {
    TCONV_CONV_TRANSPOSE = 0, /* stamps the kernel: the stride upsamples */
    TCONV_CONV = 1            /* slides the kernel, unflipped: the stride downsamples */
} tconv_op;

/** How the paddings and the output size are found; see tconv_desc. */
typedef enum tconv_auto_pad {
    TCONV_PAD_EXPLICIT = 0, TCONV_PAD_SAME_UPPER = 1, TCONV_PAD_SAME_LOWER = 2, TCONV_PAD_VALID = 3
} tconv_auto_pad;

/** Applied to each output last.  NaN stays NaN through every one. */
typedef enum tconv_activation {
    TCONV_ACTIVATION_NONE = 0,
    TCONV_ACTIVATION_RELU = 1,       /* max(v, 0) */
    TCONV_ACTIVATION_LEAKY_RELU = 2, /* v < 0 ? alpha * v : v */
    TCONV_ACTIVATION_CLIP = 3,       /* min(max(v, alpha), beta) */
    TCONV_ACTIVATION_SIGMOID = 4,    /* 1 / (1 + exp(-v)) */
    TCONV_ACTIVATION_TANH = 5
} tconv_activation;

/**
 * What happens to the sum of products before it is stored:
 *
 *     v = scale[oc] * (sum + bias[oc]) + shift[oc]
 *     y[n][oc][o] = activation(accumulate ? y[n][oc][o] + v : v)
 *
 * The three lengths say which vectors are there: 0 for none (a scale of 1, a
 * bias or shift of 0) or exactly C_out.  The vectors themselves come with each
 * execution, in the problem's dtype.
 */
typedef struct tconv_epilogue {
    int64_t bias_length;
    int64_t scale_length;
    int64_t shift_length;
    int32_t accumulate;          /* 0 or 1 */
    tconv_activation activation;
    double alpha; /* slope of leaky ReLU; lower bound of clip */
    double beta;  /* upper bound of clip, >= alpha */
} tconv_epilogue;

/**
 * What to compute.  Owned by the caller; functions that take one copy it.
 * Start from tconv_desc_default(), then set what differs.
 *
 * Per axis, with I inputs and F = (I - 1) * stride + dilation * (kernel - 1) + 1
 * (the span of all stamps of the kernel), the O outputs begin at index
 * pad_begin of that span; outputs outside it hold the epilogue of 0:
 *
 *   TCONV_PAD_EXPLICIT  O = output_size if > 0 (pad_end must then be 0), else
 *                       F - pad_begin - pad_end + output_padding.
 *   TCONV_PAD_VALID     as explicit with paddings of 0.
 *   TCONV_PAD_SAME_UPPER, TCONV_PAD_SAME_LOWER
 *                       O = output_size if > 0, else I * stride.  Of the
 *                       F + output_padding - O positions that are cropped the
 *                       odd one goes at the end (UPPER) or the beginning
 *                       (LOWER).  Fewer than none means that outputs are
 *                       added at the end, as in TensorFlow and Keras.
 *
 * The paddings crop the output.  They must be 0 unless TCONV_PAD_EXPLICIT;
 * negative ones add outputs.  Every O must come out >= 1.  An output_padding may
 * have any size (PyTorch wants it below the stride or the dilation); with an
 * output_size it must be 0.
 *
 * A convolution pads its input with zeros instead; negative paddings crop it.
 * With K = dilation * (kernel - 1) + 1:
 *
 *   TCONV_PAD_EXPLICIT  O = output_size if > 0 (pad_end must then be 0 and is
 *                       whatever that takes), else
 *                       floor((I + pad_begin + pad_end - K) / stride) + 1.
 *   TCONV_PAD_VALID     as explicit with paddings of 0.
 *   TCONV_PAD_SAME_UPPER, TCONV_PAD_SAME_LOWER
 *                       O = output_size if > 0, else ceil(I / stride).  Of the
 *                       (O - 1) * stride + K - I zeros, if that is above 0, the
 *                       odd one goes at the end (UPPER) or the beginning (LOWER).
 *
 * and output_padding must be 0.
 */
typedef struct tconv_desc {
    size_t struct_size;   /* set by tconv_desc_default(); leave it */
    int32_t spatial_rank; /* 1, 2 or 3 */
    tconv_op op;
    tconv_auto_pad auto_pad;
    int32_t reserved;     /* 0 */
    int64_t groups;       /* >= 1, divides C_in and C_out; C_in is depthwise */
    int64_t stride[TCONV_MAX_SPATIAL];         /* >= 1, the resampling factor */
    int64_t dilation[TCONV_MAX_SPATIAL];       /* >= 1; 1 is dense (oneDNN's 0) */
    int64_t pad_begin[TCONV_MAX_SPATIAL];      /* any sign, see above */
    int64_t pad_end[TCONV_MAX_SPATIAL];        /* any sign, see above */
    int64_t output_padding[TCONV_MAX_SPATIAL]; /* >= 0, outputs added at the end */
    int64_t output_size[TCONV_MAX_SPATIAL];    /* >= 1, or 0 to have it computed */
    tconv_epilogue epilogue;
} tconv_desc;

/**
 * A transposed convolution with stride 1, dilation 1, one group, no padding, no epilogue.
 *
 * @param spatial_rank  1, 2 or 3; checked when the descriptor is used.
 * @return The descriptor, by value.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
static inline tconv_desc tconv_desc_default(int32_t spatial_rank)
{
    tconv_desc desc;
    int i;

    desc.struct_size = sizeof desc; /* the caller's size, not the library's */
    desc.spatial_rank = spatial_rank;
    desc.op = TCONV_CONV_TRANSPOSE;
    desc.auto_pad = TCONV_PAD_EXPLICIT;
    desc.reserved = 0;
    desc.groups = 1;
    for (i = 0; i < TCONV_MAX_SPATIAL; i++) {
        desc.stride[i] = desc.dilation[i] = 1;
        desc.pad_begin[i] = desc.pad_end[i] = 0;
        desc.output_padding[i] = desc.output_size[i] = 0;
    }
    desc.epilogue.bias_length = desc.epilogue.scale_length = 0;
    desc.epilogue.shift_length = 0;
    desc.epilogue.accumulate = 0;
    desc.epilogue.activation = TCONV_ACTIVATION_NONE;
    desc.epilogue.alpha = desc.epilogue.beta = 0.0;
    return desc;
}

/**
 * The shape of the output: (N, C_out, O...).
 *
 * @param desc     The operation.  Not NULL.
 * @param input    Describes x[N][C_in][I...].  Not NULL; strides are ignored.
 * @param weights  Describes w, see tconv_tensor.  Not NULL; strides are ignored.
 * @param size_out Receives size_out[spatial_rank + 2] on success; untouched on
 *                 failure.  Not NULL.  Fit for tconv_tensor_dense().
 * @param error    Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: desc, input, weights or size_out is NULL.
 *         TCONV_ERR_INVALID_ARGUMENT: a rule of tconv_desc, tconv_tensor or of
 *         the channels is broken, or the crop leaves no output.
 *         TCONV_ERR_TOO_LARGE: a size exceeds int64_t.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_output_shape(const tconv_desc *desc, const tconv_tensor *input,
                   const tconv_tensor *weights, int64_t *size_out, tconv_error *error);

/* ---- 4. Plans and packed weights ---------------------------------------- */

/** How a plan computes.  New values may be added at the end. */
typedef enum tconv_algorithm {
    TCONV_ALGORITHM_AUTO = 0,
    TCONV_ALGORITHM_REFERENCE = 1, /* the definition, slow, never refuses */
    TCONV_ALGORITHM_GEMM = 2,      /* tile by tile, OpenBLAS GEMM then col2im */
    TCONV_ALGORITHM_DIRECT = 3,    /* phase by phase, sums held in registers */
    TCONV_ALGORITHM_WINOGRAD = 4,  /* fewer multiplications, a larger error bound */
    TCONV_ALGORITHM_BF16X3 = 5,    /* f32 as three bfloat16 each, in AMX tiles where there are */
    TCONV_ALGORITHM_COLUMNS = 6    /* as gemm, with kernels of our own for OpenBLAS's */
} tconv_algorithm;

/**
 * The name of an algorithm: "auto", "reference", "gemm", "direct", "winograd", "bf16x3", "columns".
 * @param algorithm  Any value; those that exist are 0, 1, 2, 3 ... without a gap.
 * @return A static string, or NULL for no algorithm, which ends a loop.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API const char *tconv_algorithm_name(tconv_algorithm algorithm);

/** One piece of parallel work: runs item index of what context describes. */
typedef void (*tconv_task)(void *task_context, int64_t index);

/**
 * The caller's own parallel loop: runs task(task_context, i) once for each i in
 * [0, count), in any order, on any threads or one, and returns when all are done.
 */
typedef void (*tconv_parallel_for)(void *context, int64_t count, tconv_task task,
                                   void *task_context);

/** How to compute it.  Start from tconv_options_default(). */
typedef struct tconv_options {
    size_t struct_size;             /* set by tconv_options_default(); leave it */
    tconv_algorithm algorithm;
    int32_t threads;                /* >= 1, or 0: as many as OpenMP would use */
    size_t workspace_limit_bytes;   /* most workspace the plan may ask for */
    tconv_parallel_for parallel_for; /* NULL: OpenMP */
    void *parallel_context;         /* handed to parallel_for */
    int32_t forbid_winograd;        /* 1: auto never takes it; else 0 */
    const char *choices;            /* lines of tconv_search() for auto, or NULL; not kept */
} tconv_options;

/**
 * Options with algorithm auto, OpenMP's threads and no limit on the workspace.
 * @return The options, by value.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
static inline tconv_options tconv_options_default(void)
{
    tconv_options options;

    options.struct_size = sizeof options;
    options.algorithm = TCONV_ALGORITHM_AUTO;
    options.threads = 0;
    options.workspace_limit_bytes = SIZE_MAX;
    options.parallel_for = NULL;
    options.parallel_context = NULL;
    options.forbid_winograd = 0;
    options.choices = NULL;
    return options;
}

/** One operation on tensors of known shape, ready to run.  Immutable. */
typedef struct tconv_plan tconv_plan;

/** Weights prepared for the plans of one family.  Immutable. */
typedef struct tconv_weights tconv_weights;

/**
 * Makes a plan.
 *
 * @param desc     The operation.  Not NULL; copied.
 * @param input    Describes x[N][C_in][I...].  Not NULL; N may be 0.
 * @param weights  Describes w, see tconv_tensor.  Not NULL.
 * @param output   Describes y[N][C_out][O...]; its sizes are those that
 *                 tconv_output_shape() gives.  Not NULL.  No two of its
 *                 elements may share a place.
 * @param options  Or NULL for tconv_options_default().  parallel_context must
 *                 live as long as the plan.
 * @param plan_out Receives the plan, owned by the caller, to be given to
 *                 tconv_plan_destroy(); NULL on failure.  Not NULL.
 * @param error    Receives the reason on failure, or NULL.
 *
 * All three tensors have one dtype.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: a pointer that must not be NULL is.
 *         TCONV_ERR_INVALID_ARGUMENT: a rule above, of tconv_desc, of
 *         tconv_tensor or of tconv_options is broken.
 *         TCONV_ERR_UNSUPPORTED: the algorithm asked for refuses the problem.
 *         TCONV_ERR_TOO_LARGE: a size exceeds int64_t or PTRDIFF_MAX bytes.
 *         TCONV_ERR_OUT_OF_MEMORY: no memory for the plan.
 *         TCONV_ERR_WORKSPACE_TOO_SMALL: workspace_limit_bytes is below what
 *         one thread needs; the message tells how much that is.
 * Threads: safe from any thread.
 * Cost:    microseconds and less than 64 KiB; depends on no tensor's size.
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_plan_create(const tconv_desc *desc, const tconv_tensor *input,
                  const tconv_tensor *weights, const tconv_tensor *output,
                  const tconv_options *options, tconv_plan **plan_out,
                  tconv_error *error);

/**
 * Makes a plan of the same family for another batch, spatial size or strides.
 *
 * Operation, algorithm and options are those of plan; weights packed for either
 * serve both.  Explicit output sizes in the descriptor are taken from output.
 *
 * @param plan     Any plan.  Not NULL.  Need not outlive the new one.
 * @param input    Describes the new input; same rank, C_in and dtype.  Not NULL.
 * @param output   Describes the new output, as for tconv_plan_create().
 *                 Not NULL.
 * @param plan_out Receives the new plan, owned by the caller; NULL on failure.
 *                 Not NULL.
 * @param error    Receives the reason on failure, or NULL.
 *
 * @return As tconv_plan_create(), with the algorithm of plan asked for.
 * Threads: safe from any thread.
 * Cost:    as tconv_plan_create().
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_plan_resize(const tconv_plan *plan, const tconv_tensor *input,
                  const tconv_tensor *output, tconv_plan **plan_out,
                  tconv_error *error);

/**
 * Frees a plan.  Packed weights live on.
 * @param plan  A plan that nobody executes, or NULL.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API void tconv_plan_destroy(tconv_plan *plan);

/**
 * The workspace that one execution needs, for all of its threads.
 *
 * @param plan  Not NULL.
 * @return Bytes; may be 0.  Exact: not one byte more is touched.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API size_t tconv_plan_workspace_size(const tconv_plan *plan);

/**
 * Packs weights, not needed afterwards, for a plan and every plan of its family, those made
 * from it (and from those) with tconv_plan_resize().  A plan that was made anew may belong to
 * the same family; if it does not, its execution says so and writes nothing.
 *
 * @param plan        Any plan of the family.  Not NULL.  Need not live on.
 * @param data        w, laid out as the plan's weights tensor.  Not NULL.
 * @param weights_out Receives the packed weights, owned by the caller, to be
 *                    given to tconv_weights_destroy(); NULL on failure.
 *                    Not NULL.
 * @param error       Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: plan, data or weights_out is NULL.
 *         TCONV_ERR_OUT_OF_MEMORY: no memory for the packed copy or to pack.
 * Threads: safe from any thread; the result may be used by any number at once.
 * Cost:    reads each weight at most three times; the copy is as large as w, or several times:
 *          tconv_plan_describe() says it.  Some MiB more meanwhile.
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_weights_pack(const tconv_plan *plan, const void *data,
                   tconv_weights **weights_out, tconv_error *error);

/**
 * Frees packed weights.
 * @param weights  Weights that nobody executes with, or NULL.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
TCONV_API void tconv_weights_destroy(tconv_weights *weights);

/* ---- 5. Execution ------------------------------------------------------- */

/**
 * The data of one execution.  Start from tconv_buffers_default().  Nothing
 * needs more alignment than its type has.  No byte of output or workspace may
 * lie between the first and the last byte of another buffer.
 */
typedef struct tconv_buffers {
    size_t struct_size;     /* set by tconv_buffers_default(); leave it */
    const void *input;      /* x, laid out as the plan's input */
    void *output;           /* y, as the plan's output; read only to accumulate */
    const void *bias;       /* bias[C_out] if the descriptor has one, else ignored */
    const void *scale;      /* scale[C_out], likewise */
    const void *shift;      /* shift[C_out], likewise */
    void *workspace;        /* scratch, any contents; NULL if none is needed */
    size_t workspace_bytes; /* at least tconv_plan_workspace_size() */
} tconv_buffers;

/**
 * Buffers with every pointer NULL.
 * @return The buffers, by value.
 * Threads: safe from any thread.  Cost: constant.  Since: 0.1.0
 */
static inline tconv_buffers tconv_buffers_default(void)
{
    tconv_buffers buffers;

    buffers.struct_size = sizeof buffers;
    buffers.input = buffers.bias = buffers.scale = buffers.shift = NULL;
    buffers.output = buffers.workspace = NULL;
    buffers.workspace_bytes = 0;
    return buffers;
}

/**
 * A part of the output: begin[a] <= o < end[a] on each spatial axis, all images
 * and channels.  Element (n, c, o...) is stored at
 * output[n * stride[0] + c * stride[1] + (o[0] - begin[0]) * stride[2] + ...]:
 * the buffer holds the window and nothing else, or is a view into the whole.
 */
typedef struct tconv_window {
    int64_t begin[TCONV_MAX_SPATIAL]; /* >= 0 */
    int64_t end[TCONV_MAX_SPATIAL];   /* >= begin, <= O */
    int64_t stride[TCONV_MAX_DIMS];   /* elements */
} tconv_window;

/**
 * Computes one operation, or a window of its output.
 *
 * A window is bit for bit the crop of the whole, and the bits depend neither on
 * the number of threads nor on the workspace limit; tconv_plan_describe() says
 * what else the plan's algorithm promises.
 *
 * @param plan     Not NULL.  Not modified.
 * @param weights  Packed for the plan's family.  Not NULL.  Not modified.
 * @param buffers  The data.  Not NULL; not kept.  Input, output and the vectors
 *                 of the epilogue may be NULL only if they are not used or
 *                 have no elements.
 * @param window   The part to compute, or NULL for the whole output.  An empty
 *                 window computes nothing.
 * @param error    Receives the reason on failure, or NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_NULL_POINTER: a pointer that must not be NULL is.
 *         TCONV_ERR_INVALID_ARGUMENT: the weights are of another family, the
 *         window leaves the output or two of its elements share a place, or
 *         buffers overlap.
 *         TCONV_ERR_WORKSPACE_TOO_SMALL: workspace_bytes is below
 *         tconv_plan_workspace_size().
 *         On any error the output is untouched.
 * Threads: one plan may be executed from several threads at once, each with its
 *          own output and workspace.  Runs the plan's number of threads itself.
 * Cost:    2 * N * C_in * (C_out / groups) * taps * inputs flops (a convolution:
 *          * outputs) for the whole, little more than its share for a window;
 *          allocates nothing.
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_execute(const tconv_plan *plan, const tconv_weights *weights,
              const tconv_buffers *buffers, const tconv_window *window,
              tconv_error *error);

/**
 * Plan, pack, execute and clean up in one call, for people in a hurry.
 *
 * @param desc     As for tconv_plan_create(); op is taken to be
 *                 TCONV_CONV_TRANSPOSE.
 * @param input    As for tconv_plan_create().
 * @param weights  As for tconv_plan_create().
 * @param output   As for tconv_plan_create().
 * @param options  As for tconv_plan_create(); may be NULL.
 * @param weights_data  w, laid out as weights says.  Not NULL.
 * @param buffers  As for tconv_execute(); the workspace is ignored.
 * @param error    Receives the reason on failure, or NULL.
 *
 * @return As tconv_plan_create(), tconv_weights_pack() and tconv_execute(); on
 *         any error the output is untouched.
 * Threads: safe from any thread, each with its own output.
 * Cost:    as the three; allocates packed weights and workspace and frees them.
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_conv_transpose(const tconv_desc *desc, const tconv_tensor *input,
                     const tconv_tensor *weights, const tconv_tensor *output,
                     const tconv_options *options, const void *weights_data,
                     const tconv_buffers *buffers, tconv_error *error);

/**
 * The same for a convolution: op is taken to be TCONV_CONV.
 * @param desc     As for tconv_conv_transpose(), and so are the others.
 * @param input    Describes x[N][C_in][I...].
 * @param weights  Describes w[C_out][C_in / groups][k...].
 * @param output   Describes y[N][C_out][O...].
 * @param options  May be NULL.
 * @param weights_data  w.  Not NULL.
 * @param buffers  As for tconv_execute(); the workspace is ignored.
 * @param error    Receives the reason on failure, or NULL.
 * @return As tconv_conv_transpose().
 * Threads: safe from any thread, each with its own output.
 * Cost:    as tconv_conv_transpose().
 * Since:   0.1.0
 */
TCONV_API TCONV_NODISCARD tconv_status
tconv_conv(const tconv_desc *desc, const tconv_tensor *input, const tconv_tensor *weights,
           const tconv_tensor *output, const tconv_options *options, const void *weights_data,
           const tconv_buffers *buffers, tconv_error *error);

#ifdef __cplusplus
}
#endif

#include <tconv/explain.h>
#include <tconv/gradient.h>
#include <tconv/search.h>

#endif
