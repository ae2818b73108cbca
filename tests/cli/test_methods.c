/*
 * test_methods.c - `tconv upscale` by the network, which is the default, and by repeating pixels
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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
    (void)snprintf(words, sizeof words, "upscale in.png out.png --scale %d %s", scale, options);
    command_run(&command, words);
    assert_succeeded(&command);
    return picture_read("out.png", scale, &extras);
}

static void nearest_repeats_pixels(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 4; channels++) {
        for (int scale = 1; scale <= 5; scale++) {
            struct picture in = picture_make(7, 5, channels, 8);
            struct picture got;

            picture_randomise(&in, (uint32_t)(channels + scale));
            for (int i = 0; channels % 2 == 0 && i < 35; i++)
                in.sample[i * channels + channels - 1] = 255; /* else a hidden colour is lost */
            got = upscale(&in, scale, "--method nearest");
            for (int y = 0; y < got.height; y++)
                for (int x = 0; x < got.width; x++)
                    assert_memory_equal(picture_at(&got, y, x),
                                        picture_at(&in, y / scale, x / scale),
                                        (size_t)channels * sizeof(uint16_t));
            picture_free(&in);
            picture_free(&got);
        }
    }
}

static void network_is_the_default_for_powers_of_2(void **state)
{
    struct picture in = picture_make(20, 13, 3, 8);

    (void)state;
    picture_randomise(&in, 5);
    for (int scale = 1; scale <= 8; scale++) {
        const bool doubles = scale == 2 || scale == 4 || scale == 8;
        struct picture got = upscale(&in, scale, "");
        struct picture want =
            upscale(&in, scale, doubles ? "--method network" : "--method bilinear");

        assert_same_picture(&got, &want);
        picture_free(&got);
        picture_free(&want);
    }
    picture_free(&in);
}

/* A soft-edged disc and stripes: value at a place of a picture that is 1 high. */
static double scene(double x, double y)
{
    const double edge = 0.3 - hypot(x - 0.5, y - 0.5);

    return 0.5 + 0.4 * fmax(-1.0, fmin(1.0, 60.0 * edge)) * (y > 0.5 ? cos(70.0 * x) : 1.0);
}

/* Pixels are means over their area, so that a small picture is a large one made smaller. */
static struct picture paint(int size, int channels)
{
    struct picture p = picture_make(size, size, channels, 8);
    const int fine = 384 / size;

    for (int i = 0; i < size * size; i++) {
        double sum = 0.0;

        for (int s = 0; s < fine * fine; s++)
            sum += scene((i % size * fine + s % fine + 0.5) / 384.0,
                         ((double)(i / size) * fine + (double)(s / fine) + 0.5) / 384.0);
        for (int c = 0; c < channels; c++)
            p.sample[i * channels + c] = (uint16_t)(255.0 * sum / (fine * fine) + 0.5);
    }
    return p;
}

static double mean_square(const struct picture *a, const struct picture *b)
{
    const int count = a->width * a->height * a->channels;
    double sum = 0.0;

    for (int i = 0; i < count; i++)
        sum += ((double)a->sample[i] - b->sample[i]) * ((double)a->sample[i] - b->sample[i]);
    return sum / count;
}

/* By 1 dB or more: a factor of 1.26 in the square of what is wrong. */
static void network_beats_interpolation(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 3; channels += 2) {
        struct picture in = paint(96, channels), truth = paint(192, channels);
        struct picture network = upscale(&in, 2, "");
        struct picture bilinear = upscale(&in, 2, "--method bilinear");

        assert_true(mean_square(&bilinear, &truth) > 1.26 * mean_square(&network, &truth));
        picture_free(&in);
        picture_free(&truth);
        picture_free(&network);
        picture_free(&bilinear);
    }
}

/* A plane has nothing to add to, in colour or grey; hues, too, stay as they are. */
static void constant_stays_nearly_constant(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 4; channels++) {
        static const uint16_t color[][4] = {{60}, {90, 255}, {60, 110, 160}, {60, 110, 160, 255}};
        struct picture in = picture_make(30, 20, channels, 8), got;

        for (int i = 0; i < 600 * channels; i++)
            in.sample[i] = color[channels - 1][i % channels];
        got = upscale(&in, 4, "");
        for (int i = 0; i < got.width * got.height * channels; i++)
            assert_true(abs(got.sample[i] - in.sample[i % channels]) <= 3);
        picture_free(&in);
        picture_free(&got);
    }
}

/*
 * Tall enough for four bands: a crop of it, enlarged by itself, is the same but for where it was
 * cut, to the rounding that another plan may have before that to 8 bits.
 */
static void bands_leave_no_seam(void **state)
{
    struct picture in = picture_make(150, 1300, 3, 8), crop = picture_make(150, 300, 3, 8);
    struct picture got, part, again;

    (void)state;
    picture_randomise(&in, 7);
    memcpy(crop.sample, picture_at(&in, 350, 0), 150 * 300 * 3 * sizeof *crop.sample);
    got = upscale(&in, 2, "--threads 1");
    again = upscale(&in, 2, "--threads 4");
    assert_same_picture(&again, &got);
    part = upscale(&crop, 2, "");
    for (int y = 20; y < 580; y++)
        for (int x = 0; x < 300; x++)
            for (int c = 0; c < 3; c++)
                assert_true(abs(picture_at(&part, y, x)[c] - picture_at(&got, y + 700, x)[c]) <= 1);
    picture_free(&in);
    picture_free(&crop);
    picture_free(&got);
    picture_free(&part);
    picture_free(&again);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "cli_methods"};

#define ADD(test) \
    suite_add(&suite, test, folder_setup, folder_teardown, NULL, "cli/upscale/" #test)
    command_take_path(&argc, argv);
    ADD(nearest_repeats_pixels);
    ADD(network_is_the_default_for_powers_of_2);
    ADD(network_beats_interpolation);
    ADD(constant_stays_nearly_constant);
    ADD(bands_leave_no_seam);
    return suite_run(&suite, argc, argv) != 0;
}
