/*
 * png_read.c - a picture from a PNG file
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/png.h"
#include "cli/png_guard.h"

enum { SIGNATURE_BYTES = 8 };

struct reader {
    const char *path;
    FILE *stream;
    off_t file_bytes;
    png_structp png;
    png_infop info;
    struct tcv_png_error error;
    struct tcv_png *picture;
    png_bytep *rows; /* pointers into the picture's samples */
};

static void read_bytes(png_structp png, png_bytep data, size_t bytes)
{
    FILE *const stream = png_get_io_ptr(png);

    if (fread(data, 1, bytes, stream) != bytes)
        png_error(png, ferror(stream) ? strerror(errno) : "the file is cut short");
}

/* Reads up to the first pixel and asks for 1 to 4 channels of 8 or 16 bits. */
static void read_head(void *context)
{
    struct reader *const r = context;
    struct tcv_png *const picture = r->picture;

    png_read_info(r->png, r->info);
    picture->width = png_get_image_width(r->png, r->info);
    picture->height = png_get_image_height(r->png, r->info);
    png_set_expand(r->png);
    (void)png_set_interlace_handling(r->png);
}

static void read_format(void *context)
{
    struct reader *const r = context;
    struct tcv_png *const picture = r->picture;

    png_read_update_info(r->png, r->info);
    picture->channels = png_get_channels(r->png, r->info);
    picture->bits = png_get_bit_depth(r->png, r->info);
    picture->row_bytes = png_get_rowbytes(r->png, r->info);
}

static void read_meaning(void *context)
{
    struct reader *const r = context;
    struct tcv_png_meaning *const m = &r->picture->meaning;
    int32_t *const p = m->primaries;

    m->has_gamma = png_get_gAMA_fixed(r->png, r->info, &m->gamma) != 0;
    m->has_primaries = png_get_cHRM_fixed(r->png, r->info, &p[0], &p[1], &p[2], &p[3], &p[4], &p[5],
                                          &p[6], &p[7]) != 0;
    m->has_intent = png_get_sRGB(r->png, r->info, &m->intent) != 0;
    m->has_density =
        png_get_pHYs(r->png, r->info, &m->density[0], &m->density[1], &m->density_unit) != 0;
}

/* The profile belongs to libpng, so it is copied. */
static int copy_profile(struct reader *r)
{
    struct tcv_png_meaning *const m = &r->picture->meaning;
    png_charp name;
    png_bytep profile;
    png_uint_32 bytes;
    int method;

    if (png_get_iCCP(r->png, r->info, &name, &method, &profile, &bytes) == 0)
        return TCV_EXIT_OK;
    m->profile_name = strdup(name);
    m->profile = malloc(bytes);
    if (m->profile_name == NULL || m->profile == NULL)
        return tcv_cli_fail("out of memory: the colour profile of %s needs %u bytes", r->path,
                            (unsigned)bytes);
    memcpy(m->profile, profile, bytes);
    m->profile_bytes = bytes;
    return TCV_EXIT_OK;
}

static void read_pixels(void *context)
{
    struct reader *const r = context;

    png_read_image(r->png, r->rows);
    png_read_end(r->png, NULL);
}

/*
 * Whether a file of this size can hold the picture.  Deflate says at best 258
 * bytes with two codes of one bit, that is 1032 bytes with one; a row has a
 * byte for its filter.  So a few bytes cannot make us allocate gigabytes.
 */
static bool is_plausible(const struct reader *r)
{
    const uint64_t most = (uint64_t)r->file_bytes * 1032;
    const uint64_t row = (uint64_t)png_get_rowbytes(r->png, r->info) + 1;

    return row <= most / r->picture->height;
}

static int allocate_rows(struct reader *r)
{
    struct tcv_png *const picture = r->picture;
    const size_t height = picture->height;

    if (picture->row_bytes <= (size_t)PTRDIFF_MAX / height)
        picture->samples = malloc(picture->row_bytes * height);
    r->rows = malloc(height * sizeof *r->rows);
    if (picture->samples == NULL || r->rows == NULL)
        return tcv_cli_fail("out of memory: %s has %u x %u pixels", r->path,
                            (unsigned)picture->width, (unsigned)picture->height);
    for (size_t y = 0; y < height; y++)
        r->rows[y] = picture->samples + y * picture->row_bytes;
    return TCV_EXIT_OK;
}

static int open_stream(struct reader *r)
{
    unsigned char signature[SIGNATURE_BYTES];
    struct stat about;

    /* Asked before it is opened: to open a pipe would wait for its writer. */
    if (stat(r->path, &about) != 0)
        return tcv_cli_fail("cannot read %s: %s", r->path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return tcv_cli_fail("cannot read %s: it is not a regular file", r->path);
    r->file_bytes = about.st_size;
    r->stream = fopen(r->path, "rb");
    if (r->stream == NULL)
        return tcv_cli_fail("cannot read %s: %s", r->path, strerror(errno));
    if (fread(signature, 1, sizeof signature, r->stream) != sizeof signature ||
        png_sig_cmp(signature, 0, sizeof signature) != 0)
        return tcv_cli_fail("%s is not a PNG file", r->path);
    return TCV_EXIT_OK;
}

static int create_structs(struct reader *r)
{
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r->error, tcv_png_note_error,
                                    tcv_png_ignore_warning);
    r->info = r->png != NULL ? png_create_info_struct(r->png) : NULL;
    if (r->info == NULL)
        return tcv_cli_fail("libpng cannot be used: out of memory, or another version than %s",
                            PNG_LIBPNG_VER_STRING);
    png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_read_fn(r->png, r->stream, read_bytes);
    png_set_sig_bytes(r->png, SIGNATURE_BYTES);
    return TCV_EXIT_OK;
}

static int fail_reading(const struct reader *r)
{
    return tcv_cli_fail("cannot read %s: %s", r->path, r->error.message);
}

static int read_all(struct reader *r)
{
    int status;

    if ((status = open_stream(r)) != TCV_EXIT_OK || (status = create_structs(r)) != TCV_EXIT_OK)
        return status;
    if (!tcv_png_guarded(r->png, read_head, r))
        return fail_reading(r);
    if (!is_plausible(r))
        return tcv_cli_fail("cannot read %s: it claims %u x %u pixels, more than a file of its "
                            "size can hold",
                            r->path, (unsigned)r->picture->width, (unsigned)r->picture->height);
    if (!tcv_png_guarded(r->png, read_format, r) || !tcv_png_guarded(r->png, read_meaning, r))
        return fail_reading(r);
    if ((status = copy_profile(r)) != TCV_EXIT_OK || (status = allocate_rows(r)) != TCV_EXIT_OK)
        return status;
    return tcv_png_guarded(r->png, read_pixels, r) ? TCV_EXIT_OK : fail_reading(r);
}

int tcv_png_read(struct tcv_png *picture, const char *path)
{
    struct reader reader;
    int status;

    memset(picture, 0, sizeof *picture);
    memset(&reader, 0, sizeof reader);
    reader.path = path;
    reader.picture = picture;
    status = read_all(&reader);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    if (reader.stream != NULL)
        (void)fclose(reader.stream);
    free(reader.rows);
    return status;
}

void tcv_png_release(struct tcv_png *picture)
{
    free(picture->samples);
    free(picture->meaning.profile_name);
    free(picture->meaning.profile);
    memset(picture, 0, sizeof *picture);
}
