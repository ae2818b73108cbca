#include "workload.h"

#include <math.h>
#include <stdlib.h>

void *array_alloc(size_t count, size_t element_bytes)
{
    if (count > (PTRDIFF_MAX - 63) / element_bytes)
        return NULL;
    return aligned_alloc(64, (count * element_bytes + 63) & ~(size_t)63);
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

static size_t tensor_count(const tconv_tensor *tensor)
{
    size_t count = 1;

    for (int a = 0; a < tensor->rank; a++)
        count *= (size_t)tensor->size[a];
    return count;
}

static void describe(struct workload *w)
{
    const struct problem *p = w->problem;

    w->desc = tconv_desc_default(p->rank);
    w->desc.groups = p->groups;
    w->desc.epilogue.bias_length = p->oc;
    for (int a = 0; a < p->rank; a++) {
        w->desc.stride[a] = p->stride[a];
        w->desc.dilation[a] = p->dilation[a];
        w->desc.pad_begin[a] = p->pad[a];
        w->desc.output_size[a] = p->out[a];
    }
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

bool workload_init(struct workload *w, const struct problem *problem, tconv_dtype dtype,
                   tconv_layout layout, int threads, struct reason *why)
{
    size_t elements;

    *w = (struct workload){.problem = problem, .dtype = dtype, .layout = layout,
                           .threads = threads};
    w->element_bytes = dtype == TCONV_F64 ? sizeof(double) : sizeof(float);
    describe(w);
    if (!make_tensors(w, why))
        return false;
    w->input_count = tensor_count(&w->input);
    w->weights_count = tensor_count(&w->weights);
    w->output_count = tensor_count(&w->output);
    w->x = random_array(w->input_count, w, 1);
    w->w = random_array(w->weights_count, w, 2);
    w->bias = random_array((size_t)problem->oc, w, 3);
    w->y = array_alloc(w->output_count, w->element_bytes);
    if (w->x == NULL || w->w == NULL || w->bias == NULL || w->y == NULL)
        return deny(why, "no memory for the tensors");
    elements = w->input_count + w->weights_count + w->output_count + (size_t)problem->oc;
    w->flops = problem_flops(problem);
    w->compulsory_bytes = (double)elements * (double)w->element_bytes;
    return true;
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
    for (size_t i = 0; i < w->output_count; i++)
        array_set(w->y, i, w->dtype, NAN);
}
