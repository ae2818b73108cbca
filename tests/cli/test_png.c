/*
 * test_png.c - PNG files of every kind that is read, and those that are not
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/picture.h"

static const struct picture_extras none;
static struct command command;

static struct picture upscaled(const struct picture *in, const struct picture_extras *extras,
                               struct picture_extras *extras_out)
{
    picture_write("in.png", in, extras);
    command_run(&command, "upscale in.png out.png --scale 3 --threads 1");
    assert_succeeded(&command);
    return picture_read("out.png", 3, extras_out);
}

/* A picture stored in one way comes out as the same picture stored plainly. */
static void assert_alike(const struct picture *stored, const struct picture_extras *extras,
                         const struct picture *plain)
{
    struct picture_extras ignored;
    struct picture got = upscaled(stored, extras, &ignored);
    struct picture want = upscaled(plain, &none, &ignored);

    assert_same_picture(&got, &want);
    picture_free(&got);
    picture_free(&want);
}

static void interlaced(void **state)
{
    const struct picture_extras extras = {.interlaced = true};

    (void)state;
    for (int size = 1; size <= 9; size += 4) {
        struct picture in = picture_make(size, 10 - size, 3, 16);

        picture_randomise(&in, 1);
        assert_alike(&in, &extras, &in);
        picture_free(&in);
    }
}

static void palette(void **state)
{
    const struct picture_extras extras = {.palette = true};

    (void)state;
    for (int channels = 3; channels <= 4; channels++) {
        struct picture in = picture_make(8, 9, channels, 8);

        picture_randomise(&in, 2);
        assert_alike(&in, &extras, &in);
        picture_free(&in);
    }
}

/* 1, 2 and 4 bits stretch over 0 to 255: a sample is repeated in its byte. */
static void short_grey(void **state)
{
    (void)state;
    for (int bits = 1; bits <= 4; bits *= 2) {
        const struct picture_extras extras = {.grey_bits = bits};
        struct picture in = picture_make(5, 7, 1, 8);

        picture_randomise(&in, 3);
        for (int i = 0; i < 5 * 7; i++)
            in.sample[i] = (uint16_t)((in.sample[i] >> (8 - bits)) * 255 / ((1 << bits) - 1));
        assert_alike(&in, &extras, &in);
        picture_free(&in);
    }
}

/* A colour that stands for none becomes alpha. */
static void transparent_colour(void **state)
{
    const struct picture_extras extras = {.transparent = true};

    (void)state;
    for (int channels = 1; channels <= 3; channels += 2) {
        struct picture in = picture_make(3, 2, channels, 8);
        struct picture plain = picture_make(3, 2, channels + 1, 8);

        picture_randomise(&in, 4);
        for (int i = 0; i < 3 * 2; i++) {
            const uint16_t *const s = in.sample + i * channels;

            memcpy(plain.sample + i * (channels + 1), s, (size_t)channels * sizeof *s);
            plain.sample[i * (channels + 1) + channels] =
                memcmp(s, in.sample, (size_t)channels * sizeof *s) == 0 ? 0 : 255;
        }
        assert_alike(&in, &extras, &plain);
        picture_free(&in);
        picture_free(&plain);
    }
}

static void meaning_is_kept(void **state)
{
    static const struct picture_extras all[] = {
        {0},
        {.has_gamma = true},
        {.has_gamma = true, .has_srgb = true},
        {.has_density = true},
        {.has_profile = true, .has_density = true},
        {.has_gamma = true, .has_profile = true},
        {.palette = true, .has_gamma = true, .has_srgb = true},
    };
    struct picture in = picture_make(4, 4, 3, 8);

    (void)state;
    picture_randomise(&in, 5);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct picture_extras got;
        struct picture out = upscaled(&in, &all[i], &got);

        assert_int_equal(got.has_gamma, all[i].has_gamma);
        assert_int_equal(got.has_srgb, all[i].has_srgb);
        assert_int_equal(got.has_profile, all[i].has_profile);
        assert_int_equal(got.has_density, all[i].has_density);
        picture_free(&out);
    }
    picture_free(&in);
}

static void no_picture_at_all(void **state)
{
    static const char *const refused[][2] = {
        {"upscale none.png out.png", "cannot read none.png: No such file"},
        {"upscale . out.png", "cannot read .: it is not a regular file"},
        {"upscale empty.png out.png", "empty.png is not a PNG file"},
        {"upscale text.png out.png", "text.png is not a PNG file"},
    };

    (void)state;
    folder_write("empty.png", "", 0);
    folder_write("text.png", "\xff\xd8\xff\xe0 a JPEG, say", 17);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        command_run(&command, refused[i][0]);
        assert_refused(&command, 1, refused[i][1]);
        assert_int_equal(folder_count(), 2);
    }
}

/* Reads a small picture of the kind whose file has the most chunks. */
static size_t small_file(unsigned char *file, size_t capacity)
{
    const struct picture_extras extras = {.palette = true, .has_gamma = true};
    struct picture in = picture_make(3, 3, 4, 8);
    size_t bytes;

    picture_randomise(&in, 6);
    picture_write("in.png", &in, &extras);
    picture_free(&in);
    bytes = folder_read("in.png", file, capacity);
    return bytes;
}

static void every_cut_is_refused(void **state)
{
    static unsigned char file[1024];
    const size_t bytes = small_file(file, sizeof file);

    (void)state;
    for (size_t cut = 0; cut < bytes; cut++) {
        folder_write("in.png", file, cut);
        command_run(&command, "upscale in.png out.png --threads 1");
        assert_refused(&command, 1, "in.png");
        assert_int_equal(folder_count(), 1);
    }
}

/* Some damage PNG repairs; then there is a picture, and else one line. */
static void every_flaw_is_survived(void **state)
{
    static unsigned char file[1024];
    const size_t bytes = small_file(file, sizeof file);
    int refused = 0;

    (void)state;
    for (size_t i = 0; i < bytes; i++) {
        file[i] ^= 0x41;
        folder_write("in.png", file, bytes);
        file[i] ^= 0x41;
        command_run(&command, "upscale in.png out.png --threads 1");
        if (command.status == 0) {
            assert_succeeded(&command);
            assert_int_equal(remove(folder_path("out.png")), 0);
        } else {
            assert_refused(&command, 1, "in.png");
            refused++;
        }
        assert_int_equal(folder_count(), 1);
    }
    assert_true((size_t)refused > bytes / 2);
}

static void claims_are_not_believed(void **state)
{
    (void)state;
    picture_write_head("in.png", 0x7fffffff, 0x7fffffff);
    command_run(&command, "upscale in.png out.png --threads 1");
    assert_refused(&command, 1, "it claims 2147483647 x 2147483647 pixels");
    picture_write_head("in.png", 30000, 30000);
    command_run(&command, "upscale in.png out.png --threads 1");
    assert_refused(&command, 1, "it claims 30000 x 30000 pixels");
    assert_int_equal(folder_count(), 1);
}

static void scale_too_large(void **state)
{
    struct picture in = picture_make(3, 2, 1, 8);

    (void)state;
    picture_write("in.png", &in, &none);
    command_run(&command, "upscale in.png out.png --scale 715827883"); /* 2^31 / 3, rounded up */
    assert_refused(&command, 1, "a PNG has at most 2147483647 pixels a side");
    command_run(&command, "upscale in.png out.png --scale 9223372036854775807");
    assert_refused(&command, 1, "a PNG has at most 2147483647 pixels a side");
    assert_int_equal(folder_count(), 1);
    picture_free(&in);
}

static void full_disk(void **state)
{
    static const struct command_limits limits = {2000, 0, NULL, NULL};
    struct picture in = picture_make(50, 50, 3, 8);

    (void)state;
    picture_randomise(&in, 8);
    picture_write("in.png", &in, &none);
    command_start(&command, "upscale in.png out.png", limits);
    command_wait(&command);
    assert_refused(&command, 1, "cannot write out.png: File too large");
    command_run(&command, "upscale in.png /dev/full");
    assert_refused(&command, 1, "cannot write /dev/full: No space left on device");
    assert_int_equal(folder_count(), 1);
    picture_free(&in);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "cli_png"};

#define ADD(test) suite_add(&suite, test, folder_setup, folder_teardown, NULL, "cli/png/" #test)
    command_take_path(&argc, argv);
    ADD(interlaced);
    ADD(palette);
    ADD(short_grey);
    ADD(transparent_colour);
    ADD(meaning_is_kept);
    ADD(no_picture_at_all);
    ADD(every_cut_is_refused);
    ADD(every_flaw_is_survived);
    ADD(claims_are_not_believed);
    ADD(scale_too_large);
    ADD(full_disk);
    return suite_run(&suite, argc, argv) != 0;
}
