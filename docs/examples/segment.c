/*
 * segment.c - a small U-Net learns to tell drawn shapes apart, pixel by pixel
 *
 *     3 x 64 x 64 --16--16-+------------------------------------------ 32 --16-- 4 classes
 *                          | down                         up, joined |
 *                         32 --32-+-------------------------- 64 --32
 *                                 | down              up, joined |
 *                                64 --64-+--------------- 128 --64
 *                                        | down   up, joined |
 *                                       128 ------------- 128
 *
 * On the way down a convolution of kernel 2, stride 2 halves the picture; on the way up a
 * transposed one doubles it and writes beside what was kept (Ronneberger, Fischer, Brox: U-Net,
 * 2015).  Kernel 2 at stride 2 hits every pixel once, so nothing can come out chequered.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "train/fail.h"
#include "train/loss.h"
#include "train/options.h"
#include "train/picture.h"
#include "train/training.h"

enum { SIZE = 64, LEVELS = 3, BATCH = 8, CLASSES = 4, TEST_SCENES = 96 };
enum { NOTHING, DISC, BOX, TRIANGLE };

static const char help[] =
    "Usage: segment [OPTIONS]\n"
    "\n"
    "Trains a small U-Net on drawn scenes (discs, boxes and triangles on a noisy ground)\n"
    "whose classes are known for every pixel, tests it on scenes it has not seen, prints\n"
    "the mean intersection over union, and writes OUT/segment.png: scenes, what is there,\n"
    "and what the network says.\n"
    "\n"
    "Options:\n" TRAIN_OPTIONS_HELP
    "  --out DIR          where the picture is written (default: .)\n"
    "\n"
    "Examples:\n"
    "  segment\n"
    "  segment --epochs 3 --require 0.8 --checkpoint segment.checkpoint\n"
    "\n" TRAIN_EXIT_HELP;

/* ---- Scenes ------------------------------------------------------------- */

struct shape {
    int kind;
    double x, y, size, angle;
    double color[3];
};

static int inside(const struct shape *s, double x, double y)
{
    const double dx = x - s->x, dy = y - s->y;
    const double u = cos(s->angle) * dx + sin(s->angle) * dy;
    const double v = cos(s->angle) * dy - sin(s->angle) * dx;

    if (s->kind == DISC)
        return u * u + v * v < s->size * s->size;
    if (s->kind == BOX)
        return fabs(u) < 0.85 * s->size && fabs(v) < 0.85 * s->size;
    return v < 0.6 * s->size && v > 1.73 * fabs(u) - 1.2 * s->size; /* equal sides */
}

/* What has the colour of its ground cannot be told from it: one channel differs by 0.3 or more. */
static void random_color(struct random *random, const double *ground, double *color)
{
    double most = 0.0;

    while (most < 0.3) {
        for (int c = 0; c < 3; c++) {
            color[c] = random_between(random, 0.0, 1.0);
            most = fmax(most, fabs(color[c] - ground[c]));
        }
    }
}

static struct shape random_shape(struct random *random, const double *ground)
{
    struct shape s;

    s.kind = DISC + (int)random_below(random, 3);
    s.x = random_between(random, 6.0, SIZE - 6.0);
    s.y = random_between(random, 6.0, SIZE - 6.0);
    s.size = random_between(random, 7.0, 14.0);
    s.angle = random_between(random, 0.0, 6.2832);
    random_color(random, ground, s.color);
    return s;
}

/* A ground that slopes from one colour to another, one to four shapes on it, noise over all. */
static void draw_scene(struct random *random, float *picture, uint8_t *label)
{
    const int count = 1 + (int)random_below(random, 4);
    struct shape shapes[4];
    double ground[3], slope[3];

    for (int c = 0; c < 3; c++) {
        ground[c] = random_between(random, 0.2, 0.8);
        slope[c] = random_between(random, -0.003, 0.003);
    }
    for (int i = 0; i < count; i++)
        shapes[i] = random_shape(random, ground);
    for (int i = 0; i < SIZE * SIZE; i++) {
        const double x = i % SIZE, y = (double)(i / SIZE);
        const struct shape *seen = NULL;

        for (int s = 0; s < count; s++)
            seen = inside(&shapes[s], x, y) ? &shapes[s] : seen;
        label[i] = (uint8_t)(seen == NULL ? NOTHING : seen->kind);
        for (int c = 0; c < 3; c++) {
            const double color = seen != NULL ? seen->color[c] : ground[c] + slope[c] * (x - y);

            picture[c * SIZE * SIZE + i] = (float)(color + 0.05 * random_normal(random));
        }
    }
}

static void draw_batch(struct random *random, struct field *x, uint8_t *labels)
{
    for (int n = 0; n < BATCH; n++)
        draw_scene(random, x->value + n * 3 * SIZE * SIZE, labels + n * SIZE * SIZE);
}

/* ---- The network -------------------------------------------------------- */

static struct field *same(struct network *net, const struct field *in, int64_t channels,
                          struct field *into)
{
    return network_layer(
        net, in,
        &(struct layer_kind){TCONV_CONV, channels, 3, 1, 1, TCONV_ACTIVATION_LEAKY_RELU, 0.1},
        into);
}

/* Half or twice the size. */
static struct field *scaled(struct network *net, tconv_op op, const struct field *in,
                            int64_t channels, struct field *into)
{
    return network_layer(
        net, in, &(struct layer_kind){op, channels, 2, 2, 0, TCONV_ACTIVATION_LEAKY_RELU, 0.1},
        into);
}

struct unet {
    struct network net;
    struct field *input, *output;
};

static void build(struct unet *u, uint64_t seed, int32_t threads)
{
    struct network *const net = &u->net;
    struct field *joined[LEVELS], *kept[LEVELS], *at;

    network_begin(net, seed, threads, TRAINED);
    at = u->input = network_input(net, BATCH, 3, SIZE, SIZE);
    for (int level = 0; level < LEVELS; level++) {
        const int64_t channels = 16 << level, size = SIZE >> level;

        joined[level] = network_field(net, BATCH, 2 * channels, size, size);
        kept[level] = network_channels(net, joined[level], 0, channels);
        same(net, same(net, at, channels, NULL), channels, kept[level]);
        at = scaled(net, TCONV_CONV, kept[level], 2 * channels, NULL);
    }
    at = same(net, at, 16 << LEVELS, NULL);
    for (int level = LEVELS - 1; level >= 0; level--) {
        const int64_t channels = 16 << level;

        scaled(net, TCONV_CONV_TRANSPOSE, at, channels,
               network_channels(net, joined[level], channels, channels));
        at = same(net, joined[level], channels, NULL);
    }
    u->output = network_layer(
        net, at, &(struct layer_kind){TCONV_CONV, CLASSES, 1, 1, 0, TCONV_ACTIVATION_NONE, 0.0},
        NULL);
}

/* The class of the largest output at pixel i of image n. */
static int predicted(const struct field *y, int n, int i)
{
    const float *const at = y->value + n * CLASSES * SIZE * SIZE + i;
    int best = 0;

    for (int c = 1; c < CLASSES; c++)
        best = at[c * SIZE * SIZE] > at[best * SIZE * SIZE] ? c : best;
    return best;
}

/* ---- Training and testing ----------------------------------------------- */

static void train(struct training *t, struct unet *u, uint8_t *labels)
{
    training_begin(t);
    while (t->epoch < t->epochs) {
        double sum = 0.0;

        /* A rate that falls along a quarter of a cosine, to nearly nothing. */
        t->part[0].optimizer.rate =
            4e-3 * (0.02 + 0.98 * cos(1.5708 * (double)t->epoch / (double)t->epochs));
        for (int64_t step = 1; step <= t->steps_per_epoch; step++) {
            draw_batch(&t->random, u->input, labels);
            network_forward(&u->net);
            sum += loss_cross_entropy(u->output, labels);
            network_backward(&u->net);
            optimizer_step(&t->part[0].optimizer, &u->net.parameters);
            training_progress(t, step, sum / (double)step);
        }
        training_epoch_done(t);
    }
}

/* Mean over the classes of |both| / |either| on scenes of another seed. */
static double mean_iou(struct unet *u, uint8_t *labels, struct random *random)
{
    int64_t both[CLASSES] = {0}, either[CLASSES] = {0};
    double sum = 0.0;

    for (int scene = 0; scene < TEST_SCENES; scene += BATCH) {
        draw_batch(random, u->input, labels);
        network_forward(&u->net);
        for (int i = 0; i < BATCH * SIZE * SIZE; i++) {
            const int said = predicted(u->output, i / (SIZE * SIZE), i % (SIZE * SIZE));

            both[said] += said == labels[i];
            either[said]++;
            either[labels[i]] += said != labels[i];
        }
    }
    for (int c = 0; c < CLASSES; c++)
        sum += (double)both[c] / (double)(either[c] > 0 ? either[c] : 1);
    return sum / CLASSES;
}

static void paint_labels(struct picture *picture, int row, int n, const int *labels)
{
    static const float colors[CLASSES][3] = {
        {0.12f, 0.12f, 0.16f}, {0.94f, 0.70f, 0.20f}, {0.25f, 0.62f, 0.90f}, {0.85f, 0.30f, 0.36f}};
    float planes[3 * SIZE * SIZE];

    for (int i = 0; i < 3 * SIZE * SIZE; i++)
        planes[i] = colors[labels[i % (SIZE * SIZE)]][i / (SIZE * SIZE)];
    picture_place(picture, row * (SIZE + 4) + 4, n * (SIZE + 4) + 4, planes, SIZE, SIZE);
}

/* The scenes of the last batch: picture, truth and answer, one below the other. */
static void write_strip(const struct unet *u, const uint8_t *labels, const char *folder)
{
    struct picture strip = picture_new(3, 3 * (SIZE + 4) + 4, BATCH * (SIZE + 4) + 4);
    char path[4096];

    for (int n = 0; n < BATCH; n++) {
        int truth[SIZE * SIZE], answer[SIZE * SIZE];

        for (int i = 0; i < SIZE * SIZE; i++) {
            truth[i] = labels[n * SIZE * SIZE + i];
            answer[i] = predicted(u->output, n, i);
        }
        picture_place(&strip, 4, n * (SIZE + 4) + 4, u->input->value + n * 3 * SIZE * SIZE, SIZE,
                      SIZE);
        paint_labels(&strip, 1, n, truth);
        paint_labels(&strip, 2, n, answer);
    }
    snprintf(path, sizeof path, "%s/segment.png", folder);
    picture_write(&strip, path);
    printf("wrote %s: scenes, what is there, what the network says\n", path);
    picture_free(&strip);
}

int main(int argc, char **argv)
{
    struct train_options o = {
        .epochs = 12, .steps_per_epoch = 200, .threads = 2, .seed = 1, .out = ".", .require = 0.0};
    struct training t = {.name = "segment", .parts = 1};
    struct random unseen;
    struct unet u;
    uint8_t *labels;
    double iou;

    train_options_read(&o, argc, argv, help, NULL, 0);
    build(&u, o.seed, o.threads);
    labels = get_memory(BATCH * SIZE * SIZE, 1);
    t.checkpoint = o.checkpoint;
    t.epochs = o.epochs;
    t.steps_per_epoch = o.steps_per_epoch;
    t.random.state = o.seed;
    t.part[0].parameters = &u.net.parameters;
    t.part[0].optimizer = (struct optimizer){OPTIMIZER_ADAM, 4e-3, 0.9, 0.999, 0};
    train(&t, &u, labels);
    training_report(&t, o.threads);

    unseen.state = ~o.seed;
    iou = mean_iou(&u, labels, &unseen);
    printf("mean IoU on %d unseen scenes: %.4f\n", TEST_SCENES, iou);
    write_strip(&u, labels, o.out);
    free(labels);
    network_free(&u.net);
    if (!(iou >= o.require))
        fail("mean IoU %.4f is below %.4f", iou, o.require);
    return 0;
}
