/*
 * upscale.c - `tconv upscale`: a picture enlarged by a whole number
 */
#include <stdlib.h>
#include <string.h>

#include "cli/bands.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/png.h"
#include "cli/progress.h"

static const char help[] =
    "Usage: tconv upscale IN.png OUT.png [--scale S] [--method NAME] [--threads N]\n"
    "\n"
    "Enlarges a picture by a whole number with transposed convolutions.  Reads every\n"
    "kind of PNG; writes grey or RGB, with alpha if there was some, with 8 or 16\n"
    "bits, and keeps what the file says about colour and about pixels per metre.\n"
    "\n"
    "Options:\n"
    "  --scale S            1 or more (default 2)\n"
    "  --method NAME        network: a small neural network, trained on photographs,\n"
    "                       for scales 2, 4, 8 and so on, where it is the default;\n"
    "                       bilinear (default otherwise): interpolates;\n"
    "                       nearest: repeats pixels\n"
    "  --threads N          at most N threads; 0 (default): as OpenMP would\n"
    "  --help               print this text\n"
    "\n"
    "Examples:\n"
    "  tconv upscale photo.png twice.png\n"
    "  tconv upscale photo.png large.png --scale 3 --method bilinear\n"
    "  tconv upscale icon.png large.png --scale 8 --method nearest\n"
    "\n" TCV_EXIT_HELP "The output file is complete or absent.\n";

struct upscale_options {
    const char *input, *output;
    int64_t scale;
    enum tcv_method method;
    int32_t threads;
};

static int choose_method(struct upscale_options *o)
{
    const bool doubles = o->scale > 1 && (o->scale & (o->scale - 1)) == 0;

    if (o->method == TCV_METHOD_NETWORK && !doubles)
        return tcv_cli_usage("--method network is for scales 2, 4, 8 and so on, not %lld; take "
                             "--method bilinear",
                             (long long)o->scale);
    if (o->method == TCV_METHOD_DEFAULT)
        o->method = doubles ? TCV_METHOD_NETWORK : TCV_METHOD_BILINEAR;
    return TCV_EXIT_OK;
}

static int read_options(int argc, char **argv, struct upscale_options *o, bool *help_out)
{
    struct tcv_options options = {{{NULL, NULL, NULL}}, 0};
    int first_operand = argc;
    int status;

    *o = (struct upscale_options){NULL, NULL, 2, TCV_METHOD_DEFAULT, 0};
    tcv_options_add(&options, "scale", tcv_value_count, &o->scale);
    tcv_options_add(&options, "method", tcv_value_method, &o->method);
    tcv_options_add(&options, "threads", tcv_value_threads, &o->threads);
    status = tcv_options_read(&options, argc, argv, help_out, &first_operand);
    if (status != TCV_EXIT_OK || *help_out)
        return status;
    if (argc - first_operand < 2)
        return tcv_cli_usage("%s is missing (see tconv upscale --help)",
                             argc - first_operand == 1 ? "OUT.png" : "IN.png");
    if (argc - first_operand > 2)
        return tcv_cli_usage("\"%s\" is not expected (see tconv upscale --help)",
                             argv[first_operand + 2]);
    o->input = argv[first_operand];
    o->output = argv[first_operand + 1];
    return choose_method(o);
}

/* All that one upscaling owns. */
struct upscale {
    struct tcv_png picture;
    struct tcv_outfile file;
    struct tcv_png_writer *writer;
    struct tcv_bands *bands;
    unsigned char *row; /* of the output */
    int64_t done;       /* for the bar: pixels that were enlarged */
};

static void release(struct upscale *u)
{
    tcv_bands_free(u->bands);
    tcv_png_write_free(u->writer);
    tcv_outfile_discard(&u->file);
    tcv_png_release(&u->picture);
    free(u->row);
}

/* PNG counts with 31 bits, so every size of the output fits in 63. */
static int check_size(const struct upscale *u, const struct upscale_options *o)
{
    const int64_t width = u->picture.width;
    const int64_t height = u->picture.height;

    if (o->scale > INT32_MAX / (width > height ? width : height))
        return tcv_cli_fail("%s has %d x %d pixels and --scale is %lld; a PNG has at most %d "
                            "pixels a side",
                            o->input, (int)width, (int)height, (long long)o->scale, INT32_MAX);
    return TCV_EXIT_OK;
}

static int open_output(struct upscale *u, const struct upscale_options *o, int64_t scale)
{
    const size_t row_bytes = u->picture.row_bytes * (size_t)scale; /* whole bytes per pixel */
    int status;

    u->row = malloc(row_bytes);
    if (u->row == NULL)
        return tcv_cli_fail("out of memory: a row of %s needs %zu bytes", o->output, row_bytes);
    status = tcv_outfile_open(&u->file, o->output);
    if (status != TCV_EXIT_OK)
        return status;
    return tcv_png_write_begin(&u->writer, &u->file, &u->picture,
                               (uint32_t)(u->picture.width * scale),
                               (uint32_t)(u->picture.height * scale));
}

/* Enlarges by scale, row by row to `to`, which holds row_bytes * scale each, or to the file. */
static int enlarge(struct upscale *u, int64_t scale, unsigned char *to)
{
    const int64_t height = u->picture.height, width = u->picture.width;
    const size_t row_bytes = u->picture.row_bytes * (size_t)scale;
    int64_t done = 0;
    int status = TCV_EXIT_OK;

    while (status == TCV_EXIT_OK && done < height) {
        int64_t rows;

        status = tcv_bands_compute(u->bands, done, &rows);
        for (int64_t y = 0; status == TCV_EXIT_OK && y < rows * scale; y++) {
            tcv_bands_row(u->bands, y, to == NULL ? u->row : to);
            if (to == NULL)
                status = tcv_png_write_row(u->writer, u->row);
            else
                to += row_bytes;
            tcv_progress_advance(u->done + (done + y / scale) * width);
        }
        done += status == TCV_EXIT_OK ? rows : 0;
    }
    u->done += height * width;
    return status;
}

/* The picture becomes its double, in memory. */
static int double_picture(struct upscale *u, const struct upscale_options *o)
{
    const size_t bytes = 4 * u->picture.row_bytes * u->picture.height;
    unsigned char *const samples = malloc(bytes);
    int status;

    if (samples == NULL)
        return tcv_cli_fail("out of memory: a double of %s needs %zu bytes", o->input, bytes);
    status = tcv_bands_create(&u->bands, &u->picture, o->method, 2, o->threads);
    if (status == TCV_EXIT_OK)
        status = enlarge(u, 2, samples);
    tcv_bands_free(u->bands);
    u->bands = NULL;
    free(u->picture.samples);
    u->picture.samples = samples;
    u->picture.row_bytes *= 2;
    u->picture.width *= 2;
    u->picture.height *= 2;
    return status;
}

/* The network doubles: a scale of 2^n takes n passes, of which the last writes the file. */
static int enlarge_all(struct upscale *u, const struct upscale_options *o)
{
    const int64_t once = o->method == TCV_METHOD_NETWORK ? 2 : o->scale;
    const int64_t pixels = (int64_t)u->picture.width * u->picture.height;
    int64_t all = 0;
    int status = TCV_EXIT_OK;

    for (int64_t scale = 1; scale * once <= o->scale; scale *= 2) /* passes */
        all += pixels * scale * scale;
    tcv_progress_begin(all);
    for (int64_t left = o->scale; status == TCV_EXIT_OK && left > once; left /= 2)
        status = double_picture(u, o);
    if (status == TCV_EXIT_OK)
        status = tcv_bands_create(&u->bands, &u->picture, o->method, once, o->threads);
    if (status == TCV_EXIT_OK)
        status = open_output(u, o, once);
    if (status == TCV_EXIT_OK)
        status = enlarge(u, once, NULL);
    tcv_progress_end();
    return status;
}

static int upscale_with(struct upscale *u, const struct upscale_options *o)
{
    int status;

    if ((status = tcv_png_read(&u->picture, o->input)) != TCV_EXIT_OK ||
        (status = check_size(u, o)) != TCV_EXIT_OK || (status = enlarge_all(u, o)) != TCV_EXIT_OK ||
        (status = tcv_png_write_finish(u->writer)) != TCV_EXIT_OK)
        return status;
    return tcv_outfile_commit(&u->file);
}

int tcv_cli_upscale(int argc, char **argv)
{
    struct upscale_options options;
    struct upscale upscale;
    bool wants_help;
    int status = read_options(argc, argv, &options, &wants_help);

    if (status != TCV_EXIT_OK)
        return status;
    if (wants_help)
        return tcv_cli_print(help);
    memset(&upscale, 0, sizeof upscale);
    status = upscale_with(&upscale, &options);
    release(&upscale);
    return status;
}
