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
    "Usage: tconv upscale IN.png OUT.png [--scale S] [--threads N]\n"
    "\n"
    "Enlarges a picture by a whole number with the bilinear kernel, computed as a\n"
    "depthwise transposed convolution.  Reads every kind of PNG; writes grey or RGB,\n"
    "with alpha if there was some, with 8 or 16 bits, and keeps what the file says\n"
    "about colour and about pixels per metre.\n"
    "\n"
    "Options:\n"
    "  --scale S            1 or more (default 2)\n"
    "  --threads N          at most N threads; 0 (default): as OpenMP would\n"
    "  --help               print this text\n"
    "\n"
    "Examples:\n"
    "  tconv upscale photo.png twice.png\n"
    "  tconv upscale icon.png large.png --scale 8\n"
    "\n" TCV_EXIT_HELP "The output file is complete or absent.\n";

struct upscale_options {
    const char *input, *output;
    int64_t scale;
    int32_t threads;
};

static int read_options(int argc, char **argv, struct upscale_options *o, bool *help_out)
{
    struct tcv_options options = {{{NULL, NULL, NULL}}, 0};
    int first_operand = argc;
    int status;

    *o = (struct upscale_options){NULL, NULL, 2, 0};
    tcv_options_add(&options, "scale", tcv_value_count, &o->scale);
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
    return TCV_EXIT_OK;
}

/* All that one upscaling owns. */
struct upscale {
    struct tcv_png picture;
    struct tcv_outfile file;
    struct tcv_png_writer *writer;
    struct tcv_bands *bands;
    unsigned char *row; /* of the output */
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

static int open_output(struct upscale *u, const struct upscale_options *o)
{
    const size_t scale = (size_t)o->scale;
    const size_t row_bytes = u->picture.row_bytes * scale; /* whole bytes per pixel */
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

static int write_bands(struct upscale *u, const struct upscale_options *o)
{
    const int64_t height = u->picture.height;
    int64_t done = 0;
    int status = TCV_EXIT_OK;

    tcv_progress_begin(height);
    while (status == TCV_EXIT_OK && done < height) {
        int64_t rows;

        status = tcv_bands_compute(u->bands, done, &rows);
        for (int64_t y = 0; status == TCV_EXIT_OK && y < rows * o->scale; y++) {
            tcv_bands_row(u->bands, y, u->row);
            status = tcv_png_write_row(u->writer, u->row);
            tcv_progress_advance(done + y / o->scale);
        }
        done += status == TCV_EXIT_OK ? rows : 0;
    }
    tcv_progress_end();
    return status;
}

static int upscale_with(struct upscale *u, const struct upscale_options *o)
{
    int status;

    if ((status = tcv_png_read(&u->picture, o->input)) != TCV_EXIT_OK ||
        (status = check_size(u, o)) != TCV_EXIT_OK ||
        (status = tcv_bands_create(&u->bands, &u->picture, o->scale, o->threads)) != TCV_EXIT_OK ||
        (status = open_output(u, o)) != TCV_EXIT_OK ||
        (status = write_bands(u, o)) != TCV_EXIT_OK ||
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
