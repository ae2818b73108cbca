/*
 * info.c - `tconv info`: what a transposed convolution would take
 *
 * Only shapes are needed and nothing of their size is allocated, so a problem
 * may be far larger than the machine.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/overlap.h"
#include "cli/problem.h"

static const char help[] =
    "Usage: tconv info --input-shape N,C_in,... --weight-shape C_in,C_out/groups,...\n"
    "                  [GEOMETRY] [OPTIONS]\n"
    "\n"
    "Says how a transposed convolution would be computed, without computing it:\n"
    "shapes, algorithm, FLOPs, memory, and why other algorithms are not taken.\n"
    "\n" TCV_GEOMETRY_HELP "\n"
    "Options:\n" TCV_PLAN_HELP "  --dtype TYPE         float32 (default) or float64\n"
    "  --json               print one JSON object\n"
    "  --overlap OUT.png    draw how often each output is hit, as well\n"
    "  --help               print this text\n"
    "\n"
    "Examples:\n"
    "  tconv info --input-shape 1,256,32,32 --weight-shape 256,128,4,4 \\\n"
    "             --stride 2 --pad 1\n"
    "  tconv info --input-shape 1,64,8000 --weight-shape 64,32,16 --stride 8 \\\n"
    "             --pad 4 --threads 1 --json\n"
    "  tconv info --input-shape 1,64,32,32 --weight-shape 64,3,3,3 --stride 2 \\\n"
    "             --overlap checkerboard.png\n"
    "\n" TCV_EXIT_HELP;

struct info_options {
    struct tcv_list input_shape, weight_shape;
    struct tcv_geometry_options geometry;
    struct tcv_plan_options plan;
    tconv_dtype dtype;
    bool json;
    const char *overlap; /* path, or NULL */
};

/* What is printed. */
struct report {
    struct tcv_shape input, weights, output; /* as a file stores them */
    struct tcv_cli_problem problem;
    tconv_explanation explanation;
    const tconv_plan *plan;
};

static int read_options(int argc, char **argv, struct info_options *o, bool *help_out)
{
    struct tcv_options options = {{{NULL, NULL, NULL}}, 0};
    int first_operand = argc;
    int status;

    memset(o, 0, sizeof *o);
    o->geometry = tcv_geometry_options_default();
    o->plan = tcv_plan_options_default();
    o->dtype = TCONV_F32;
    tcv_options_add(&options, "input-shape", tcv_value_shape, &o->input_shape);
    tcv_options_add(&options, "weight-shape", tcv_value_shape, &o->weight_shape);
    tcv_options_add(&options, "dtype", tcv_value_dtype, &o->dtype);
    tcv_options_add(&options, "json", NULL, &o->json);
    tcv_options_add(&options, "overlap", tcv_value_string, &o->overlap);
    tcv_geometry_options_add(&options, &o->geometry);
    tcv_plan_options_add(&options, &o->plan);
    status = tcv_options_read(&options, argc, argv, help_out, &first_operand);
    if (status != TCV_EXIT_OK || *help_out)
        return status;
    if (first_operand < argc)
        return tcv_cli_usage("\"%s\" is not expected (see tconv info --help)", argv[first_operand]);
    if (o->input_shape.count == 0 || o->weight_shape.count == 0)
        return tcv_cli_usage("%s is missing (see tconv info --help)",
                             o->input_shape.count == 0 ? "--input-shape" : "--weight-shape");
    return tcv_geometry_options_check(&o->geometry);
}

static struct tcv_shape shape_of(const char *name, const struct tcv_list *list)
{
    struct tcv_shape shape = {name, list->count, {0}};

    memcpy(shape.size, list->value, sizeof shape.size);
    return shape;
}

static void print_refusals(struct tcv_json *json, const tconv_plan *plan)
{
    tcv_json_begin(json, "refused");
    for (int i = 0; tconv_algorithm_name((tconv_algorithm)i) != NULL; i++) {
        const char *reason = tconv_plan_refusal(plan, (tconv_algorithm)i);

        if (reason != NULL)
            tcv_json_string(json, tconv_algorithm_name((tconv_algorithm)i), reason);
    }
    tcv_json_end(json);
}

static void print_costs(struct tcv_json *json, const tconv_plan *plan)
{
    tcv_json_begin(json, "cost");
    for (int i = 0; tconv_algorithm_name((tconv_algorithm)i) != NULL; i++) {
        const double cost = tconv_plan_cost(plan, (tconv_algorithm)i);

        if (cost > 0.0)
            tcv_json_real(json, tconv_algorithm_name((tconv_algorithm)i), cost);
    }
    tcv_json_end(json);
}

static int print_json(const struct report *r)
{
    const tconv_explanation *const e = &r->explanation;
    struct tcv_json object;
    struct tcv_json *const json = &object;

    tcv_json_open(json);
    tcv_json_sizes(json, "input_shape", r->input.size, r->input.rank);
    tcv_json_sizes(json, "weight_shape", r->weights.size, r->weights.rank);
    tcv_json_sizes(json, "output_shape", r->output.size, r->output.rank);
    tcv_json_string(json, "dtype", tcv_cli_dtype_name(r->problem.input.dtype));
    tcv_json_string(json, "layout", r->problem.layout == TCONV_NXC ? "nxc" : "ncx");
    tcv_json_string(json, "algorithm", tconv_algorithm_name(e->algorithm));
    tcv_json_integer(json, "threads", (uint64_t)e->threads);
    tcv_json_sizes(json, "tile", e->tile, r->problem.desc.spatial_rank);
    tcv_json_integer(json, "tile_channels", (uint64_t)e->tile_channels);
    tcv_json_real(json, "flops", e->flops);
    tcv_json_real(json, "compulsory_bytes", e->compulsory_bytes);
    tcv_json_integer(json, "workspace_bytes", e->workspace_bytes);
    tcv_json_integer(json, "weights_bytes", e->weights_bytes);
    tcv_cli_overlap_json(json, &r->problem);
    print_costs(json, r->plan);
    print_refusals(json, r->plan);
    tcv_json_close(json);
    return tcv_cli_flush_stdout();
}

static int print_text(const struct report *r)
{
    const size_t bytes = tconv_plan_describe(r->plan, NULL, 0) + 1;
    char *const words = malloc(bytes);
    char text[TCV_SHAPE_TEXT_BYTES];

    if (words == NULL)
        return tcv_cli_fail("out of memory: the description needs %zu bytes", bytes);
    (void)tconv_plan_describe(r->plan, words, bytes);
    (void)printf("input %s", tcv_shape_text(&r->input, text));
    (void)printf(", weights %s", tcv_shape_text(&r->weights, text));
    (void)printf(", output %s, %s, %s\n", tcv_shape_text(&r->output, text),
                 tcv_cli_dtype_name(r->problem.input.dtype),
                 r->problem.layout == TCONV_NXC ? "nxc" : "ncx");
    (void)fputs(words, stdout);
    free(words);
    if (tcv_cli_overlap_print(&r->problem) != TCV_EXIT_OK)
        return TCV_EXIT_FAILED;
    return tcv_cli_flush_stdout();
}

static int report_on(const struct info_options *o)
{
    struct report r;
    const struct tcv_cli_problem *const p = &r.problem;
    tconv_plan *plan = NULL;
    tconv_error error;
    int status;

    r.input = shape_of("--input-shape", &o->input_shape);
    r.weights = shape_of("--weight-shape", &o->weight_shape);
    status = tcv_cli_problem_make(&o->geometry, o->plan.layout, o->dtype, &r.input, &r.weights,
                                  &r.problem);
    if (status != TCV_EXIT_OK)
        return status;
    r.output = tcv_cli_problem_stored_shape(p, p->output.size, "the output");
    r.explanation.struct_size = sizeof r.explanation;
    if (tconv_plan_create(&p->desc, &p->input, &p->weights, &p->output, &o->plan.options, &plan,
                          &error) != TCONV_OK ||
        tconv_plan_explain(plan, &r.explanation, &error) != TCONV_OK) {
        tconv_plan_destroy(plan);
        return tcv_cli_fail("%s", error.message);
    }
    r.plan = plan;
    status = o->json ? print_json(&r) : print_text(&r);
    tconv_plan_destroy(plan);
    if (status == TCV_EXIT_OK && o->overlap != NULL)
        status = tcv_cli_overlap_draw(p, o->overlap);
    return status;
}

int tcv_cli_info(int argc, char **argv)
{
    struct info_options options;
    bool wants_help;
    const int status = read_options(argc, argv, &options, &wants_help);

    if (status != TCV_EXIT_OK)
        return status;
    return wants_help ? tcv_cli_print(help) : report_on(&options);
}
