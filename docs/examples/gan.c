/*
 * gan.c - a generator of transposed convolutions learns to draw shapes
 *
 *     generator      64 noise -> 128 x 4 x 4 -> 64 x 8 x 8 -> 32 x 16 x 16 -> 1 x 32 x 32
 *     discriminator  1 x 32 x 32 -> 32 x 16 x 16 -> 64 x 8 x 8 -> 128 x 4 x 4 -> 1
 *
 * Every doubling is a transposed convolution of kernel 4, stride 2, padding 1, every halving a
 * convolution of the same (Radford, Metz, Chintala: DCGAN, 2015).  The discriminator learns to
 * tell drawn shapes from generated ones, the generator to be taken for the former: it follows the
 * discriminator's gradient with respect to its own picture.
 *
 * What is learned is measured by the sliced Wasserstein distance: pictures are points of
 * 1024 dimensions; along a random direction two sets of equally many points are as far apart as
 * their sorted projections on average, and that is averaged over directions (Rabin et al. 2011).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/fail.h"
#include "train/loss.h"
#include "train/options.h"
#include "train/picture.h"
#include "train/training.h"

enum { SIZE = 32, PIXELS = SIZE * SIZE, NOISE = 64, BATCH = 32 };
enum { TEST_PICTURES = 512, DIRECTIONS = 256, SHEET = 8 };

static const char help[] =
    "Usage: gan [OPTIONS]\n"
    "\n"
    "Trains a DCGAN on drawn shapes of 32 x 32 pixels, writes OUT/gan.png (a sheet of what\n"
    "the generator draws, with drawn ones below for comparison), and prints by which factor\n"
    "the sliced Wasserstein distance to shapes it has not seen fell from the untrained\n"
    "generator's.\n"
    "\n"
    "Options:\n" TRAIN_OPTIONS_HELP "  --out DIR          where the sheet is written (default: .)\n"
    "\n"
    "Examples:\n"
    "  gan\n"
    "  gan --epochs 2 --require 2 --checkpoint gan.checkpoint\n"
    "\n" TRAIN_EXIT_HELP;

/* ---- Shapes ------------------------------------------------------------- */

/* How far a point lies inside of a shape, in pixels: a disc, a ring, a box, a cross. */
static double depth_inside(int64_t kind, double dx, double dy, double size)
{
    const double r = hypot(dx, dy);
    const double low = fmin(fabs(dx), fabs(dy)), high = fmax(fabs(dx), fabs(dy));

    switch (kind) {
    case 0: return size - r;
    case 1: return fmin(size - r, r - 0.55 * size);
    case 2: return 0.85 * size - high;
    default: return fmin(size - high, 0.3 * size - low);
    }
}

/* White on black, -1 to 1, edges one pixel soft. */
static void draw_shape(struct random *random, float *picture)
{
    const int64_t kind = random_below(random, 4);
    const double size = random_between(random, 7.0, 11.0);
    const double x = random_between(random, 12.0, SIZE - 13.0);
    const double y = random_between(random, 12.0, SIZE - 13.0);

    for (int i = 0; i < PIXELS; i++) {
        const double depth = depth_inside(kind, i % SIZE - x, (double)(i / SIZE) - y, size);

        picture[i] = (float)fmax(-1.0, fmin(1.0, 2.0 * depth));
    }
}

/* ---- The two networks --------------------------------------------------- */

struct gan {
    struct network generator, discriminator;
    struct field *noise, *picture, *verdict;
};

static void build(struct gan *g, uint64_t seed, int32_t threads)
{
    static const struct layer_kind drawing[] = {
        {TCONV_CONV_TRANSPOSE, 128, 4, 1, 0, TCONV_ACTIVATION_RELU, 0.0},
        {TCONV_CONV_TRANSPOSE, 64, 4, 2, 1, TCONV_ACTIVATION_RELU, 0.0},
        {TCONV_CONV_TRANSPOSE, 32, 4, 2, 1, TCONV_ACTIVATION_RELU, 0.0},
        {TCONV_CONV_TRANSPOSE, 1, 4, 2, 1, TCONV_ACTIVATION_TANH, 0.0},
    };
    static const struct layer_kind judging[] = {
        {TCONV_CONV, 32, 4, 2, 1, TCONV_ACTIVATION_LEAKY_RELU, 0.2},
        {TCONV_CONV, 64, 4, 2, 1, TCONV_ACTIVATION_LEAKY_RELU, 0.2},
        {TCONV_CONV, 128, 4, 2, 1, TCONV_ACTIVATION_LEAKY_RELU, 0.2},
        {TCONV_CONV, 1, 4, 1, 0, TCONV_ACTIVATION_NONE, 0.0},
    };

    network_begin(&g->generator, seed, threads, TRAINED);
    network_begin(&g->discriminator, seed + 1000, threads, TRAINED);
    g->picture = g->noise = network_input(&g->generator, BATCH, NOISE, 1, 1);
    for (size_t i = 0; i < sizeof drawing / sizeof *drawing; i++)
        g->picture = network_layer(&g->generator, g->picture, &drawing[i], NULL);
    g->verdict = g->picture;
    for (size_t i = 0; i < sizeof judging / sizeof *judging; i++)
        g->verdict = network_layer(&g->discriminator, g->verdict, &judging[i], NULL);
}

static void generate(struct gan *g, struct random *random)
{
    for (int i = 0; i < BATCH * NOISE; i++)
        g->noise->value[i] = (float)random_normal(random);
    network_forward(&g->generator);
}

/* ---- Training ----------------------------------------------------------- */

/* One judgement of what stands in g->picture, and what would have made it better. */
static double judge(struct gan *g, double target)
{
    double loss;

    network_forward(&g->discriminator);
    loss = loss_binary(g->verdict, target);
    network_backward(&g->discriminator);
    return loss;
}

/*
 * The discriminator's step, then the generator's.  The target 0.9 for drawn shapes keeps the
 * former from growing sure beyond use (Salimans et al. 2016).
 */
static double train_step(struct gan *g, struct training *t)
{
    struct parameters *const judging = t->part[1].parameters;
    double loss;

    for (int n = 0; n < BATCH; n++)
        draw_shape(&t->random, g->picture->value + n * PIXELS);
    loss = judge(g, 0.9);
    generate(g, &t->random);
    loss += judge(g, 0.0);
    optimizer_step(&t->part[1].optimizer, judging);

    generate(g, &t->random);
    judge(g, 1.0);
    network_backward(&g->generator);
    optimizer_step(&t->part[0].optimizer, t->part[0].parameters);
    memset(judging->gradient, 0, (size_t)judging->count * sizeof *judging->gradient);
    return loss;
}

static void train(struct gan *g, struct training *t)
{
    training_begin(t);
    while (t->epoch < t->epochs) {
        double sum = 0.0;

        for (int64_t step = 1; step <= t->steps_per_epoch; step++) {
            sum += train_step(g, t);
            training_progress(t, step, sum / (double)step);
        }
        training_epoch_done(t);
    }
}

/* ---- Measuring ---------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* projection[i] = <picture i, direction>, sorted. */
static void project(const float *pictures, const float *direction, float *projection)
{
    for (int i = 0; i < TEST_PICTURES; i++) {
        float sum = 0.0f;

        for (int j = 0; j < PIXELS; j++)
            sum += pictures[i * PIXELS + j] * direction[j];
        projection[i] = sum;
    }
    qsort(projection, TEST_PICTURES, sizeof *projection, by_value);
}

/* The same directions every time, so that distances can be compared. */
static double sliced_distance(const float *a, const float *b)
{
    struct random random = {7};
    double sum = 0.0;

    for (int d = 0; d < DIRECTIONS; d++) {
        float direction[PIXELS], of_a[TEST_PICTURES], of_b[TEST_PICTURES];
        double square = 0.0;

        for (int j = 0; j < PIXELS; j++) {
            direction[j] = (float)random_normal(&random);
            square += (double)direction[j] * (double)direction[j];
        }
        project(a, direction, of_a);
        project(b, direction, of_b);
        for (int i = 0; i < TEST_PICTURES; i++)
            sum += fabs((double)of_a[i] - (double)of_b[i]) / sqrt(square);
    }
    return sum / (DIRECTIONS * TEST_PICTURES);
}

static float *generated_set(struct gan *g)
{
    float *const pictures = get_memory(TEST_PICTURES * PIXELS, sizeof *pictures);
    struct random random = {11};

    for (int i = 0; i < TEST_PICTURES; i += BATCH) {
        generate(g, &random);
        memcpy(pictures + i * PIXELS, g->picture->value, BATCH * PIXELS * sizeof *pictures);
    }
    return pictures;
}

static float *drawn_set(uint64_t seed)
{
    float *const pictures = get_memory(TEST_PICTURES * PIXELS, sizeof *pictures);
    struct random random = {seed};

    for (int i = 0; i < TEST_PICTURES; i++)
        draw_shape(&random, pictures + i * PIXELS);
    return pictures;
}

/* ---- The sheet ---------------------------------------------------------- */

static void place_rows(struct picture *sheet, int first, int rows, const float *pictures)
{
    for (int i = 0; i < rows * SHEET; i++) {
        float level[PIXELS];

        for (int j = 0; j < PIXELS; j++)
            level[j] = 0.5f + 0.5f * pictures[i * PIXELS + j];
        picture_place(sheet, (first + i / SHEET) * (SIZE + 2) + 2, i % SHEET * (SIZE + 2) + 2,
                      level, SIZE, SIZE);
    }
}

static void write_sheet(const float *generated, const float *drawn, const char *folder)
{
    struct picture sheet = picture_new(1, (SHEET + 2) * (SIZE + 2) + 2, SHEET * (SIZE + 2) + 2);
    char path[4096];

    for (int64_t i = 0; i < sheet.height * sheet.width; i++)
        sheet.value[i] = 0.35f;
    place_rows(&sheet, 0, SHEET, generated);
    place_rows(&sheet, SHEET, 2, drawn);
    snprintf(path, sizeof path, "%s/gan.png", folder);
    picture_write(&sheet, path);
    printf("wrote %s: %d rows generated, 2 rows drawn\n", path, SHEET);
    picture_free(&sheet);
}

int main(int argc, char **argv)
{
    const struct optimizer adam = {OPTIMIZER_ADAM, 5e-4, 0.5, 0.999, 0};
    struct train_options o = {
        .epochs = 30, .steps_per_epoch = 100, .threads = 2, .seed = 1, .out = ".", .require = 0.0};
    struct training t = {.name = "gan", .parts = 2};
    float *generated, *unseen, *others;
    double before, after;
    struct gan g;

    train_options_read(&o, argc, argv, help, NULL, 0);
    build(&g, o.seed, o.threads);
    unseen = drawn_set(~o.seed);
    others = drawn_set(~o.seed - 1);
    generated = generated_set(&g);
    before = sliced_distance(generated, unseen);
    free(generated);

    t.checkpoint = o.checkpoint;
    t.epochs = o.epochs;
    t.steps_per_epoch = o.steps_per_epoch;
    t.random.state = o.seed;
    t.part[0].parameters = &g.generator.parameters;
    t.part[1].parameters = &g.discriminator.parameters;
    t.part[0].optimizer = t.part[1].optimizer = adam;
    train(&g, &t);
    training_report(&t, o.threads);

    generated = generated_set(&g);
    after = sliced_distance(generated, unseen);
    printf("sliced Wasserstein distance to unseen shapes: %.4f untrained, %.4f trained, "
           "%.4f between drawn ones\n",
           before, after, sliced_distance(others, unseen));
    printf("it fell by a factor of %.2f\n", before / after);
    write_sheet(generated, unseen, o.out);
    free(generated);
    free(unseen);
    free(others);
    network_free(&g.discriminator);
    network_free(&g.generator);
    if (!(before / after >= o.require))
        fail("the factor %.2f is below %.2f", before / after, o.require);
    return 0;
}
