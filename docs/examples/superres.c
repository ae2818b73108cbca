/*
 * superres.c - a small network learns to double photographs
 *
 *     1 --5x5-- 56 --1x1-- 12 --3x3-- 12 --3x3-- 12 --3x3-- 12 --3x3-- 12 --1x1-- 56 --8x8 s2-- 1
 *
 * Convolutions work on the small picture, and a transposed one doubles it at the end (Dong, Loy,
 * Tang: FSRCNN, 2016).  Kernel 8 is a multiple of the stride, so it leaves no checkerboard; theirs
 * has 9.  What is learned is what a bicubic enlargement lacks.  Nothing is padded: a patch comes
 * with HALO pixels more on each side, so the network never sees a border that is not there.
 *
 * The result is a file that `tconv upscale` has built in (docs/training.md).
 */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/fail.h"
#include "train/loss.h"
#include "train/options.h"
#include "train/plane.h"
#include "train/training.h"
#include "train/weights.h"

/* The convolutions take 2 + 4 * 1 pixels from each side; an output of the last layer sees inputs
 * up to 2 away: those it has in full begin 3 + 2 * 2 outputs from the edge. */
enum { HALO = 8, CROP = 7, LAYERS = 8 };
enum { PATCH = 24, BATCH = 16, TILE = 96, MOST_PICTURES = 64 };

static const char help[] =
    "Usage: superres [OPTIONS] FOLDER\n"
    "\n"
    "Trains a network that doubles pictures on the photographs (JPEG, PNG) in FOLDER, all\n"
    "but every fourth in the order of their names; those are for testing.  Each is halved\n"
    "until its sides are at most 1280 pixels, since photographs are rarely sharp at their\n"
    "full size.  Prints what the network gains over bicubic interpolation on the tested\n"
    "ones, in dB of luminance, and writes OUT/superres.weights.\n"
    "\n"
    "Options:\n" TRAIN_OPTIONS_HELP
    "  --weights FILE     begin with these weights; with --epochs 0: only test them\n"
    "  --out DIR          where the weights are written (default: .)\n"
    "\n"
    "Examples:\n"
    "  superres /usr/share/backgrounds/mate/nature --checkpoint superres.checkpoint\n"
    "  superres --epochs 0 --weights superres.weights photos\n"
    "\n" TRAIN_EXIT_HELP;

/* ---- The network -------------------------------------------------------- */

struct superres {
    struct network net;
    struct field *input, *output;
};

static void build(struct superres *s, int64_t batch, int64_t size, uint64_t seed, int32_t threads,
                  enum network_use use)
{
    static const struct layer_kind kinds[LAYERS] = {
        {TCONV_CONV, 56, 5, 1, 0, TCONV_ACTIVATION_LEAKY_RELU, 0.1},
        {TCONV_CONV, 12, 1, 1, 0, TCONV_ACTIVATION_LEAKY_RELU, 0.1},
        {TCONV_CONV, 12, 3, 1, 0, TCONV_ACTIVATION_LEAKY_RELU, 0.1},
        {TCONV_CONV, 12, 3, 1, 0, TCONV_ACTIVATION_LEAKY_RELU, 0.1},
        {TCONV_CONV, 12, 3, 1, 0, TCONV_ACTIVATION_LEAKY_RELU, 0.1},
        {TCONV_CONV, 12, 3, 1, 0, TCONV_ACTIVATION_LEAKY_RELU, 0.1},
        {TCONV_CONV, 56, 1, 1, 0, TCONV_ACTIVATION_LEAKY_RELU, 0.1},
        {TCONV_CONV_TRANSPOSE, 1, 8, 2, CROP, TCONV_ACTIVATION_NONE, 0.0},
    };
    const struct layer *last;

    network_begin(&s->net, seed, threads, use);
    s->input = network_input(&s->net, batch, 1, size + 2 * HALO, size + 2 * HALO);
    s->output = s->input;
    for (int i = 0; i < LAYERS; i++)
        s->output = network_layer(&s->net, s->output, &kinds[i], NULL);
    /* It adds nothing to the bicubic enlargement at first. */
    last = &s->net.layers[LAYERS - 1];
    memset(s->net.parameters.value + last->first_weight, 0,
           (size_t)(last->first_bias - last->first_weight) * sizeof(float));
}

/* ---- Photographs -------------------------------------------------------- */

/* What is wanted, what is given, and its bicubic enlargement. */
struct photo {
    char *name;
    struct picture large, small, bicubic;
};

struct photos {
    struct photo photo[MOST_PICTURES];
    int count;
};

static int is_picture(const struct dirent *entry)
{
    const char *const dot = strrchr(entry->d_name, '.');

    return dot != NULL &&
           (strcmp(dot, ".jpg") == 0 || strcmp(dot, ".jpeg") == 0 || strcmp(dot, ".png") == 0);
}

static void prepare_photo(struct photo *photo, const char *folder, const char *name,
                          int32_t threads)
{
    const size_t bytes = strlen(folder) + strlen(name) + 2;
    struct picture rgb, y;

    photo->name = get_memory((int64_t)bytes, 1);
    snprintf(photo->name, bytes, "%s/%s", folder, name);
    rgb = picture_read(photo->name);
    y = picture_luminance(&rgb);
    picture_free(&rgb);
    for (;;) {
        const int large_enough = y.height > 1280 || y.width > 1280;
        struct picture half = plane_halved(&y, threads);

        if (!large_enough) {
            photo->small = half;
            break;
        }
        picture_free(&y);
        y = half;
    }
    if (photo->small.height < PATCH + 2 * HALO || photo->small.width < PATCH + 2 * HALO)
        fail("%s is smaller than %d pixels", photo->name, 2 * (PATCH + 2 * HALO));
    photo->bicubic = plane_doubled(&photo->small, threads);
    photo->large = y;
}

static void read_photos(struct photos *photos, const char *folder, int32_t threads)
{
    struct dirent **entries;
    const int count = scandir(folder, &entries, is_picture, alphasort);

    if (count < 0)
        fail("%s: %s", folder, strerror(errno));
    if (count < 4 || count > MOST_PICTURES)
        fail("%s holds %d pictures; 4 to %d are needed", folder, count, MOST_PICTURES);
    for (int i = 0; i < count; i++) {
        prepare_photo(&photos->photo[i], folder, entries[i]->d_name, threads);
        free(entries[i]);
    }
    free(entries);
    photos->count = count;
}

static int is_for_testing(int i)
{
    return i % 4 == 3;
}

static void free_photos(struct photos *photos)
{
    for (int i = 0; i < photos->count; i++) {
        struct photo *const photo = &photos->photo[i];

        free(photo->name);
        picture_free(&photo->large);
        picture_free(&photo->small);
        picture_free(&photo->bicubic);
    }
}

/* ---- Training ----------------------------------------------------------- */

/* One of the eight ways to turn and mirror a square of `size`: where element (y, x) comes from. */
static int64_t turned(int way, int64_t size, int64_t stride, int64_t y, int64_t x)
{
    const int64_t v = way & 1 ? size - 1 - y : y, u = way & 2 ? size - 1 - x : x;

    return way & 4 ? u * stride + v : v * stride + u;
}

/* A random patch of a photograph for training, and what its enlargement lacks. */
static void cut_patch(const struct photos *photos, struct random *random, float *input,
                      float *wanted)
{
    const int way = (int)random_below(random, 8);
    const int64_t outer = PATCH + 2 * HALO, large = 2 * PATCH;
    const struct photo *photo;
    int64_t i, top, left, width;

    do
        i = random_below(random, photos->count);
    while (is_for_testing((int)i));
    photo = &photos->photo[i];
    width = photo->small.width;
    top = random_below(random, photo->small.height - outer + 1);
    left = random_below(random, width - outer + 1);
    for (int64_t j = 0; j < outer * outer; j++)
        input[j] = photo->small
                       .value[top * width + left + turned(way, outer, width, j / outer, j % outer)];
    for (int64_t j = 0; j < large * large; j++) {
        const int64_t bicubic = 2 * width * 2 * (top + HALO) + 2 * (left + HALO) +
                                turned(way, large, 2 * width, j / large, j % large);
        const int64_t across = photo->large.width; /* one more than the double, if odd */
        const int64_t at = across * 2 * (top + HALO) + 2 * (left + HALO) +
                           turned(way, large, across, j / large, j % large);

        wanted[j] = photo->large.value[at] - photo->bicubic.value[bicubic];
    }
}

static void train(struct training *t, struct superres *s, const struct photos *photos)
{
    const int64_t outer = PATCH + 2 * HALO, large = 2 * PATCH;
    float *const wanted = get_memory(BATCH * large * large, sizeof *wanted);

    training_begin(t);
    while (t->epoch < t->epochs) {
        double sum = 0.0;

        t->part[0].optimizer.rate =
            1e-3 * (0.01 + 0.99 * cos(1.5708 * (double)t->epoch / (double)t->epochs));
        for (int64_t step = 1; step <= t->steps_per_epoch; step++) {
            for (int n = 0; n < BATCH; n++)
                cut_patch(photos, &t->random, s->input->value + n * outer * outer,
                          wanted + n * large * large);
            network_forward(&s->net);
            sum += loss_absolute(s->output, wanted);
            network_backward(&s->net);
            optimizer_step(&t->part[0].optimizer, &s->net.parameters);
            training_progress(t, step, sum / (double)step);
        }
        training_epoch_done(t);
    }
    free(wanted);
}

/* ---- Testing ------------------------------------------------------------ */

/* The enlargement of a whole picture, tile by tile; the last reach into the border. */
static struct picture enlarged(struct superres *s, const struct photo *photo)
{
    const int64_t outer = TILE + 2 * HALO, h = photo->small.height, w = photo->small.width;
    struct picture wide = plane_extended(&photo->small, HALO + TILE);
    struct picture result = picture_new(1, 2 * h, 2 * w);

    memcpy(result.value, photo->bicubic.value, (size_t)(4 * h * w) * sizeof(float));
    for (int64_t top = 0; top < h; top += TILE) {
        for (int64_t left = 0; left < w; left += TILE) {
            for (int64_t y = 0; y < outer; y++)
                memcpy(s->input->value + y * outer,
                       wide.value + (top + TILE + y) * wide.width + left + TILE,
                       (size_t)outer * sizeof(float));
            network_forward(&s->net);
            for (int64_t i = 0; i < 4 * TILE * TILE; i++) {
                const int64_t y = 2 * top + i / (2 * TILE), x = 2 * left + i % (2 * TILE);

                if (y < 2 * h && x < 2 * w)
                    result.value[y * 2 * w + x] += s->output->value[i];
            }
        }
    }
    picture_free(&wide);
    return result;
}

/* The mean gain over bicubic on the photographs for testing, in dB. */
static double test(const struct superres *trained, const struct photos *photos, int32_t threads)
{
    double gain = 0.0;
    int count = 0;
    struct superres s;

    build(&s, 1, TILE, 0, threads, APPLIED);
    memcpy(s.net.parameters.value, trained->net.parameters.value,
           (size_t)s.net.parameters.count * sizeof(float));
    for (int i = 0; i < photos->count; i++) {
        const struct photo *const photo = &photos->photo[i];
        struct picture ours, cut;
        double bicubic, network;

        if (!is_for_testing(i))
            continue;
        ours = enlarged(&s, photo);
        cut = picture_new(1, ours.height, ours.width);
        for (int64_t y = 0; y < cut.height; y++)
            memcpy(cut.value + y * cut.width, photo->large.value + y * photo->large.width,
                   (size_t)cut.width * sizeof(float));
        bicubic = plane_psnr(&photo->bicubic, &cut, 4);
        network = plane_psnr(&ours, &cut, 4);
        printf("%s: bicubic %.2f dB, network %.2f dB\n", photo->name, bicubic, network);
        gain += network - bicubic;
        count++;
        picture_free(&ours);
        picture_free(&cut);
    }
    network_free(&s.net);
    return gain / count;
}

int main(int argc, char **argv)
{
    struct train_options o = {.epochs = 30,
                              .steps_per_epoch = 500,
                              .threads = 2,
                              .seed = 1,
                              .out = ".",
                              .require = -INFINITY,
                              .takes_weights = 1};
    struct training t = {.name = "superres", .parts = 1};
    const char *folder = NULL;
    static struct photos photos;
    struct superres s;
    double gain;

    if (train_options_read(&o, argc, argv, help, &folder, 1) != 1) {
        fprintf(stderr, "superres: FOLDER is missing (see superres --help)\n");
        return 2;
    }
    read_photos(&photos, folder, o.threads);
    build(&s, BATCH, PATCH, o.seed, o.threads, TRAINED);
    if (o.weights != NULL)
        weights_read(&s.net, o.weights);
    t.checkpoint = o.checkpoint;
    t.epochs = o.epochs;
    t.steps_per_epoch = o.steps_per_epoch;
    t.random.state = o.seed;
    t.part[0].parameters = &s.net.parameters;
    t.part[0].optimizer = (struct optimizer){OPTIMIZER_ADAM, 1e-3, 0.9, 0.999, 0};
    train(&t, &s, &photos);
    training_report(&t, o.threads);
    if (t.epochs > 0)
        weights_write(&s.net, o.out, "superres.weights");
    gain = test(&s, &photos, o.threads);
    printf("gain over bicubic on pictures not seen: %.3f dB\n", gain);
    free_photos(&photos);
    network_free(&s.net);
    if (!(gain >= o.require))
        fail("a gain of %.3f dB is below %.3f dB", gain, o.require);
    return 0;
}
