/*
 * test_run.c - `tconv run` on arrays whose results are known
 *
 * Values are small whole numbers, so every result is exact and compared so.
 */
#include <stdio.h>
#include <string.h>

#include "cli/array.h"
#include "cli/command.h"
#include "cli/folder.h"

#define RUN "run --input x.npy --weight w.npy --output y.npy "

static struct array array;
static struct command command;

static void put(const char *name, const char *descr, const char *shape, const double *values)
{
    array_fill(&array, descr, shape, values);
    array_write(name, &array);
}

static void put_count(const char *name, const char *descr, const char *shape)
{
    array_count_up(&array, descr, shape);
    array_write(name, &array);
}

static void run(const char *options)
{
    char words[512];

    (void)snprintf(words, sizeof words, RUN "%s", options);
    command_run(&command, words);
    assert_succeeded(&command);
    assert_string_equal(command.out, "");
}

static void expect(const char *descr, const char *shape, const double *values)
{
    array_fill(&array, descr, shape, values);
    assert_array("y.npy", &array);
}

/* The example that the web gets wrong, as docs/math.md works it by hand. */
static const double example_x[] = {1, 2, 3, 4};
static const double example_w[] = {0, 1, 1, 0};
static const double example_y[] = {0, 1, 2, 1, 5, 4, 3, 4, 0};

static void worked_example(void **state)
{
    static const char *const descr[] = {"<f4", "<f8"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        put("x.npy", descr[i], "2,2", example_x);
        put("w.npy", descr[i], "2,2", example_w);
        run("");
        expect(descr[i], "3,3", example_y);
        put("x.npy", descr[i], "1,1,2,2", example_x);
        put("w.npy", descr[i], "1,1,2,2", example_w);
        run("");
        expect(descr[i], "1,1,3,3", example_y);
    }
}

/*
 * x = [1, 2, 3] under w = [1, 10, 100]: every stamp leaves its own decimal
 * digits, so a wrong crop is seen at once.  Each row is worked by hand.
 */
struct line {
    const char *options;
    const char *shape;
    double y[12];
};

static const struct line lines[] = {
    {"", "1,1,5", {1, 12, 123, 230, 300}},
    {"--stride 2", "1,1,7", {1, 10, 102, 20, 203, 30, 300}},
    {"--stride 2 --pad 1", "1,1,5", {10, 102, 20, 203, 30}},
    {"--stride 2 --pad-begin 1", "1,1,6", {10, 102, 20, 203, 30, 300}},
    {"--stride 2 --pad-end 1", "1,1,6", {1, 10, 102, 20, 203, 30}},
    {"--stride 2 --pad 1 --output-padding 1", "1,1,6", {10, 102, 20, 203, 30, 300}},
    {"--stride 2 --pad -1", "1,1,9", {0, 1, 10, 102, 20, 203, 30, 300, 0}},
    {"--stride 2 --output-size 9", "1,1,9", {1, 10, 102, 20, 203, 30, 300, 0, 0}},
    {"--stride 2 --pad 2 --output-size 4", "1,1,4", {102, 20, 203, 30}},
    {"--dilation 2", "1,1,7", {1, 2, 13, 20, 130, 200, 300}},
    {"--stride 2 --auto-pad same-upper", "1,1,6", {1, 10, 102, 20, 203, 30}},
    {"--stride 2 --auto-pad same-lower", "1,1,6", {10, 102, 20, 203, 30, 300}},
    {"--stride 2 --auto-pad valid", "1,1,7", {1, 10, 102, 20, 203, 30, 300}},
    {"--stride 2 --auto-pad same-upper --output-size 5", "1,1,5", {10, 102, 20, 203, 30}},
    {"--stride 2 --window 2:5", "1,1,3", {102, 20, 203}},
    {"--stride 2 --window 2:2", "1,1,0", {0}},
    {"--stride 2 --bias b.npy", "1,1,7", {-99, -90, 2, -80, 103, -70, 200}},
    {"--bias b.npy --activation relu", "1,1,5", {0, 0, 23, 130, 200}},
    {"--bias b.npy --activation leaky-relu:0.5", "1,1,5", {-49.5, -44, 23, 130, 200}},
    {"--bias b.npy --activation clip:-90,150", "1,1,5", {-90, -88, 23, 130, 150}},
    {"--activation clip:-inf,150", "1,1,5", {1, 12, 123, 150, 150}},
    {"--activation sigmoid --pad 1 --window 1:3", "1,1,2", {1, 1}}, /* of 123 and 230 */
    {"--activation tanh --pad 1 --window 1:3", "1,1,2", {1, 1}},
    {"--activation none", "1,1,5", {1, 12, 123, 230, 300}},
};

static const char *const variants[] = {
    "",
    "--algorithm reference",
    "--algorithm gemm",
    "--threads 3 --layout nxc --workspace-limit 64M",
};

/* One axis and C = 1: layouts differ in the shape only. */
static const char *in_layout(const char *shape, const char *variant)
{
    static char text[16];

    if (strstr(variant, "nxc") == NULL)
        return shape;
    (void)snprintf(text, sizeof text, "1,%s,1", shape + 4);
    return text;
}

static void one_axis(void **state)
{
    static const double x[] = {1, 2, 3};
    static const double w[] = {1, 10, 100};
    static const double b[] = {-100};
    const struct line *const line = *state;

    put("w.npy", "<f8", "1,1,3", w);
    put("b.npy", "<f8", "1", b);
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        char options[256];

        put("x.npy", "<f8", in_layout("1,1,3", variants[i]), x);
        (void)snprintf(options, sizeof options, "%s %s", line->options, variants[i]);
        run(options);
        expect("<f8", in_layout(line->shape, variants[i]), line->y);
    }
}

/* The values of a list belong to the axes in order, outermost first. */
static void lists_are_outermost_first(void **state)
{
    (void)state;
    put_count("x.npy", "<f4", "1,1,2,3,4");
    put_count("w.npy", "<f4", "1,1,1,2,3");
    run("--stride 1,2,3 --dilation 1,3,2 --pad-begin 0,1,2 --pad-end 1,0,1");
    array_read("y.npy", &array);
    assert_int_equal(array.size[2], (2 - 1) * 1 + 1 * (1 - 1) + 1 - 0 - 1);
    assert_int_equal(array.size[3], (3 - 1) * 2 + 3 * (2 - 1) + 1 - 1 - 0);
    assert_int_equal(array.size[4], (4 - 1) * 3 + 2 * (3 - 1) + 1 - 2 - 1);
}

/* Several channels in groups: x of a group must not reach another group's y. */
static void groups_stay_apart(void **state)
{
    static const double x[] = {1, 0, 0, 0, 0, 0, 1, 0}; /* channels 0 and 3 at 0 */
    static const double want[] = {1, 2, 0, 0, 0, 0, 7, 8, 0};

    (void)state;
    put("x.npy", "<f4", "1,4,2", x);
    put_count("w.npy", "<f4", "4,1,2");
    run("--groups 4");
    array_read("y.npy", &array);
    assert_int_equal(array.size[1], 4);
    for (int i = 0; i < 3; i++) {
        assert_true(array.value[i] == want[i]);
        assert_true(array.value[9 + i] == want[6 + i]);
        assert_true(array.value[3 + i] == 0 && array.value[6 + i] == 0);
    }
}

static void accumulate_adds(void **state)
{
    static const double old[] = {10, 20, 30, 40, 50, 60, 70, 80, 90};
    static const double sum[] = {10, 21, 32, 41, 55, 64, 73, 84, 90};

    (void)state;
    put("x.npy", "<f4", "2,2", example_x);
    put("w.npy", "<f4", "2,2", example_w);
    put("y.npy", "<f4", "3,3", old);
    run("--accumulate");
    expect("<f4", "3,3", sum);
    put("y.npy", "<f4", "1,3", old + 6); /* a window adds to an array of its size */
    run("--accumulate --window 1:2,0:3");
    array_fill(&array, "<f4", "1,3", (const double[]){71, 85, 94});
    assert_array("y.npy", &array);
}

/* y[n][c][h][w] of one array is y[n][h][w][c] of the other. */
static void channels_last_is_a_transpose(void **state)
{
    static struct array first, last;
    const int n = 2, c = 3, h = 4, w = 5;

    (void)state;
    array_count_up(&first, "<f4", "2,3,4,5");
    array_count_up(&last, "<f4", "2,4,5,3");
    for (int i = 0; i < n * c * h * w; i++) {
        const int in = i / (c * h * w), ic = i / (h * w) % c, ih = i / w % h, iw = i % w;

        last.value[((in * h + ih) * w + iw) * c + ic] = first.value[i];
    }
    array_write("x.npy", &first);
    put_count("w.npy", "<f4", "3,2,2,3");
    run("--stride 2 --pad 1 --output y1.npy");
    array_read("y1.npy", &first);
    array_write("x.npy", &last);
    run("--stride 2 --pad 1 --layout nxc");
    array_read("y.npy", &last);
    assert_int_equal(first.size[1], 2);
    assert_int_equal(last.size[3], 2);
    for (int64_t i = 0; i < array_elements(&first); i++) {
        const int64_t oh = first.size[2], ow = first.size[3];
        const int64_t in = i / (2 * oh * ow), ic = i / (oh * ow) % 2;
        const int64_t at = ((in * oh + i / ow % oh) * ow + i % ow) * 2 + ic;

        assert_true(first.value[i] == last.value[at]);
    }
}

static void window_is_the_crop(void **state)
{
    static struct array whole, part;
    const int64_t begin[] = {1, 3}, end[] = {6, 8};

    (void)state;
    put_count("x.npy", "<f4", "2,2,4,5");
    put_count("w.npy", "<f4", "2,3,3,3");
    run("--stride 2");
    array_read("y.npy", &whole);
    run("--stride 2 --window 1:6,3:8");
    array_read("y.npy", &part);
    assert_int_equal(part.size[2], end[0] - begin[0]);
    assert_int_equal(part.size[3], end[1] - begin[1]);
    for (int64_t i = 0; i < array_elements(&part); i++) {
        const int64_t image = i / (part.size[2] * part.size[3]);
        const int64_t row = i / part.size[3] % part.size[2] + begin[0];
        const int64_t column = i % part.size[3] + begin[1];

        assert_true(part.value[i] ==
                    whole.value[(image * whole.size[2] + row) * whole.size[3] + column]);
    }
}

/* x = [1, 2, 3, 4, 5] under w = [1, 10, 100], which is not turned round. */
static void plain_convolution(void **state)
{
    static const double x[] = {1, 2, 3, 4, 5}, w[] = {1, 10, 100};

    (void)state;
    put("x.npy", "<f4", "1,1,5", x);
    put("w.npy", "<f4", "1,1,3", w);
    run("--op conv");
    expect("<f4", "1,1,3", (const double[]){321, 432, 543});
    run("--op conv --stride 2 --pad 1");
    expect("<f4", "1,1,3", (const double[]){210, 432, 54});
    run("--op conv --auto-pad same-upper --stride 2");
    expect("<f4", "1,1,3", (const double[]){210, 432, 54});
}

/* dx of the transposed convolution: what each input stamped, weighted by dy. */
static void backward_data(void **state)
{
    static const double dy[] = {1, 2, 3, 4, 5, 6, 7}, w[] = {1, 10, 100};

    (void)state;
    put("g.npy", "<f8", "1,1,7", dy);
    put("w.npy", "<f8", "1,1,3", w);
    command_run(&command, "run --op backward-data --grad-output g.npy --weight w.npy "
                          "--input-size 3 --output y.npy --stride 2");
    assert_succeeded(&command);
    expect("<f8", "1,1,3", (const double[]){321, 543, 765});
}

/* dw[k] = sum of x[i] * dy[2 i + k], db = the sum of dy. */
static void backward_weights(void **state)
{
    static const double x[] = {1, 10, 100}, dy[] = {1, 2, 3, 4, 5, 6, 7};

    (void)state;
    put("x.npy", "<f4", "1,1,3", x);
    put("g.npy", "<f4", "1,1,7", dy);
    command_run(&command, "run --op backward-weights --input x.npy --grad-output g.npy "
                          "--kernel-size 3 --output y.npy --bias-output b.npy --stride 2");
    assert_succeeded(&command);
    expect("<f4", "1,1,3", (const double[]){531, 642, 753});
    array_fill(&array, "<f4", "1", (const double[]){28});
    assert_array("b.npy", &array);
}

static void no_images_at_all(void **state)
{
    (void)state;
    put_count("x.npy", "<f4", "0,1,3");
    put_count("w.npy", "<f4", "1,1,3");
    run("--stride 2");
    array_count_up(&array, "<f4", "0,1,7");
    assert_array("y.npy", &array);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "cli_run"};

#define ADD(test) suite_add(&suite, test, folder_setup, folder_teardown, NULL, "cli/run/" #test)
    command_take_path(&argc, argv);
    ADD(worked_example);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        suite_add(&suite, one_axis, folder_setup, folder_teardown, (void *)&lines[i],
                  "cli/run/line %s", lines[i].options);
    ADD(lists_are_outermost_first);
    ADD(groups_stay_apart);
    ADD(accumulate_adds);
    ADD(channels_last_is_a_transpose);
    ADD(window_is_the_crop);
    ADD(plain_convolution);
    ADD(backward_data);
    ADD(backward_weights);
    ADD(no_images_at_all);
    return suite_run(&suite, argc, argv) != 0;
}
