/*
 * test_refusals.c - what a wrong command line gets
 *
 * Every row is its own test: the exit status, one line on stderr that names
 * what is wrong, and no file besides those that were there.
 */
#include <stdio.h>
#include <string.h>

#include "cli/array.h"
#include "cli/command.h"
#include "cli/folder.h"

struct refusal {
    int status;
    const char *words; /* @ stands for RUN, ^ for INFO */
    const char *text;
};

#define RUN "run --input x.npy --weight w.npy --output y.npy"
#define BACKWARD_DATA "run --op backward-data --grad-output x.npy --weight w.npy --output y.npy"
#define BACKWARD_WEIGHTS \
    "run --op backward-weights --input x.npy --grad-output x.npy --output y.npy"
#define INFO "info --input-shape 1,2,4,5 --weight-shape 2,3,3,3"

static const struct refusal refusals[] = {
    /* The command itself. */
    {2, "", "no sub-command"},
    {2, "walk", "\"walk\""},
    {2, "\"\"", "\"\""},
    {2, "--walk", "\"--walk\""},
    {2, "--version x", "\"x\""},
    {2, "--help run", "\"run\""},
    /* Options as such. */
    {2, "run --walk", "--walk"},
    {2, "run -x", "-x"},
    {2, "run --input", "--input needs a value"},
    {2, "run --help=x", "--help=x"},
    {2, "run --accumulate=1", "--accumulate=1"},
    {2, "@ z.npy", "\"z.npy\" is not expected"},
    {2, "run --weight w.npy --output y.npy", "--input is missing"},
    {2, "run --input x.npy --output y.npy", "--weight is missing"},
    {2, "run --input x.npy --weight w.npy", "--output is missing"},
    {2, "run --input \"\" --weight w.npy --output y.npy", "--input is empty"},
    {2, "info --weight-shape 2,3,3,3", "--input-shape is missing"},
    {2, "info --input-shape 2,3,3,3", "--weight-shape is missing"},
    {2, "^ x", "\"x\" is not expected"},
    {2, "upscale", "IN.png is missing"},
    {2, "upscale a.png", "OUT.png is missing"},
    {2, "upscale a.png b.png c.png", "\"c.png\" is not expected"},
    /* Numbers and lists. */
    {2, "@ --stride 0", "--stride is \"0\""},
    {2, "@ --stride -1", "--stride is \"-1\""},
    {2, "@ --stride 2x", "--stride is \"2x\""},
    {2, "@ --stride \"\"", "--stride is \"\""},
    {2, "@ --stride 1,", "--stride is \"1,\""},
    {2, "@ --stride ,1", "--stride is \",1\""},
    {2, "@ --stride +1", "--stride is \"+1\""},
    {2, "@ --stride 0x2", "--stride is \"0x2\""},
    {2, "@ --stride 9223372036854775808", "--stride is \"9223372036854775808\""},
    {2, "@ --stride 1,1,1,1", "at most 3 values"},
    {2, "@ --stride 1,1,1", "--stride has 3 values"},
    {2, "@ --dilation 0", "--dilation"},
    {2, "@ --pad 1.5", "--pad is \"1.5\""},
    {2, "@ --output-padding -1", "--output-padding"},
    {2, "@ --output-size 0", "--output-size"},
    {2, "@ --groups 0", "--groups"},
    {2, "@ --groups 1,1", "--groups"},
    {2, "@ --threads -1", "--threads"},
    {2, "@ --threads 2147483648", "--threads"},
    {2, "@ --workspace-limit -1", "--workspace-limit"},
    {2, "@ --workspace-limit 1T", "--workspace-limit"},
    {2, "@ --workspace-limit 1MB", "--workspace-limit"},
    {2, "@ --workspace-limit 18446744073709551615", "--workspace-limit"},
    {2, "@ --workspace-limit 18014398509481984K", "than an address can count"},
    {2, "info --input-shape 1,2,4,-5 --weight-shape 2,3,3,3", "--input-shape"},
    {2, "info --input-shape 1,2,3,4,5,6 --weight-shape 2,3,3,3", "at most 5 values"},
    {2, "upscale a.png b.png --scale 0", "--scale"},
    {2, "upscale a.png b.png --scale 1.5", "--scale"},
    {2, "upscale a.png b.png --scale -2", "--scale"},
    {2, "upscale a.png b.png --scale 6 --method network", "scales 2, 4, 8 and so on, not 6"},
    {2, "upscale a.png b.png --scale 1 --method network", "scales 2, 4, 8 and so on, not 1"},
    /* Words. */
    {2, "upscale a.png b.png --method best", "network, bilinear or nearest"},
    {2, "@ --auto-pad same", "same-upper, same-lower or valid"},
    {2, "@ --layout nchw", "ncx or nxc"},
    {2, "^ --dtype float16", "float32 or float64"},
    {2, "@ --algorithm fast", "auto, gemm, direct, winograd, bf16x3, columns or reference"},
    {2, "@ --op backward", "forward, backward-data, backward-weights or conv"},
    {2, "@ --activation relu6", "none, relu, leaky-relu:SLOPE, clip:MIN,MAX, sigmoid or tanh"},
    {2, "@ --activation leaky-relu", "--activation"},
    {2, "@ --activation leaky-relu:", "slope"},
    {2, "@ --activation leaky-relu:x", "slope"},
    {2, "@ --activation leaky-relu:0.1x", "slope"},
    {2, "@ --activation leaky-relu:nan", "slope"},
    {2, "@ --activation clip:1", "MIN and MAX"},
    {2, "@ --activation clip:1,", "MIN and MAX"},
    {2, "@ --activation clip:2,1", "MIN must not exceed MAX"},
    {2, "@ --activation relu:1", "--activation"},
    {2, "@ --window 1", "--window"},
    {2, "@ --window 1:", "--window"},
    {2, "@ --window 1:2:3", "--window"},
    {2, "@ --window -1:2", "0 <= BEGIN <= END"},
    {2, "@ --window 2:1", "0 <= BEGIN <= END"},
    {2, "@ --window 0:1,0:1,0:1", "--window has 3 ranges"},
    {2, "@ --window 0:1,0:1,0:1,0:1", "at most 3 ranges"},
    /* Options that exclude each other. */
    {2, "@ --pad 1 --pad-begin 1", "exclude each other"},
    {2, "@ --pad 1 --pad-end 1", "exclude each other"},
    {2, "@ --auto-pad valid --pad 1", "exclude each other"},
    {2, "@ --output-size 5 --output-padding 1", "exclude each other"},
    {2, "@ --output-size 5 --pad-end 1", "exclude each other"},
    {2, "@ --grad-output g.npy", "--grad-output does not go with --op forward"},
    {2, "@ --bias-output g.npy", "--bias-output does not go with --op forward"},
    {2, "@ --input-size 4", "--input-size does not go with --op forward"},
    {2, "@ --kernel-size 4 --op conv", "--kernel-size does not go with --op conv"},
    {2, "@ --op backward-data", "--input does not go with --op backward-data"},
    {2, "@ --op backward-weights", "--weight does not go with --op backward-weights"},
    {2, "run --op backward-data --weight w.npy --input-size 4 --output y.npy",
     "--grad-output is missing"},
    {2, "run --op backward-data --grad-output x.npy --weight w.npy --output y.npy",
     "--input-size is missing"},
    {2, "run --op backward-weights --input x.npy --grad-output x.npy --output y.npy",
     "--kernel-size is missing"},
    {2, BACKWARD_DATA " --input-size 2,3 --bias x.npy", "--bias does not go with"},
    {2, BACKWARD_DATA " --input-size 1,2,3", "--input-size has 3 values"},
    {2, BACKWARD_WEIGHTS " --kernel-size 3 --accumulate", "--accumulate does not go with"},
    {2, BACKWARD_WEIGHTS " --kernel-size 3 --window 0:1", "--window does not go with"},
    /* Gradients of another shape than the operation's outputs. */
    {1, BACKWARD_DATA " --input-size 2,2", "the operation gives outputs of shape (1, 1, 4, 4)"},
    {1, BACKWARD_WEIGHTS " --kernel-size 3", "the operation gives outputs of shape"},
    {1, BACKWARD_WEIGHTS " --kernel-size 1 --groups 2", "groups must divide"},
    {1, BACKWARD_WEIGHTS " --kernel-size 1 --algorithm gemm", "direct or reference"},
    /* What the arrays do not allow. */
    {1, "@ --groups 2", "x.npy with w.npy: "},
    {1, "@ --pad 9", "x.npy with w.npy: "},
    {1, "@ --stride 9223372036854775807", "x.npy with w.npy: "},
    {1, "@ --window 0:99", "--window asks for outputs up to 99"},
    {1, "@ --workspace-limit 0 --algorithm gemm", "x.npy with w.npy: workspace_limit_bytes"},
    {1, "@ --algorithm winograd --stride 2 --dilation 2", "kernel 3 with stride 2 and dilation 2"},
    {1, "@ --output-size 4000000000,4000000000", "PTRDIFF_MAX"},
    {1, "^ --groups 3", "--weight-shape"},
    {1, "^ --pad 9", "--input-shape"},
    {1, "info --input-shape 4 --weight-shape 4", "3 to 5 dimensions"},
    {1, "info --input-shape 1,2,3 --weight-shape 2,3,3,3", "same number of dimensions"},
    {1, "info --input-shape 1,2,4,5 --weight-shape 3,3,3,3", "--weight-shape"},
};

/* words with @ and ^ spelt out. */
static const char *spelt_out(const char *words)
{
    static char text[512];
    const char *whole = words[0] == '@' ? RUN : words[0] == '^' ? INFO : NULL;

    (void)snprintf(text, sizeof text, "%s%s", whole != NULL ? whole : "",
                   whole != NULL ? words + 1 : words);
    return text;
}

static void is_refused(void **state)
{
    static struct command command;
    static struct array array;
    const struct refusal *const refusal = *state;

    array_count_up(&array, "<f4", "1,1,4,5");
    array_write("x.npy", &array);
    array_count_up(&array, "<f4", "1,1,3,3");
    array_write("w.npy", &array);
    command_run(&command, spelt_out(refusal->words));
    assert_refused(&command, refusal->status, refusal->text);
    assert_int_equal(folder_count(), 2);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "cli_refusals"};

    command_take_path(&argc, argv);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        suite_add(&suite, is_refused, folder_setup, folder_teardown, (void *)&refusals[i],
                  "cli/refused/%s", refusals[i].words);
    return suite_run(&suite, argc, argv) != 0;
}
