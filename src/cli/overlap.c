#include "cli/overlap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tconv/extra.h>

#include "cli/cli.h"
#include "cli/outfile.h"
#include "cli/png.h"

/* Outputs per row and column of the picture, and pixels per output, one of them a line. */
enum { OUTPUTS = 24, SQUARE = 16 };

static const int64_t *kernel_of(const struct tcv_cli_problem *problem)
{
    return problem->weights.size + 2;
}

void tcv_cli_overlap_json(struct tcv_json *json, const struct tcv_cli_problem *problem)
{
    tconv_overlap overlap;

    overlap.struct_size = sizeof overlap;
    if (tconv_overlap_of(&problem->desc, kernel_of(problem), &overlap, NULL) != TCONV_OK)
        return;
    tcv_json_begin(json, "overlap");
    tcv_json_integer(json, "even", (uint64_t)overlap.even);
    tcv_json_integer(json, "least", (uint64_t)overlap.least);
    tcv_json_integer(json, "most", (uint64_t)overlap.most);
    tcv_json_real(json, "contrast", overlap.contrast);
    tcv_json_end(json);
}

int tcv_cli_overlap_print(const struct tcv_cli_problem *problem)
{
    const size_t bytes =
        tconv_overlap_describe(&problem->desc, kernel_of(problem), NULL, 0) + 1;
    char *const text = malloc(bytes);

    if (text == NULL)
        return tcv_cli_fail("out of memory: the report needs %zu bytes", bytes);
    text[0] = '\0';
    (void)tconv_overlap_describe(&problem->desc, kernel_of(problem), text, bytes);
    (void)fputs(text, stdout);
    free(text);
    return TCV_EXIT_OK;
}

/* How often the output in row h and column w is hit; a 1-D problem has one row. */
static int64_t hits(const struct tcv_cli_problem *problem, int64_t h, int64_t w)
{
    const int32_t axes = problem->desc.spatial_rank;
    const int64_t *kernel = kernel_of(problem);
    const int64_t across = tconv_overlap_count(&problem->desc, kernel, axes - 1, w);

    return axes == 1 ? across
                     : across * tconv_overlap_count(&problem->desc, kernel, axes - 2, h);
}

/* Black for no hit, white for the most; a dark line on the right of each square and below. */
static void draw_row(const struct tcv_cli_problem *problem, int64_t h, int64_t most,
                     unsigned char row[OUTPUTS * SQUARE])
{
    for (int w = 0; w < OUTPUTS; w++) {
        const int64_t count = hits(problem, h, w);

        memset(row + w * SQUARE, (int)((double)count / (double)most * 255.0 + 0.5), SQUARE - 1);
        row[w * SQUARE + SQUARE - 1] = 0;
    }
}

static int draw(const struct tcv_cli_problem *problem, struct tcv_outfile *file, int64_t most)
{
    struct tcv_png kind;
    struct tcv_png_writer *writer = NULL;
    unsigned char row[OUTPUTS * SQUARE], line[OUTPUTS * SQUARE] = {0};
    int status;

    memset(&kind, 0, sizeof kind);
    kind.channels = 1;
    kind.bits = 8;
    status = tcv_png_write_begin(&writer, file, &kind, OUTPUTS * SQUARE, OUTPUTS * SQUARE);
    for (int y = 0; status == TCV_EXIT_OK && y < OUTPUTS * SQUARE; y++) {
        if (y % SQUARE == 0)
            draw_row(problem, y / SQUARE, most, row);
        status = tcv_png_write_row(writer, y % SQUARE == SQUARE - 1 ? line : row);
    }
    if (status == TCV_EXIT_OK)
        status = tcv_png_write_finish(writer);
    tcv_png_write_free(writer);
    return status;
}

int tcv_cli_overlap_draw(const struct tcv_cli_problem *problem, const char *path)
{
    struct tcv_outfile file;
    const int32_t axes = problem->desc.spatial_rank;
    tconv_overlap overlap;
    tconv_error error;
    int64_t most;
    int status;

    overlap.struct_size = sizeof overlap;
    if (tconv_overlap_of(&problem->desc, kernel_of(problem), &overlap, &error) != TCONV_OK)
        return tcv_cli_fail("%s: %s", path, error.message);
    most = overlap.axis_most[axes - 1] * (axes > 1 ? overlap.axis_most[axes - 2] : 1);
    memset(&file, 0, sizeof file);
    status = tcv_outfile_open(&file, path);
    if (status == TCV_EXIT_OK)
        status = draw(problem, &file, most);
    if (status == TCV_EXIT_OK)
        status = tcv_outfile_commit(&file);
    tcv_outfile_discard(&file);
    return status;
}
