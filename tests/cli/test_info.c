/*
 * test_info.c - what `tconv info` says, and that it says it of any size
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/picture.h"
#include "support/problem.h"

#define LAYER "info --input-shape 1,256,32,32 --weight-shape 256,128,4,4 --stride 2 --pad 1 "

static struct command command;

static void assert_sizes(const char *name, const int64_t *want, int count)
{
    int64_t got[TCONV_MAX_DIMS];

    assert_int_equal(json_numbers(command.out, name, got, TCONV_MAX_DIMS), count);
    for (int i = 0; i < count; i++)
        assert_int_equal(got[i], want[i]);
}

static void run_json(const char *words)
{
    command_run(&command, words);
    assert_succeeded(&command);
    if (!json_is_line(command.out))
        fail_msg("not one line of JSON: %s", command.out);
}

/* The reader itself must tell JSON from what only looks like it. */
static void the_reader_reads(void **state)
{
    static const char *const good[] = {
        "{}\n", "[]\n", "{\"a\": [1, -0.5e+3, true, null], \"b\": {\"c\": \"\\u00e9\\\"\"}}\n"};
    static const char *const bad[] = {
        "",        "{}",      "{\n}\n",       "{,}\n",         "{\"a\"}\n",  "{\"a\": }\n",
        "[1,]\n",  "[01]\n",  "[1.]\n",       "[.5]\n",        "[\"\t\"]\n", "[\"\\x\"]\n",
        "[inf]\n", "[\"a]\n", "{} {}\n",      "{\"a\": 1,}\n", "{a: 1}\n",   "{\"a\": 1\n",
        "[1e]\n",  "[tru]\n", "[\"\\u12\"]\n"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(json_is_line(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(json_is_line(bad[i]));
    assert_true(json_number("{\"a\": {\"b\": 1}, \"b\": 2}\n", "b") == 2);
    assert_null(json_member("{\"a\": {\"b\": 1}}\n", "b"));
}

/* Figures that follow from the shapes alone. */
static void json_members(void **state)
{
    static const int64_t input[] = {1, 256, 32, 32}, weights[] = {256, 128, 4, 4};
    static const int64_t output[] = {1, 128, 64, 64};
    int64_t tile[2];

    (void)state;
    run_json(LAYER "--threads 3 --algorithm gemm --json");
    assert_sizes("input_shape", input, 4);
    assert_sizes("weight_shape", weights, 4);
    assert_sizes("output_shape", output, 4);
    assert_true(json_is_string(command.out, "dtype", "float32"));
    assert_true(json_is_string(command.out, "layout", "ncx"));
    assert_true(json_is_string(command.out, "algorithm", "gemm"));
    /* Two per multiplication: input elements times output channels times taps. */
    assert_true(json_number(command.out, "flops") == 2.0 * 256 * 32 * 32 * 128 * 16);
    assert_true(json_number(command.out, "compulsory_bytes") ==
                4.0 * (256 * 32 * 32 + 256 * 128 * 16 + 128 * 64 * 64));
    assert_true(json_number(command.out, "threads") >= 1);
    assert_true(json_number(command.out, "threads") <= 3);
    assert_true(json_number(command.out, "workspace_bytes") > 0);
    assert_true(json_number(command.out, "weights_bytes") >= 4.0 * 256 * 128 * 16);
    assert_int_equal(json_numbers(command.out, "tile", tile, 2), 2);
    assert_true(json_number(command.out, "tile_channels") >= 1);
    assert_non_null(json_member(json_member(command.out, "refused"), "reference"));
    assert_null(json_member(json_member(command.out, "refused"), "gemm"));
}

static void options_are_heard(void **state)
{
    static const int64_t last[] = {1, 64, 64, 128}, picture[] = {5, 4};
    double all;

    (void)state;
    run_json(LAYER "--dtype float64 --algorithm reference --json");
    assert_true(json_is_string(command.out, "dtype", "float64"));
    assert_true(json_is_string(command.out, "algorithm", "reference"));
    assert_true(json_number(command.out, "compulsory_bytes") ==
                8.0 * (256 * 32 * 32 + 256 * 128 * 16 + 128 * 64 * 64));
    run_json("info --input-shape 1,32,32,256 --weight-shape 256,128,4,4 --stride 2 --pad 1 "
             "--layout nxc --json");
    assert_true(json_is_string(command.out, "layout", "nxc"));
    assert_sizes("output_shape", last, 4);
    run_json("info --input-shape 4,3 --weight-shape 2,2 --json");
    assert_sizes("output_shape", picture, 2);
    /* A limit under what it would take by itself is kept. */
    run_json(LAYER "--threads 1 --algorithm gemm --json");
    all = json_number(command.out, "workspace_bytes");
    run_json(LAYER "--threads 2 --algorithm gemm --workspace-limit 1M --json");
    assert_true(json_number(command.out, "workspace_bytes") <= 1 << 20);
    assert_true(all > 0);
}

static void text_form(void **state)
{
    (void)state;
    command_run(&command, LAYER);
    assert_succeeded(&command);
    assert_int_equal(strncmp(command.out,
                             "input (1, 256, 32, 32), weights (256, 128, 4, 4), "
                             "output (1, 128, 64, 64), float32, ncx\n",
                             88),
                     0);
    assert_non_null(strstr(command.out, "gemm"));
    assert_int_equal(command.out[strlen(command.out) - 1], '\n');
}

/* A kernel of 3 with stride 2 is uneven, one of 4 is even; the picture shows the counts. */
static void overlap(void **state)
{
    static const uint16_t brightness[] = {255, 128, 64}; /* of 4, 2 and 1 hits */
    struct picture_extras extras;
    struct picture picture;
    int seen[3] = {0};

    (void)state;
    command_run(&command, "info --input-shape 1,2,8,8 --weight-shape 2,2,3,3 --stride 2 "
                          "--overlap o.png");
    assert_succeeded(&command);
    assert_non_null(strstr(command.out, "uneven"));
    assert_non_null(strstr(command.out, "multiple of the stride (4 x 4"));
    picture = picture_read("o.png", 1, &extras);
    assert_true(picture.width == 384 && picture.height == 384 && picture.channels == 1);
    for (int y = 0; y < 24; y++)
        for (int x = 0; x < 24; x++)
            for (int i = 0; i < 3; i++)
                seen[i] += picture.sample[y * 16 * 384 + x * 16] == brightness[i];
    assert_true(seen[0] == 144 && seen[1] == 288 && seen[2] == 144);
    picture_free(&picture);
    run_json("info --input-shape 1,2,8,8 --weight-shape 2,2,4,4 --stride 2 --json");
    assert_true(json_number(json_member(command.out, "overlap"), "even") == 1.0);
    assert_true(json_number(json_member(command.out, "overlap"), "most") == 4.0);
}

/* Two tensors of terabytes: no machine of ours could run it. */
static void needs_no_memory(void **state)
{
    static const int64_t output[] = {64, 1024, 131072, 131072};

    (void)state;
    run_json("info --input-shape 64,1024,65536,65536 --weight-shape 1024,1024,4,4 --stride 2 "
             "--pad 1 --json");
    assert_sizes("output_shape", output, 4);
    assert_true(json_number(command.out, "flops") == 2.0 * 64 * 1024 * 65536 * 65536 * 1024 * 16);
    assert_true(json_number(command.out, "workspace_bytes") <=
                json_number(command.out, "threads") * (4 << 20));
}

static size_t put_sizes(char *words, size_t used, const char *option, const int64_t *size,
                        int count)
{
    used += (size_t)sprintf(words + used, " --%s ", option);
    for (int i = 0; i < count; i++)
        used += (size_t)sprintf(words + used, "%s%" PRId64, i > 0 ? "," : "", size[i]);
    return used;
}

/* The line of a shapes file as arguments. */
static void put_problem(const char *line, char *words)
{
    const struct problem p = problem_from(line);
    const int rank = problem_rank(&p);
    const int axes = rank - 2;
    size_t used = (size_t)sprintf(words, "info --json --groups %" PRId64, p.desc.groups);

    used = put_sizes(words, used, "input-shape", p.input, rank);
    used = put_sizes(words, used, "weight-shape", p.weights, rank);
    used = put_sizes(words, used, "stride", p.desc.stride, axes);
    used = put_sizes(words, used, "dilation", p.desc.dilation, axes);
    used = put_sizes(words, used, "pad-begin", p.desc.pad_begin, axes);
    (void)put_sizes(words, used, "output-size", p.desc.output_size, axes);
}

/* At most 4 MiB a thread, for one thread and for as many as there are. */
static void network_fits(void **state)
{
    const struct problem p = problem_from(*state);
    int64_t output[TCONV_MAX_DIMS] = {p.input[0], problem_out_channels(&p)};
    char words[512];
    size_t length;

    memcpy(output + 2, p.desc.output_size, sizeof p.desc.output_size);
    put_problem(*state, words);
    length = strlen(words);
    for (int i = 0; i < 3; i++) {
        static const char *const threads[] = {"", " --threads 1", " --threads 16"};

        strcpy(words + length, threads[i]);
        run_json(words);
        assert_sizes("output_shape", output, problem_rank(&p));
        assert_true(json_number(command.out, "workspace_bytes") <=
                    json_number(command.out, "threads") * (4 << 20));
    }
}

/* Adds a test for every line that is a problem; returns how many. */
static size_t add_networks(struct suite *suite, const char *path)
{
    static char lines[128][256];
    FILE *const file = fopen(path, "r");
    size_t count = 0;

    if (file == NULL)
        return 0;
    while (count < ARRAY_LEN(lines) && fgets(lines[count], sizeof lines[0], file) != NULL) {
        char *const line = lines[count];

        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        suite_add(suite, network_fits, folder_setup, folder_teardown, line, "cli/info/%s", line);
        count++;
    }
    (void)fclose(file);
    return count;
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "cli_info"};

#define ADD(test) suite_add(&suite, test, folder_setup, folder_teardown, NULL, "cli/info/" #test)
    command_take_path(&argc, argv);
    if (argc < 2 || add_networks(&suite, argv[1]) == 0) {
        (void)fprintf(stderr, "no problems in %s\n", argc < 2 ? "no file" : argv[1]);
        return 1;
    }
    ADD(the_reader_reads);
    ADD(json_members);
    ADD(options_are_heard);
    ADD(text_form);
    ADD(overlap);
    ADD(needs_no_memory);
    return suite_run(&suite, argc - 1, argv + 1) != 0;
}
