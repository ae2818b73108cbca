#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/problem.h"

__attribute__((format(printf, 2, 3))) static void add(char *text, const char *format, ...)
{
    const size_t length = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + length, PROBLEM_TEXT - length, format, arguments);
    va_end(arguments);
}

/* Appends "<letter><axis><value>" unless the value is what a reader assumes. */
static void add_field(char *text, char letter, char axis, int64_t value, int64_t assumed)
{
    if (value != assumed)
        add(text, "%c%c%" PRId64, letter, axis, value);
}

static void add_axis(const struct problem *p, int a, char axis, char *text)
{
    const int64_t begin = p->desc.pad_begin[a];
    const int64_t size = p->desc.output_size[a];

    add(text, "_i%c%" PRId64, axis, p->input[a + 2]);
    add_field(text, 'o', axis, size, 0);
    add(text, "k%c%" PRId64, axis, p->weights[a + 2]);
    add_field(text, 's', axis, p->desc.stride[a], 1);
    add_field(text, 'd', axis, p->desc.dilation[a] - 1, 0);
    add_field(text, 'p', axis, begin, 0);
    add_field(text, 'q', axis, p->desc.pad_end[a], size != 0 ? 0 : begin);
    add_field(text, 'a', axis, p->desc.output_padding[a], 0);
}

static void add_epilogue(const tconv_epilogue *e, char *text)
{
    if (e->bias_length != 0)
        add(text, "+bias");
    if (e->scale_length != 0)
        add(text, "+scale");
    if (e->shift_length != 0)
        add(text, "+shift");
    if (e->accumulate)
        add(text, "+acc");
    switch (e->activation) {
    case TCONV_ACTIVATION_NONE: break;
    case TCONV_ACTIVATION_RELU: add(text, "+relu"); break;
    case TCONV_ACTIVATION_LEAKY_RELU: add(text, "+leaky:%g", e->alpha); break;
    case TCONV_ACTIVATION_CLIP: add(text, "+clip:%g:%g", e->alpha, e->beta); break;
    case TCONV_ACTIVATION_SIGMOID: add(text, "+sigmoid"); break;
    case TCONV_ACTIVATION_TANH: add(text, "+tanh"); break;
    }
}

void problem_print(const struct problem *problem, char *text)
{
    const tconv_desc *desc = &problem->desc;

    text[0] = '\0';
    if (desc->groups != 1)
        add(text, "g%" PRId64, desc->groups);
    add(text, "mb%" PRId64 "ic%" PRId64 "oc%" PRId64, problem->input[0],
        problem->input[1], problem_out_channels(problem));
    for (int a = 0; a < desc->spatial_rank; a++)
        add_axis(problem, a, "dhw"[a + 3 - desc->spatial_rank], text);
    if (desc->op == TCONV_CONV)
        add(text, "+conv");
    switch (desc->auto_pad) {
    case TCONV_PAD_EXPLICIT: break;
    case TCONV_PAD_SAME_UPPER: add(text, "+same-upper"); break;
    case TCONV_PAD_SAME_LOWER: add(text, "+same-lower"); break;
    case TCONV_PAD_VALID: add(text, "+valid"); break;
    }
    add_epilogue(&desc->epilogue, text);
}
