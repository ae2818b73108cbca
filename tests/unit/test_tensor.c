/*
 * test_tensor.c - dense tensors in both orders
 */
#include <string.h>

#include <tconv/tconv.h>

#include "support/suite.h"

static void strides(tconv_layout layout, int32_t rank, const int64_t *size,
                    const int64_t *want)
{
    tconv_tensor tensor;

    memset(&tensor, 0x7f, sizeof tensor);
    assert_int_equal(tconv_tensor_dense(&tensor, TCONV_F64, layout, rank, size, NULL), TCONV_OK);
    assert_int_equal(tensor.dtype, TCONV_F64);
    assert_int_equal(tensor.rank, rank);
    for (int i = 0; i < rank; i++) {
        assert_int_equal(tensor.size[i], size[i]);
        if (tensor.stride[i] != want[i])
            fail_msg("stride[%d] is %lld, not %lld", i, (long long)tensor.stride[i],
                     (long long)want[i]);
    }
}

static void both_layouts(void **state)
{
    static const int64_t size[] = {2, 3, 5, 7, 11};

    strides(TCONV_NCX, 3, size, (const int64_t[]){15, 5, 1});
    strides(TCONV_NXC, 3, size, (const int64_t[]){15, 1, 3});
    strides(TCONV_NCX, 4, size, (const int64_t[]){105, 35, 7, 1});
    strides(TCONV_NXC, 4, size, (const int64_t[]){105, 1, 21, 3});
    strides(TCONV_NCX, 5, size, (const int64_t[]){1155, 385, 77, 11, 1});
    strides(TCONV_NXC, 5, size, (const int64_t[]){1155, 1, 231, 33, 3});
    (void)state;
}

/* An empty batch leaves the other strides as they would be. */
static void empty_batch(void **state)
{
    strides(TCONV_NCX, 4, (const int64_t[]){0, 3, 5, 7}, (const int64_t[]){105, 35, 7, 1});
    strides(TCONV_NXC, 4, (const int64_t[]){0, 3, 5, 7}, (const int64_t[]){105, 1, 21, 3});
    (void)state;
}

static void refused(tconv_dtype dtype, tconv_layout layout, int32_t rank, const int64_t *size,
                    tconv_status want, const char *words)
{
    tconv_tensor tensor, before;
    tconv_error error;

    memset(&tensor, 0x7f, sizeof tensor);
    before = tensor;
    assert_int_equal(tconv_tensor_dense(&tensor, dtype, layout, rank, size, &error), want);
    assert_int_equal(error.status, want);
    if (strstr(error.message, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.message, words);
    assert_memory_equal(&tensor, &before, sizeof tensor);
    assert_int_equal(tconv_tensor_dense(&tensor, dtype, layout, rank, size, NULL), want);
}

static void refuses_with_the_value(void **state)
{
    static const int64_t fine[] = {1, 2, 3, 4, 5}, negative[] = {1, 2, -3, 4, 5};
    static const int64_t huge[] = {1, INT64_MAX, 2}, half[] = {1, 1, INT64_MAX / 4};
    const tconv_status invalid = TCONV_ERR_INVALID_ARGUMENT;

    refused((tconv_dtype)0, TCONV_NCX, 3, fine, invalid, "dtype is 0");
    refused((tconv_dtype)3, TCONV_NCX, 3, fine, invalid, "dtype is 3");
    refused(TCONV_F32, (tconv_layout)0, 3, fine, invalid, "layout is 0");
    refused(TCONV_F32, (tconv_layout)9, 3, fine, invalid, "layout is 9");
    refused(TCONV_F32, TCONV_NCX, 2, fine, invalid, "rank is 2");
    refused(TCONV_F32, TCONV_NCX, 6, fine, invalid, "rank is 6");
    refused(TCONV_F32, TCONV_NCX, -1, fine, invalid, "rank is -1");
    refused(TCONV_F32, TCONV_NCX, 5, negative, invalid, "size[2] is -3");
    refused(TCONV_F32, TCONV_NCX, 3, huge, TCONV_ERR_TOO_LARGE, "size[1]");
    refused(TCONV_F32, TCONV_NXC, 3, huge, TCONV_ERR_TOO_LARGE, "size[");
    refused(TCONV_F64, TCONV_NCX, 3, half, TCONV_ERR_TOO_LARGE, "size[2]");
    (void)state;
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "tensor"};

    suite_add(&suite, both_layouts, NULL, NULL, NULL, "tensor/layouts");
    suite_add(&suite, empty_batch, NULL, NULL, NULL, "tensor/empty-batch");
    suite_add(&suite, refuses_with_the_value, NULL, NULL, NULL, "tensor/refused");
    return suite_run(&suite, argc, argv) != 0;
}
