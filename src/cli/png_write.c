/*
 * png_write.c - a picture into a PNG file, row by row
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/png.h"
#include "cli/png_guard.h"

struct tcv_png_writer {
    struct tcv_outfile *file;
    png_structp png;
    png_infop info;
    struct tcv_png_error error;
    const struct tcv_png *kind;
    uint32_t width, height;
    const unsigned char *row; /* the one to write next */
};

static void write_bytes(png_structp png, png_bytep data, size_t bytes)
{
    FILE *const stream = png_get_io_ptr(png);

    if (fwrite(data, 1, bytes, stream) != bytes)
        png_error(png, strerror(errno));
}

static void flush_nothing(png_structp png)
{
    (void)png; /* closing the file flushes it */
}

/* More pixels on the same area: what the picture measures stays the same. */
static void put_density(struct tcv_png_writer *w)
{
    const struct tcv_png_meaning *const m = &w->kind->meaning;
    const uint64_t x = (uint64_t)m->density[0] * (w->width / w->kind->width);
    const uint64_t y = (uint64_t)m->density[1] * (w->height / w->kind->height);

    if (m->density_unit == PNG_RESOLUTION_UNKNOWN)
        png_set_pHYs(w->png, w->info, m->density[0], m->density[1], m->density_unit);
    else if (x <= PNG_UINT_31_MAX && y <= PNG_UINT_31_MAX)
        png_set_pHYs(w->png, w->info, (png_uint_32)x, (png_uint_32)y, m->density_unit);
}

static void put_meaning(struct tcv_png_writer *w)
{
    const struct tcv_png_meaning *const m = &w->kind->meaning;
    const int32_t *const p = m->primaries;

    if (m->has_gamma)
        png_set_gAMA_fixed(w->png, w->info, m->gamma);
    if (m->has_primaries)
        png_set_cHRM_fixed(w->png, w->info, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]);
    if (m->has_intent)
        png_set_sRGB(w->png, w->info, m->intent);
    if (m->profile != NULL)
        png_set_iCCP(w->png, w->info, m->profile_name, PNG_COMPRESSION_TYPE_BASE, m->profile,
                     m->profile_bytes);
    if (m->has_density)
        put_density(w);
}

static void write_head(void *context)
{
    static const int colour_types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                       PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    struct tcv_png_writer *const w = context;

    png_set_IHDR(w->png, w->info, w->width, w->height, w->kind->bits,
                 colour_types[w->kind->channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
                 PNG_FILTER_TYPE_BASE);
    put_meaning(w);
    png_write_info(w->png, w->info);
}

static void write_row(void *context)
{
    struct tcv_png_writer *const w = context;

    png_write_row(w->png, w->row);
}

static void write_end(void *context)
{
    struct tcv_png_writer *const w = context;

    png_write_end(w->png, NULL);
}

static int run_step(struct tcv_png_writer *w, void (*step)(void *context))
{
    if (!tcv_png_guarded(w->png, step, w))
        return tcv_cli_fail("cannot write %s: %s", w->file->path, w->error.message);
    return TCV_EXIT_OK;
}

int tcv_png_write_begin(struct tcv_png_writer **writer_out, struct tcv_outfile *file,
                        const struct tcv_png *kind, uint32_t width, uint32_t height)
{
    struct tcv_png_writer *const w = calloc(1, sizeof *w);
    int status;

    *writer_out = NULL;
    if (w == NULL)
        return tcv_cli_fail("out of memory: %s cannot be written", file->path);
    w->file = file;
    w->kind = kind;
    w->width = width;
    w->height = height;
    w->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w->error, tcv_png_note_error,
                                     tcv_png_ignore_warning);
    w->info = w->png != NULL ? png_create_info_struct(w->png) : NULL;
    if (w->info == NULL) {
        status = tcv_cli_fail("libpng cannot be used: out of memory, or another version than %s",
                              PNG_LIBPNG_VER_STRING);
        goto fail;
    }
    png_set_user_limits(w->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    /* A profile that was good enough to be read is good enough to be kept. */
    png_set_benign_errors(w->png, 1);
    /* Interpolated pixels: as small as with zlib's default of 6, in a third of the time. */
    png_set_compression_level(w->png, 4);
    png_set_write_fn(w->png, file->stream, write_bytes, flush_nothing);
    status = run_step(w, write_head);
    if (status != TCV_EXIT_OK)
        goto fail;
    *writer_out = w;
    return TCV_EXIT_OK;

fail:
    tcv_png_write_free(w);
    return status;
}

int tcv_png_write_row(struct tcv_png_writer *writer, const unsigned char *row)
{
    writer->row = row;
    return run_step(writer, write_row);
}

int tcv_png_write_finish(struct tcv_png_writer *writer)
{
    return run_step(writer, write_end);
}

void tcv_png_write_free(struct tcv_png_writer *writer)
{
    if (writer == NULL)
        return;
    png_destroy_write_struct(&writer->png, &writer->info);
    free(writer);
}
