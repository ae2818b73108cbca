/*
 * psnr.c - how near a picture comes to another
 *
 *     psnr TRUTH.png PICTURE.png...
 *
 * Prints for each picture 10 log10(255^2 / mean of squared differences), in dB, of the luminance
 * 0.299 R + 0.587 G + 0.114 B; "inf" for the same picture.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <png.h>

/* The pixels of a PNG as RGB, or NULL after a message. */
static png_byte *read_picture(const char *path, png_image *image)
{
    png_byte *pixels = NULL;

    *image = (png_image){.version = PNG_IMAGE_VERSION};
    if (png_image_begin_read_from_file(image, path)) {
        image->format = PNG_FORMAT_RGB;
        pixels = malloc(PNG_IMAGE_SIZE(*image));
        if (pixels == NULL || !png_image_finish_read(image, NULL, pixels, 0, NULL)) {
            free(pixels);
            pixels = NULL;
        }
    }
    if (pixels == NULL)
        fprintf(stderr, "psnr: %s: %s\n", path,
                image->message[0] != '\0' ? image->message : "out of memory");
    png_image_free(image);
    return pixels;
}

static double luminance(const png_byte *rgb)
{
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

static double psnr(const png_byte *a, const png_byte *b, size_t pixels)
{
    double sum = 0.0;

    for (size_t i = 0; i < pixels; i++) {
        const double difference = luminance(a + 3 * i) - luminance(b + 3 * i);

        sum += difference * difference;
    }
    return 10.0 * log10(255.0 * 255.0 * (double)pixels / sum);
}

int main(int argc, char **argv)
{
    png_image truth, image;
    png_byte *wanted, *got;
    int status = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: psnr TRUTH.png PICTURE.png...\n");
        return 2;
    }
    wanted = read_picture(argv[1], &truth);
    if (wanted == NULL)
        return 1;
    for (int i = 2; i < argc && status == 0; i++) {
        got = read_picture(argv[i], &image);
        status = got == NULL;
        if (got != NULL && (image.width != truth.width || image.height != truth.height)) {
            fprintf(stderr, "psnr: %s has another size than %s\n", argv[i], argv[1]);
            status = 1;
        } else if (got != NULL) {
            printf("%.2f\n", psnr(wanted, got, (size_t)image.width * image.height));
        }
        free(got);
    }
    free(wanted);
    return status;
}
