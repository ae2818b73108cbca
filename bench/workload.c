#include "workload.h"

#include <math.h>
#include <stdlib.h>

/* Never of 0 bytes, for which NULL would not tell of a failure. */
void *array_alloc(size_t count, size_t element_bytes)
{
    if (count > (PTRDIFF_MAX - 64) / element_bytes)
        return NULL;
    return aligned_alloc(64, (count * element_bytes + 64) & ~(size_t)63);
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9; /* splitmix64 */
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* Uniform in [-1, 1): no zeros to skip, no denormals, sums of both signs. */
static void *random_array(size_t count, const struct workload *workload, uint64_t seed)
{
    void *array = array_alloc(count, workload->element_bytes);

    for (size_t i = 0; array != NULL && i < count; i++)
        array_set(array, i, workload->dtype, (double)(next_random(&seed) >> 40) * 0x1p-23 - 1.0);
    return array;
}

static void *magnitudes_of(const void *from, size_t count, const struct workload *workload)
{
    void *to = array_alloc(count, workload->element_bytes);

    for (size_t i = 0; to != NULL && i < count; i++)
        array_set(to, i, workload->dtype, fabs(array_get(from, i, workload->dtype)));
    return to;
}

static size_t tensor_count(const tconv_tensor *tensor)
{
    size_t count = 1;

    for (int a = 0; a < tensor->rank; a++)
        count *= (size_t)tensor->size[a];
    return count;
}

/* The problem's transposed convolution. */
static tconv_desc describe(const struct problem *p)
{
    tconv_desc desc = tconv_desc_default(p->rank);

    desc.groups = p->groups;
    for (int a = 0; a < p->rank; a++) {
        desc.stride[a] = p->stride[a];
        desc.dilation[a] = p->dilation[a];
        desc.pad_begin[a] = p->pad[a];
        desc.output_size[a] = p->out[a];
    }
    return desc;
}

static bool make_tensors(struct workload *w, struct reason *why)
{
    const struct problem *p = w->problem;
    const int32_t rank = p->rank + 2;
    int64_t input[TCONV_MAX_DIMS] = {p->batch, p->ic};
    int64_t weights[TCONV_MAX_DIMS] = {p->ic, p->oc / p->groups};
    int64_t output[TCONV_MAX_DIMS];
    tconv_error error;

    for (int a = 0; a < p->rank; a++) {
        input[a + 2] = p->in[a];
        weights[a + 2] = p->kernel[a];
    }
    if (tconv_tensor_dense(&w->input, w->dtype, w->layout, rank, input, &error) != TCONV_OK ||
        tconv_tensor_dense(&w->weights, w->dtype, TCONV_NCX, rank, weights, &error) != TCONV_OK ||
        tconv_output_shape(&w->desc, &w->input, &w->weights, output, &error) != TCONV_OK ||
        tconv_tensor_dense(&w->output, w->dtype, w->layout, rank, output, &error) != TCONV_OK)
        return deny(why, "%s", error.message);
    return true;
}

/* Makes the description and the tensors those of the convolution between the same grids. */
static bool exchange(struct workload *w, struct reason *why)
{
    const tconv_tensor small = w->input;
    tconv_error error;

    if (tconv_desc_adjoint(&w->desc, &w->input, &w->weights, &w->desc, &error) != TCONV_OK)
        return deny(why, "%s", error.message);
    w->input = w->output;
    w->output = small;
    return true;
}

static bool check_data(struct workload *w, struct reason *why)
{
    w->result = w->operation->gives_weights ? w->w : w->y;
    if (w->x == NULL || w->w == NULL || w->y == NULL || w->bias == NULL)
        return deny(why, "no memory for the tensors");
    return true;
}

bool workload_init(struct workload *w, struct reason *why)
{
    size_t elements;

    w->x = w->w = w->y = w->bias = NULL;
    w->element_bytes = w->dtype == TCONV_F64 ? sizeof(double) : sizeof(float);
    w->desc = describe(w->problem);
    if (!make_tensors(w, why) || (w->operation->adjoint && !exchange(w, why)))
        return false;
    w->desc.epilogue.bias_length = w->operation->has_bias ? w->output.size[1] : 0;
    w->input_count = tensor_count(&w->input);
    w->weights_count = tensor_count(&w->weights);
    w->output_count = tensor_count(&w->output);
    w->bias_count = (size_t)w->desc.epilogue.bias_length;
    w->result_count = w->operation->gives_weights ? w->weights_count : w->output_count;
    w->flops = problem_flops(w->problem);
    elements = w->input_count + w->weights_count + w->output_count + w->bias_count;
    w->compulsory_bytes = (double)elements * (double)w->element_bytes;
    w->x = random_array(w->input_count, w, 1);
    w->w = random_array(w->weights_count, w, 2);
    w->bias = random_array(w->bias_count, w, 3);
    w->y = random_array(w->output_count, w, 4);
    return check_data(w, why);
}

bool workload_magnitudes(const struct workload *w, struct workload *out, struct reason *why)
{
    *out = *w;
    out->x = magnitudes_of(w->x, w->input_count, w);
    out->w = magnitudes_of(w->w, w->weights_count, w);
    out->bias = magnitudes_of(w->bias, w->bias_count, w);
    out->y = magnitudes_of(w->y, w->output_count, w);
    return check_data(out, why);
}

void workload_free(struct workload *w)
{
    free(w->x);
    free(w->w);
    free(w->bias);
    free(w->y);
    *w = (struct workload){.problem = NULL};
}

void workload_poison(const struct workload *w)
{
    for (size_t i = 0; i < w->result_count; i++)
        array_set(w->result, i, w->dtype, NAN);
}
