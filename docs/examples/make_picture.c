/*
 * make_picture.c - paints the test picture of the demonstration
 *
 *     make_picture OUT.png WIDTH HEIGHT
 *
 * A house before hills at sunset: it has what a photograph has and an upscaler can spoil, which is
 * smooth gradients (sky, glow), texture (clouds, grass), hard edges (house, fence) and fine lines.
 * Each pixel is the mean of 3 x 3 samples of a function of the place, so nothing depends on the
 * size or on chance.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <png.h>

enum { SAMPLES = 3 };

struct color {
    double r, g, b;
};

static struct color mix(struct color a, struct color b, double t)
{
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    return (struct color){a.r + t * (b.r - a.r), a.g + t * (b.g - a.g), a.b + t * (b.b - a.b)};
}

/* A value in [0, 1) that belongs to a point of the integer grid. */
static double grid_value(int32_t x, int32_t y)
{
    uint32_t h = (uint32_t)x * 0x9E3779B1u ^ (uint32_t)y * 0x85EBCA77u;

    h = (h ^ h >> 15) * 0x2C1B3C6Du;
    h = (h ^ h >> 12) * 0x297A2D39u;
    return (double)(h ^ h >> 15) * 0x1p-32;
}

/* Values of the grid with smooth passages in between. */
static double noise(double x, double y)
{
    const double fx = floor(x), fy = floor(y);
    const int32_t ix = (int32_t)fx, iy = (int32_t)fy;
    const double tx = (x - fx) * (x - fx) * (3.0 - 2.0 * (x - fx));
    const double ty = (y - fy) * (y - fy) * (3.0 - 2.0 * (y - fy));
    const double top = grid_value(ix, iy) * (1.0 - tx) + grid_value(ix + 1, iy) * tx;
    const double low = grid_value(ix, iy + 1) * (1.0 - tx) + grid_value(ix + 1, iy + 1) * tx;

    return top * (1.0 - ty) + low * ty;
}

/* Five octaves of it, in [0, 1). */
static double cloud(double x, double y)
{
    double sum = 0.0, weight = 0.5;

    for (int octave = 0; octave < 5; octave++, weight *= 0.5) {
        sum += weight * noise(x, y);
        x = 2.03 * x + 17.0;
        y = 2.03 * y + 5.0;
    }
    return sum;
}

/* The picture is 1.5 wide and 1 high; y grows downwards. */
static struct color sky(double x, double y)
{
    const struct color high = {0.16, 0.32, 0.62}, low = {0.98, 0.76, 0.52};
    const struct color sun = {1.0, 0.96, 0.80}, puff = {0.98, 0.86, 0.80};
    const double far_from_sun = hypot(x - 1.08, y - 0.36);
    struct color c = mix(high, low, pow(y / 0.62, 1.3));

    c = mix(c, sun, 0.75 * exp(-6.0 * far_from_sun));
    c = mix(c, puff, 1.9 * (cloud(3.0 * x, 9.0 * y) - 0.48));
    return mix(c, sun, (0.055 - far_from_sun) * 250.0);
}

/* A ridge: the height of its line at x, as a y. */
static double ridge(double x, double base, double size, double step, double seed)
{
    return base - size * cloud(step * x + seed, seed);
}

static int is_tree(double x, double y, double foot)
{
    const double cell = floor(x / 0.022);
    const double height = 0.018 + 0.028 * grid_value((int32_t)cell, 77);
    const double from_middle = fabs(x / 0.022 - cell - 0.5);

    return y < foot && y > foot - height * (1.0 - 2.0 * from_middle);
}

static struct color land(double x, double y, struct color behind)
{
    const struct color haze = {0.62, 0.58, 0.66}, blue = {0.33, 0.38, 0.50};
    const struct color forest = {0.13, 0.22, 0.17}, grass = {0.30, 0.44, 0.14};
    const struct color straw = {0.66, 0.62, 0.28};
    const double far_line = ridge(x, 0.66, 0.24, 2.2, 3.0);
    const double near_line = ridge(x, 0.74, 0.16, 3.1, 40.0);
    const double meadow = ridge(x, 0.80, 0.10, 1.3, 90.0);
    struct color c = behind;

    if (y > far_line)
        c = mix(blue, haze, (y - far_line) / 0.14);
    if (y > near_line || is_tree(x, y, near_line + 0.004))
        c = mix(forest, blue, 0.9 * cloud(40.0 * x, 40.0 * y) - 0.2);
    if (y > meadow) {
        c = mix(grass, straw, 1.4 * cloud(18.0 * x, 70.0 * y) - 0.25);
        c = mix(c, forest, 1.2 * noise(160.0 * x, 60.0 * y) - 0.75);
    }
    return c;
}

static int inside(double x, double y, double left, double top, double width, double height)
{
    return x >= left && x < left + width && y >= top && y < top + height;
}

/* The wall with its bricks, the lit windows with their bars, the roof with its tiles. */
static struct color house(double x, double y, struct color behind)
{
    const struct color wall = {0.70, 0.36, 0.26}, mortar = {0.80, 0.72, 0.64};
    const struct color light = {1.0, 0.85, 0.45}, frame = {0.94, 0.93, 0.90};
    const struct color tile = {0.27, 0.18, 0.20}, tile_edge = {0.42, 0.27, 0.26};
    const double roof = 0.505 + fabs(x - 0.43) * 0.62;
    struct color c = behind;

    if (inside(x, y, 0.30, 0.62, 0.26, 0.22)) {
        const double row = floor(y / 0.012), shift = fmod(row, 2.0) * 0.5;
        const double along = x / 0.026 + shift - floor(x / 0.026 + shift);

        c = along < 0.08 || y / 0.012 - row < 0.16 ? mortar : wall;
        c = mix(c, tile, 0.5 * noise(30.0 * x, 30.0 * y));
    }
    for (int i = 0; i < 2; i++) {
        const double left = 0.335 + 0.13 * i;

        if (inside(x, y, left, 0.665, 0.06, 0.075))
            c = frame;
        if (inside(x, y, left + 0.005, 0.67, 0.05, 0.065))
            c = fabs(x - left - 0.03) < 0.003 || fabs(y - 0.7) < 0.003 ? frame : light;
    }
    if (inside(x, y, 0.49, 0.49, 0.03, 0.10))
        c = mix(wall, tile, 0.4);
    if (y > roof && y < 0.625)
        c = fmod(y / 0.014, 1.0) < 0.2 ? tile_edge : tile;
    return c;
}

static struct color fence(double x, double y, struct color behind)
{
    const struct color wood = {0.90, 0.88, 0.84}, shade = {0.55, 0.53, 0.52};
    const double along = x / 0.045 - floor(x / 0.045);
    const double top = 0.855 + 0.03 * fabs(along - 0.15);

    if (x < 0.62)
        return behind;
    if (along < 0.3 && y > top && y < 0.955)
        return along < 0.22 ? wood : shade;
    if (inside(x, y, 0.62, 0.875, 1.0, 0.012) || inside(x, y, 0.62, 0.922, 1.0, 0.012))
        return mix(wood, shade, 0.35);
    return behind;
}

static struct color picture(double x, double y)
{
    return fence(x, y, house(x, y, land(x, y, sky(x, y))));
}

static png_byte to_byte(double value)
{
    const double level = 255.0 * value / (SAMPLES * SAMPLES) + 0.5;

    return (png_byte)(level < 0.0 ? 0.0 : level > 255.0 ? 255.0 : level);
}

static void paint_row(png_byte *row, int y, int width, int height)
{
    const double step = 1.0 / (height * SAMPLES);

    for (int x = 0; x < width; x++) {
        struct color sum = {0.0, 0.0, 0.0};

        for (int s = 0; s < SAMPLES * SAMPLES; s++) {
            const struct color c = picture((x * SAMPLES + s % SAMPLES + 0.5) * step,
                                           (y * SAMPLES + s / SAMPLES + 0.5) * step);

            sum = (struct color){sum.r + c.r, sum.g + c.g, sum.b + c.b};
        }
        row[3 * x] = to_byte(sum.r);
        row[3 * x + 1] = to_byte(sum.g);
        row[3 * x + 2] = to_byte(sum.b);
    }
}

int main(int argc, char **argv)
{
    const int width = argc == 4 ? atoi(argv[2]) : 0, height = argc == 4 ? atoi(argv[3]) : 0;
    png_image image = {.version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_RGB};
    png_byte *pixels;
    int written;

    if (width < 1 || height < 1 || width > 10000 || height > 10000) {
        fprintf(stderr, "usage: make_picture OUT.png WIDTH HEIGHT (1 to 10000 each)\n");
        return 2;
    }
    image.width = (png_uint_32)width;
    image.height = (png_uint_32)height;
    pixels = malloc(PNG_IMAGE_SIZE(image));
    if (pixels == NULL) {
        fprintf(stderr, "make_picture: out of memory\n");
        return 1;
    }
    for (int y = 0; y < height; y++)
        paint_row(pixels + (size_t)y * (size_t)width * 3, y, width, height);
    written = png_image_write_to_file(&image, argv[1], 0, pixels, 0, NULL);
    if (!written)
        fprintf(stderr, "make_picture: %s: %s\n", argv[1], image.message);
    free(pixels);
    return written ? 0 : 1;
}
