/*
 * words.c - the values of options that are words
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bands.h"
#include "cli/cli.h"
#include "cli/values.h"

struct word {
    const char *text;
    int value;
};

/* Finds text among words, whose last has a NULL text; otherwise lists them. */
static int read_word(const char *option, const char *text, const struct word *words, int *value_out)
{
    char list[256] = "";
    size_t used = 0;

    for (const struct word *w = words; w->text != NULL; w++) {
        const char *separator = w == words ? "" : w[1].text == NULL ? " or " : ", ";

        if (strcmp(text, w->text) == 0) {
            *value_out = w->value;
            return TCV_EXIT_OK;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", separator, w->text);
        if (used >= sizeof list)
            break;
    }
    return tcv_cli_usage("--%s is \"%s\"; it must be %s", option, text, list);
}

int tcv_value_auto_pad(const char *option, const char *text, void *value_out)
{
    static const struct word words[] = {
        {"same-upper", TCONV_PAD_SAME_UPPER},
        {"same-lower", TCONV_PAD_SAME_LOWER},
        {"valid", TCONV_PAD_VALID},
        {NULL, 0},
    };
    int value = 0;
    const int status = read_word(option, text, words, &value);

    if (status == TCV_EXIT_OK)
        *(tconv_auto_pad *)value_out = (tconv_auto_pad)value;
    return status;
}

int tcv_value_layout(const char *option, const char *text, void *value_out)
{
    static const struct word words[] = {{"ncx", TCONV_NCX}, {"nxc", TCONV_NXC}, {NULL, 0}};
    int value = 0;
    const int status = read_word(option, text, words, &value);

    if (status == TCV_EXIT_OK)
        *(tconv_layout *)value_out = (tconv_layout)value;
    return status;
}

int tcv_value_dtype(const char *option, const char *text, void *value_out)
{
    static const struct word words[] = {{"float32", TCONV_F32}, {"float64", TCONV_F64}, {NULL, 0}};
    int value = 0;
    const int status = read_word(option, text, words, &value);

    if (status == TCV_EXIT_OK)
        *(tconv_dtype *)value_out = (tconv_dtype)value;
    return status;
}

int tcv_value_method(const char *option, const char *text, void *value_out)
{
    static const struct word words[] = {
        {"network", TCV_METHOD_NETWORK},
        {"bilinear", TCV_METHOD_BILINEAR},
        {"nearest", TCV_METHOD_NEAREST},
        {NULL, 0},
    };
    int value = 0;
    const int status = read_word(option, text, words, &value);

    if (status == TCV_EXIT_OK)
        *(enum tcv_method *)value_out = (enum tcv_method)value;
    return status;
}

int tcv_value_algorithm(const char *option, const char *text, void *value_out)
{
    static const struct word words[] = {
        {"auto", TCONV_ALGORITHM_AUTO},           {"gemm", TCONV_ALGORITHM_GEMM},
        {"direct", TCONV_ALGORITHM_DIRECT},       {"winograd", TCONV_ALGORITHM_WINOGRAD},
        {"bf16x3", TCONV_ALGORITHM_BF16X3},       {"columns", TCONV_ALGORITHM_COLUMNS},
        {"reference", TCONV_ALGORITHM_REFERENCE}, {NULL, 0},
    };
    int value = 0;
    const int status = read_word(option, text, words, &value);

    if (status == TCV_EXIT_OK)
        *(tconv_algorithm *)value_out = (tconv_algorithm)value;
    return status;
}

/* Reads a real number that ends at the character last; not a NaN. */
static bool read_real(const char **text, char last, double *value_out)
{
    char *end;

    if (**text == '\0' || strchr(" \t\n\v\f\r", **text) != NULL)
        return false;
    *value_out = strtod(*text, &end);
    if (end == *text || *end != last || isnan(*value_out))
        return false;
    *text = last != '\0' ? end + 1 : end;
    return true;
}

int tcv_value_activation(const char *option, const char *text, void *value_out)
{
    static const struct word words[] = {
        {"none", TCONV_ACTIVATION_NONE},
        {"relu", TCONV_ACTIVATION_RELU},
        {"leaky-relu:SLOPE", -1},
        {"clip:MIN,MAX", -1},
        {"sigmoid", TCONV_ACTIVATION_SIGMOID},
        {"tanh", TCONV_ACTIVATION_TANH},
        {NULL, 0},
    };
    struct tcv_activation activation = {TCONV_ACTIVATION_NONE, 0.0, 0.0};
    const char *const colon = strchr(text, ':');
    const char *at = colon != NULL ? colon + 1 : "";
    int value = -1;
    int status;

    if (strncmp(text, "leaky-relu:", 11) == 0) {
        activation.kind = TCONV_ACTIVATION_LEAKY_RELU;
        if (!read_real(&at, '\0', &activation.alpha))
            return tcv_cli_usage("--%s is \"%s\"; the slope must be a number", option, text);
    } else if (strncmp(text, "clip:", 5) == 0) {
        activation.kind = TCONV_ACTIVATION_CLIP;
        if (!read_real(&at, ',', &activation.alpha) || !read_real(&at, '\0', &activation.beta))
            return tcv_cli_usage("--%s is \"%s\"; MIN and MAX must be numbers", option, text);
        if (activation.alpha > activation.beta)
            return tcv_cli_usage("--%s is \"%s\"; MIN must not exceed MAX", option, text);
    } else {
        /* A literal "clip:MIN,MAX" was caught above, so value is never -1. */
        status = read_word(option, text, words, &value);
        if (status != TCV_EXIT_OK)
            return status;
        activation.kind = (tconv_activation)value;
    }
    *(struct tcv_activation *)value_out = activation;
    return TCV_EXIT_OK;
}
