/*
 * test_upscale.c - `tconv upscale --method bilinear` interpolates, to the last rounding
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/picture.h"

static struct command command;

static struct picture upscale(const struct picture *picture, int scale, const char *options)
{
    const struct picture_extras none = {0};
    struct picture_extras extras;
    char words[128];

    picture_write("in.png", picture, &none);
    (void)snprintf(words, sizeof words, "upscale in.png out.png --method bilinear --scale %d %s",
                   scale, options);
    command_run(&command, words);
    assert_succeeded(&command);
    assert_string_equal(command.out, "");
    assert_int_equal(folder_count(), 2);
    return picture_read("out.png", scale, &extras);
}

/* A kind of picture at a scale, as a test. */
struct kind {
    int channels, bits, scale;
};

/* Fills all pixels alike: the ends of the range, then values between them. */
static void fill(struct picture *p, int step)
{
    const int most = p->bits == 16 ? 65535 : 255;
    const bool has_alpha = p->channels % 2 == 0;

    for (int i = 0; i < p->width * p->height; i++) {
        uint16_t *const s = p->sample + i * p->channels;

        for (int c = 0; c < p->channels; c++)
            s[c] = (uint16_t)(step == 0 ? most : step == 1 ? 0 : most - 13 * step * (c + 1));
        /* What cannot be seen has no colour to keep: let it be seen, just so. */
        if (has_alpha && step == 1)
            s[p->channels - 1] = 1;
    }
}

static void constant_stays_constant(void **state)
{
    const struct kind *const kind = *state;
    struct picture in = picture_make(3, 2, kind->channels, kind->bits);
    struct picture want =
        picture_make(3 * kind->scale, 2 * kind->scale, kind->channels, kind->bits);

    for (int step = 0; step < 3; step++) {
        struct picture got;

        fill(&in, step);
        fill(&want, step);
        got = upscale(&in, kind->scale, "--threads 1");
        assert_same_picture(&got, &want);
        picture_free(&got);
    }
    picture_free(&in);
    picture_free(&want);
}

/* What rows or columns around o have to do with output o: first and share. */
static double place_of(int o, int scale, int size, int *first, int *second)
{
    const double at = (o + 0.5) / scale - 0.5; /* centres on centres */
    const int below = (int)floor(at);

    *first = below < 0 ? 0 : below;
    *second = below + 1 >= size ? size - 1 : below + 1;
    return at - below;
}

/* Channel c of pixel (y, x), colours multiplied by alpha as a share of 1. */
static double seen(const struct picture *p, int y, int x, int c)
{
    const uint16_t *const s = picture_at(p, y, x);
    const int alpha = p->channels - 1;
    const double most = p->bits == 16 ? 65535.0 : 255.0;

    return p->channels % 2 != 0 || c == alpha ? s[c] : s[c] * (s[alpha] / most);
}

static double blend(const struct picture *p, int scale, int oy, int ox, int c)
{
    int y0, y1, x0, x1;
    const double y = place_of(oy, scale, p->height, &y0, &y1);
    const double x = place_of(ox, scale, p->width, &x0, &x1);

    return (1 - y) * ((1 - x) * seen(p, y0, x0, c) + x * seen(p, y0, x1, c)) +
           y * ((1 - x) * seen(p, y1, x0, c) + x * seen(p, y1, x1, c));
}

/*
 * Every sample against bilinear interpolation in double, written from its
 * definition.  Off by the rounding to a sample, 1/2, and by that of floats: 4
 * terms of 2 products with rounded weights, the multiplication by alpha and its
 * share before, and the division after, are under 16 roundings of 2^-24.
 */
static void assert_interpolated(const struct picture *in, const struct picture *got, int scale)
{
    const double most = in->bits == 16 ? 65535.0 : 255.0;
    const double allowed = 0.5 + 16 * 0x1p-24 * most;
    const bool has_alpha = in->channels % 2 == 0;

    assert_int_equal(got->width, in->width * scale);
    assert_int_equal(got->height, in->height * scale);
    assert_int_equal(got->channels, in->channels);
    assert_int_equal(got->bits, in->bits);
    for (int y = 0; y < got->height; y++) {
        for (int x = 0; x < got->width; x++) {
            const double alpha = has_alpha ? blend(in, scale, y, x, in->channels - 1) : most;

            for (int c = 0; c < in->channels; c++) {
                double want = blend(in, scale, y, x, c);

                if (has_alpha && c < in->channels - 1)
                    want = alpha > 0 ? want / alpha * most : 0;
                if (!(fabs(picture_at(got, y, x)[c] - want) <= allowed))
                    fail_msg("[%d][%d][%d] is %d, want %.4f", y, x, c, picture_at(got, y, x)[c],
                             want);
            }
        }
    }
}

static void random_is_interpolated(void **state)
{
    const struct kind *const kind = *state;
    static const int sizes[][2] = {{1, 1}, {6, 7}};

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct picture in = picture_make(sizes[i][0], sizes[i][1], kind->channels, kind->bits);
        struct picture got;

        picture_randomise(&in, (uint32_t)(i + 1));
        got = upscale(&in, kind->scale, "--threads 1");
        assert_interpolated(&in, &got, kind->scale);
        picture_free(&in);
        picture_free(&got);
    }
}

/*
 * Steps of 16 a pixel at scale 4 are steps of 4 an output, from output centres
 * at an odd number of eighths: 4 o - 6 exactly, and flat beyond the ends.
 */
static void ramp_stays_a_ramp(void **state)
{
    const bool down = *state != NULL;
    const int pixels = 15, scale = 4;
    struct picture in = picture_make(down ? 3 : pixels, down ? pixels : 3, 1, 8);
    struct picture got;

    for (int y = 0; y < in.height; y++) {
        for (int x = 0; x < in.width; x++)
            *picture_at(&in, y, x) = (uint16_t)(16 * (down ? y : x));
    }
    got = upscale(&in, scale, "");
    for (int y = 0; y < got.height; y++) {
        for (int x = 0; x < got.width; x++) {
            const int want = 4 * (down ? y : x) - 6;
            const int last = 16 * (pixels - 1);

            assert_int_equal(*picture_at(&got, y, x), want < 0 ? 0 : want > last ? last : want);
        }
    }
    picture_free(&in);
    picture_free(&got);
}

/* Green that nobody sees must not tint the red beside it. */
static void hidden_colour_does_not_bleed(void **state)
{
    struct picture in = picture_make(2, 1, 4, 8);
    struct picture got;

    (void)state;
    memcpy(picture_at(&in, 0, 0), (const uint16_t[]){255, 0, 0, 255}, 4 * sizeof(uint16_t));
    memcpy(picture_at(&in, 0, 1), (const uint16_t[]){0, 255, 0, 0}, 4 * sizeof(uint16_t));
    got = upscale(&in, 2, "");
    for (int x = 0; x < 3; x++) {
        const uint16_t *const s = picture_at(&got, 0, x);

        assert_true(s[0] == 255 && s[1] == 0 && s[2] == 0 && s[3] > 0);
    }
    picture_free(&in);
    picture_free(&got);
}

/* Taller than one band of 16 MiB of floats, and the same for any threads. */
static void bands_leave_no_seam(void **state)
{
    struct picture in = picture_make(150, 1500, 3, 8);
    struct picture got, again;

    (void)state;
    picture_randomise(&in, 7);
    got = upscale(&in, 3, "--threads 1");
    assert_interpolated(&in, &got, 3);
    again = upscale(&in, 3, "--threads 4");
    assert_same_picture(&again, &got);
    picture_free(&in);
    picture_free(&got);
    picture_free(&again);
}

static void scale_is_2_by_itself(void **state)
{
    struct picture in = picture_make(4, 3, 1, 8);
    const struct picture_extras none = {0};
    struct picture_extras extras;
    struct picture got;

    (void)state;
    picture_randomise(&in, 3);
    picture_write("in.png", &in, &none);
    command_run(&command, "upscale in.png in.png --method bilinear"); /* over itself */
    assert_succeeded(&command);
    got = picture_read("in.png", 2, &extras);
    assert_interpolated(&in, &got, 2);
    assert_int_equal(folder_count(), 1);
    picture_free(&in);
    picture_free(&got);
}

static void add_kinds(struct suite *suite)
{
    static const int scales[] = {1, 2, 3, 4, 7};
    static struct kind kinds[4 * 2 * ARRAY_LEN(scales)];
    size_t count = 0;

    for (int channels = 1; channels <= 4; channels++) {
        for (int bits = 8; bits <= 16; bits += 8) {
            for (size_t i = 0; i < ARRAY_LEN(scales); i++, count++) {
                kinds[count] = (struct kind){channels, bits, scales[i]};
                suite_add(suite, constant_stays_constant, folder_setup, folder_teardown,
                          &kinds[count], "cli/upscale/constant %d x %d bits by %d", channels, bits,
                          scales[i]);
                suite_add(suite, random_is_interpolated, folder_setup, folder_teardown,
                          &kinds[count], "cli/upscale/random %d x %d bits by %d", channels, bits,
                          scales[i]);
            }
        }
    }
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "cli_upscale"};
    static int down;

#define ADD(test, state)                                                                           \
    suite_add(&suite, test, folder_setup, folder_teardown, state, "cli/upscale/" #test " " #state)
    command_take_path(&argc, argv);
    add_kinds(&suite);
    ADD(ramp_stays_a_ramp, NULL);
    ADD(ramp_stays_a_ramp, &down);
    ADD(hidden_colour_does_not_bleed, NULL);
    ADD(bands_leave_no_seam, NULL);
    ADD(scale_is_2_by_itself, NULL);
    return suite_run(&suite, argc, argv) != 0;
}
