#include "support/problem.h"

#include <stdlib.h>
#include <string.h>

#include "support/check.h"

static const char axis_names[] = "dhw";
static const char field_names[] = "ioksdpqa";
enum field { INPUT, OUTPUT, KERNEL, STRIDE, DILATION, BEGIN, END, ADDED, FIELDS };

/* What was read, before defaults: channels by name, fields by axis. */
struct reading {
    int64_t groups, batch, in_channels, out_channels;
    int64_t value[FIELDS][3];
    bool seen[FIELDS][3];
};

static const char *read_number(const char *text, int64_t *value_out)
{
    char *end;

    *value_out = strtoll(text, &end, 10);
    return end == text ? NULL : end;
}

/* One letter or two and a number; NULL if there is none at text. */
static const char *read_pair(const char *text, struct reading *r)
{
    const char *field = strchr(field_names, text[0]);
    const char *axis = text[0] != '\0' ? strchr(axis_names, text[1]) : NULL;

    if (text[0] == 'g')
        return read_number(text + 1, &r->groups);
    if (strncmp(text, "mb", 2) == 0)
        return read_number(text + 2, &r->batch);
    if (strncmp(text, "ic", 2) == 0)
        return read_number(text + 2, &r->in_channels);
    if (strncmp(text, "oc", 2) == 0)
        return read_number(text + 2, &r->out_channels);
    if (field == NULL || axis == NULL || text[1] == '\0')
        return NULL;
    r->seen[field - field_names][axis - axis_names] = true;
    return read_number(text + 2, &r->value[field - field_names][axis - axis_names]);
}

static const char *read_real(const char *text, double *value_out)
{
    char *end;

    if (*text != ':')
        return NULL;
    *value_out = strtod(text + 1, &end);
    return end == text + 1 ? NULL : end;
}

static const char *read_activation(const char *text, size_t length, tconv_epilogue *e)
{
    static const char *const words[] = {"relu", "leaky", "clip", "sigmoid", "tanh"};
    const char *rest = text + length;

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (length != strlen(words[i]) || strncmp(text, words[i], length) != 0)
            continue;
        e->activation = (tconv_activation)(TCONV_ACTIVATION_RELU + (int)i);
        if (e->activation == TCONV_ACTIVATION_LEAKY_RELU ||
            e->activation == TCONV_ACTIVATION_CLIP)
            rest = read_real(rest, &e->alpha);
        if (rest != NULL && e->activation == TCONV_ACTIVATION_CLIP)
            rest = read_real(rest, &e->beta);
        return rest;
    }
    return NULL;
}

/* A word behind `+`; the lengths of the vectors are set when C_out is known. */
static const char *read_word(const char *text, tconv_desc *desc)
{
    static const char *const words[] = {"same-upper", "same-lower", "valid", "bias",
                                        "scale",      "shift",      "acc",   "conv"};
    const size_t length = strcspn(text, "+:_");
    size_t i = 0;

    while (i < ARRAY_LEN(words) &&
           (length != strlen(words[i]) || strncmp(text, words[i], length) != 0))
        i++;
    switch (i) {
    case 0: desc->auto_pad = TCONV_PAD_SAME_UPPER; break;
    case 1: desc->auto_pad = TCONV_PAD_SAME_LOWER; break;
    case 2: desc->auto_pad = TCONV_PAD_VALID; break;
    case 3: desc->epilogue.bias_length = 1; break;
    case 4: desc->epilogue.scale_length = 1; break;
    case 5: desc->epilogue.shift_length = 1; break;
    case 6: desc->epilogue.accumulate = 1; break;
    case 7: desc->op = TCONV_CONV; break;
    default: return read_activation(text, length, &desc->epilogue);
    }
    return text + length;
}

/* Puts what was read into the problem, axis `from` of the three first. */
static bool finish(const struct reading *r, int from, struct problem *p)
{
    const int64_t oc = r->out_channels;

    const bool conv = p->desc.op == TCONV_CONV;

    if (r->groups < 1 || oc % r->groups != 0 || (conv && r->in_channels % r->groups != 0))
        return false;
    p->desc.groups = r->groups;
    p->input[0] = r->batch;
    p->input[1] = r->in_channels;
    p->weights[0] = conv ? oc : r->in_channels;
    p->weights[1] = (conv ? r->in_channels : oc) / r->groups;
    p->desc.epilogue.bias_length *= oc;
    p->desc.epilogue.scale_length *= oc;
    p->desc.epilogue.shift_length *= oc;
    for (int axis = from; axis < 3; axis++) {
        const int a = axis - from;

        if (!r->seen[INPUT][axis] || !r->seen[KERNEL][axis])
            return false;
        p->input[a + 2] = r->value[INPUT][axis];
        p->weights[a + 2] = r->value[KERNEL][axis];
        p->desc.stride[a] = r->seen[STRIDE][axis] ? r->value[STRIDE][axis] : 1;
        p->desc.dilation[a] = r->value[DILATION][axis] + 1;
        p->desc.pad_begin[a] = r->value[BEGIN][axis];
        p->desc.output_size[a] = r->value[OUTPUT][axis];
        p->desc.output_padding[a] = r->value[ADDED][axis];
        if (r->seen[END][axis])
            p->desc.pad_end[a] = r->value[END][axis];
        else if (!r->seen[OUTPUT][axis])
            p->desc.pad_end[a] = p->desc.pad_begin[a];
    }
    return true;
}

bool problem_parse(const char *text, struct problem *problem_out)
{
    struct reading r = {.groups = 1, .batch = 1, .in_channels = 1, .out_channels = 1};
    tconv_desc words = tconv_desc_default(1);
    int from;

    while (text != NULL && *text != '\0') {
        if (*text == '_')
            text++;
        else if (strncmp(text, "n\"", 2) == 0)
            break;
        else if (*text == '+')
            text = read_word(text + 1, &words);
        else
            text = read_pair(text, &r);
    }
    if (text == NULL)
        return false;

    from = r.seen[INPUT][0] ? 0 : r.seen[INPUT][1] ? 1 : 2;
    memset(problem_out, 0, sizeof *problem_out);
    problem_out->desc = words;
    problem_out->desc.spatial_rank = 3 - from;
    return finish(&r, from, problem_out);
}

struct problem problem_from(const char *text)
{
    struct problem problem;

    if (!problem_parse(text, &problem))
        fail_msg("not a problem string: %s", text);
    return problem;
}
