/*
 * test_output_size.c - output sizes as the frameworks' own documents give them
 *
 * Worked examples of PyTorch, ONNX, TensorFlow, Keras and OpenVINO, where their
 * rules can be said by paddings and sizes alone.
 */
#include <string.h>

#include "support/axes.h"
#include "support/suite.h"

struct size_case {
    const char *problem;
    int64_t want[3];
};

static const struct size_case cases[] = {
    /* x of 3, kernel of 3, stride 2: no padding, 1 each side, output padding */
    {"ic1oc1_iw3kw3sw2", {7}},
    {"ic1oc1_iw3kw3sw2pw1", {5}},
    {"ic1oc1_iw3kw3sw2pw1aw1", {6}},
    {"ic1oc1_iw3kw3sw2aw1", {8}},
    {"ic1oc1_iw3kw3dw1", {7}},
    {"ic1oc1_iw3kw2sw3", {8}},
    /* PyTorch: an output padding may reach the larger of stride and dilation */
    {"ic1oc1_iw4kw4sw3pw1aw2dw3", {22}},
    {"ic1oc1_ih4kh4sh3ph1ah2dh3_iw4kw5sw2pw2aw3dw3", {22, 22}},
    {"ic1oc1_id4kd4sd3pd1ad2dd3_ih4kh5sh2ph2ah3dh3_iw4kw6sw1pw3aw1dw3", {22, 22, 19}},
    {"ic1oc1_iw3ow6kw3sw2pw1", {6}},
    /* TensorFlow and Keras: SAME gives I * s unless told; VALID is the span */
    {"ic1oc1_iw3kw3sw2+same-upper", {6}},
    {"ic1oc1_iw3kw2sw3+same-upper", {9}},
    {"ic1oc1_iw3kw2sw3+same-lower", {9}},
    {"ic1oc1_iw3kw5sw3+same-upper", {9}},
    {"ic1oc1_iw3ow5kw3sw2+same-upper", {5}},
    {"ic1oc1_iw3kw2sw3+valid", {8}},
    {"ic1oc1_iw3ow9kw2sw3+valid", {9}},
    /* ONNX: pads of two sizes; a negative total */
    {"ic1oc1_ih5kh4sh2ph1qh2_iw5kw4sw2pw0qw3", {9, 9}},
    {"ic1oc1_iw3ow9kw3sw1+same-lower", {9}},
    /* OpenVINO */
    {"ic1oc1_iw224kw3sw2pw1", {447}},
    {"ic1oc1_iw2kw3sw3aw2", {8}},
    {"ic1oc1_iw224ow450kw3", {450}},
    /* crops of both signs */
    {"ic1oc1_iw4kw3sw2pw-3qw2", {10}},
    {"ic1oc1_iw4kw3sw2pw9qw-1", {1}},
};

static void is_as_documented(void **state)
{
    const struct size_case *c = *state;
    const struct problem p = problem_from(c->problem);
    const int rank = problem_rank(&p);
    tconv_tensor input, weights;
    int64_t size[TCONV_MAX_DIMS];
    tconv_error error;
    struct axes g;

    assert_int_equal(tconv_tensor_dense(&input, TCONV_F32, TCONV_NXC, rank, p.input, NULL),
                     TCONV_OK);
    assert_int_equal(tconv_tensor_dense(&weights, TCONV_F32, TCONV_NCX, rank, p.weights, NULL),
                     TCONV_OK);
    if (tconv_output_shape(&p.desc, &input, &weights, size, &error) != TCONV_OK)
        fail_msg("%s", error.message);
    assert_int_equal(size[0], 1);
    assert_int_equal(size[1], 1);
    assert_memory_equal(size + 2, c->want, (size_t)(rank - 2) * sizeof size[0]);
    assert_true(axes_of(&p, &g)); /* the tests' own rules agree */
    assert_memory_equal(g.out + 5 - rank, c->want, (size_t)(rank - 2) * sizeof size[0]);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "output size"};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        suite_add(&suite, is_as_documented, NULL, NULL, (void *)(uintptr_t)&cases[i], "size/%s",
                  cases[i].problem);
    return suite_run(&suite, argc, argv) != 0;
}
