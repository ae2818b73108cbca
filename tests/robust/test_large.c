/*
 * test_large.c - outputs of more than 2^31 elements, window by window
 *
 * The input lies in memory that is mapped but mostly never touched, which the
 * system gives as zeros at no cost; only a short run near the far end holds
 * numbers.  The last outputs must then be those of a small problem that has
 * just that run.  The same for a small problem whose elements lie more than
 * 2^31 elements apart.
 */
#include <string.h>
#include <sys/mman.h>

#include "support/close.h"
#include "support/suite.h"

enum { TAIL = 9 }; /* inputs that hold numbers, at the end of each channel */

/* A mapping that costs nothing until it is written to. */
struct sparse {
    float *data;
    size_t bytes;
};

static struct sparse input, output;
static struct sample small;
static struct field window_field;
static struct guard workspace;
static tconv_plan *plan;
static tconv_weights *packed;

static struct sparse map(int64_t count)
{
    struct sparse s;

    s.bytes = (size_t)count * sizeof *s.data;
    s.data = mmap(NULL, s.bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (s.data == MAP_FAILED) {
        s.data = NULL;
        fail_msg("no address space for %zu bytes", s.bytes);
    }
    return s;
}

static void unmap(struct sparse *s)
{
    if (s->data != NULL)
        munmap(s->data, s->bytes);
    s->data = NULL;
}

static int teardown(void **state)
{
    (void)state;
    unmap(&input);
    unmap(&output);
    sample_destroy(&small);
    field_destroy(&window_field);
    guard_destroy(&workspace);
    tconv_weights_destroy(packed);
    tconv_plan_destroy(plan);
    packed = NULL;
    plan = NULL;
    return 0;
}

struct large_case {
    const char *problem; /* with TAIL inputs along its first axis */
    int64_t extent;      /* of that axis, instead; or the dimension that lies apart */
    tconv_algorithm algorithm;
};

static void make_plan(const struct problem *p, tconv_algorithm algorithm,
                      const tconv_tensor *x, const tconv_tensor *y)
{
    tconv_options options = tconv_options_default();
    struct field w;
    tconv_error error;
    tconv_status status;

    options.algorithm = algorithm;
    options.threads = 2;
    field_create(&w, TCONV_F32, PLACE_NCX, 0, problem_rank(p), p->weights, GUARD_END);
    field_load(&w, small.w);
    status = tconv_plan_create(&p->desc, x, &w.tensor, y, &options, &plan, &error);
    if (status == TCONV_OK)
        status = tconv_weights_pack(plan, w.data, &packed, &error);
    field_destroy(&w);
    if (status == TCONV_ERR_UNSUPPORTED)
        skip();
    if (status != TCONV_OK)
        fail_msg("%s", error.message);
    guard_create(&workspace, tconv_plan_workspace_size(plan), GUARD_END);
}

static void execute(tconv_window *window, const float *x, float *y, const float *bias)
{
    tconv_buffers buffers = tconv_buffers_default();
    tconv_error error;

    buffers.input = x;
    buffers.output = y;
    buffers.bias = bias;
    buffers.workspace = workspace.data;
    buffers.workspace_bytes = workspace.bytes;
    if (tconv_execute(plan, packed, &buffers, window, &error) != TCONV_OK)
        fail_msg("%s", error.message);
}

static void dense(tconv_tensor *tensor, int rank, const int64_t *size)
{
    assert_int_equal(tconv_tensor_dense(tensor, TCONV_F32, TCONV_NCX, rank, size, NULL),
                     TCONV_OK);
}

/* The far end of the large problem is the far end of the small one. */
static void last_window_is_right(void **state)
{
    const struct large_case *c = *state;
    struct problem p = problem_from(c->problem);
    const int rank = problem_rank(&p);
    int64_t large_output[TCONV_MAX_DIMS], inner, shift;
    tconv_window window = {{0}, {0}, {0}};
    tconv_tensor x, y;
    struct axes g;
    float bias[8];

    sample_create(&small, &p, TCONV_F32, FILL_INTEGER, 31);
    inner = elements(p.input + 3, rank - 3);
    shift = (c->extent - TAIL) * p.desc.stride[0];
    p.input[2] = c->extent;
    assert_true(axes_of(&p, &g));
    axes_output_size(&p, &g, large_output);
    assert_true(elements(large_output, rank) > INT64_C(1) << 31);
    dense(&x, rank, p.input);
    dense(&y, rank, large_output);
    input = map(elements(p.input, rank));
    for (int64_t i = 0; i < small.x_count; i++)
        input.data[(i / (TAIL * inner) * c->extent + c->extent - TAIL) * inner +
                   i % (TAIL * inner)] = (float)small.x[i];
    for (int64_t i = 0; i < small.channels; i++)
        bias[i] = (float)small.bias[i];
    make_plan(&p, c->algorithm, &x, &y);

    field_create(&window_field, TCONV_F32, PLACE_NCX, 0, rank, small.output, GUARD_END);
    memcpy(window.stride, window_field.tensor.stride, sizeof window.stride);
    for (int a = 0; a < p.desc.spatial_rank; a++) {
        window.begin[a] = a == 0 ? shift : 0;
        window.end[a] = large_output[a + 2];
    }
    assert_int_equal(window.end[0] - window.begin[0], small.output[2]);
    execute(&window, input.data, window_field.data, bias);
    assert_true(field_gaps_intact(&window_field));
    assert_field_close(&small, &window_field);
}

/* Dense but for dimension `far`, which is outermost with elements `apart` apart. */
static void set_apart(tconv_tensor *tensor, int far, int64_t apart)
{
    int64_t step = 1;

    for (int d = tensor->rank - 1; d >= 0; d--) {
        if (d == far)
            continue;
        tensor->stride[d] = step;
        step *= tensor->size[d];
    }
    tensor->stride[far] = apart;
}

static float *place_of(const struct sparse *s, const tconv_tensor *tensor, int64_t i)
{
    int64_t offset = 0;

    for (int d = tensor->rank - 1; d >= 0; d--) {
        offset += i % tensor->size[d] * tensor->stride[d];
        i /= tensor->size[d];
    }
    return s->data + offset;
}

/* One dimension's elements lie 2^31 + something elements apart in x and y. */
static void offsets_beyond_31_bits(void **state)
{
    const struct large_case *c = *state;
    const struct problem p = problem_from(c->problem);
    const int rank = problem_rank(&p), far = (int)c->extent;
    const int64_t apart = (INT64_C(1) << 31) + 77;
    tconv_tensor x, y;

    sample_create(&small, &p, TCONV_F32, FILL_INTEGER, 32); /* exact for winograd too */
    dense(&x, rank, p.input);
    dense(&y, rank, small.output);
    set_apart(&x, far, apart);
    set_apart(&y, far, apart);
    input = map(apart * x.size[far]);
    output = map(apart * y.size[far]);
    for (int64_t i = 0; i < small.x_count; i++)
        *place_of(&input, &x, i) = (float)small.x[i];
    make_plan(&p, c->algorithm, &x, &y);
    execute(NULL, input.data, output.data, NULL);

    field_create(&window_field, TCONV_F32, PLACE_NCX, 0, rank, small.output, GUARD_END);
    for (int64_t i = 0; i < small.y_count; i++)
        field_set(&window_field, i, (double)*place_of(&output, &y, i));
    assert_field_close(&small, &window_field);
}

/* An input broadcast along its axis by a stride of 0: every output is known. */
static void broadcast_input_repeats(void **state)
{
    const struct large_case *c = *state;
    struct problem p = problem_from("mb1ic2oc3_iw9kw4sw2");
    const int64_t extent = INT64_C(1) << 31, size[] = {1, 2, extent};
    tconv_window window = {{extent + 1000001}, {extent + 1000101}, {0}};
    const float channels[2] = {0.25F, -3.0F};
    int64_t large_output[TCONV_MAX_DIMS];
    const int64_t window_size[] = {1, 3, 100};
    tconv_tensor x, y;
    struct axes g;

    sample_create(&small, &p, TCONV_F32, FILL_INTEGER, 33);
    p.input[2] = extent;
    assert_true(axes_of(&p, &g));
    axes_output_size(&p, &g, large_output);
    dense(&x, 3, size);
    x.stride[2] = 0;
    x.stride[1] = 1;
    dense(&y, 3, large_output);
    make_plan(&p, c->algorithm, &x, &y);
    field_create(&window_field, TCONV_F32, PLACE_NCX, 0, 3, window_size, GUARD_END);
    memcpy(window.stride, window_field.tensor.stride, sizeof window.stride);
    execute(&window, channels, window_field.data, NULL);
    for (int64_t i = 0; i < 300; i++) {
        const int64_t oc = i / 100, o = window.begin[0] + i % 100;
        double want = 0.0;

        for (int64_t ic = 0; ic < 2; ic++)
            for (int64_t k = o % 2; k < 4; k += 2)
                want += (double)channels[ic] * small.w[(ic * 3 + oc) * 4 + k];
        if (field_get(&window_field, i) != want)
            fail_msg("output %lld of channel %lld is %g, not %g", (long long)o, (long long)oc,
                     field_get(&window_field, i), want);
    }
}

static const struct {
    const char *problem;
    int64_t extent;
} large[] = {
    {"mb1ic1oc2_iw9kw32sw16pw3+bias", (INT64_C(1) << 27) + 5},
    {"mb1ic3oc1_iw9kw4sw2pw1", (INT64_C(1) << 30) + 3},
    {"mb1ic1oc3_ih9kh4sh2ph1_iw7kw40sw40+bias", (INT64_C(1) << 22) + 1},
    {"g2mb1ic2oc4_ih9kh2sh3_iw300kw3sw2", (INT64_C(1) << 20) + 1},
};

/* The dimension whose elements lie far apart, and a problem. */
static const struct {
    int dimension;
    const char *problem;
} apart[] = {
    {1, "mb1ic3oc4_iw9kw4sw2pw1"},
    {1, "mb1ic2oc3_ih4kh2sh2_iw5kw2sw2"},
    {1, "g3mb2ic3oc3_ih4kh3sh2_iw5kw3sw2"},
    {0, "mb3ic2oc3_ih4kh3sh2ph1_iw5kw3sw2"},
    {0, "mb4ic4oc4_iw5kw4sw2pw1"},
    {2, "mb2ic3oc2_ih3kh3sh2ph1_iw5kw3sw2"},
};

static struct large_case cases[ARRAY_LEN(large) * 16 + ARRAY_LEN(apart) * 16 + 16];

int main(int argc, char **argv)
{
    struct suite suite = {.name = "large"};
    struct large_case *c = cases;

    for (int a = 1; a < 16 && tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
        const char *name = tconv_algorithm_name((tconv_algorithm)a);

        for (size_t i = 0; i < ARRAY_LEN(large); i++, c++) {
            *c = (struct large_case){large[i].problem, large[i].extent, (tconv_algorithm)a};
            suite_add(&suite, last_window_is_right, NULL, teardown, c, "large/%s/%s:%lld", name,
                      c->problem, (long long)c->extent);
        }
        for (size_t i = 0; i < ARRAY_LEN(apart); i++, c++) {
            *c = (struct large_case){apart[i].problem, apart[i].dimension, (tconv_algorithm)a};
            suite_add(&suite, offsets_beyond_31_bits, NULL, teardown, c, "apart/%s/%d/%s", name,
                      apart[i].dimension, c->problem);
        }
        *c = (struct large_case){NULL, 0, (tconv_algorithm)a};
        suite_add(&suite, broadcast_input_repeats, NULL, teardown, c++, "broadcast/%s", name);
    }
    return suite_run(&suite, argc, argv) != 0;
}
