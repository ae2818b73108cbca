/*
 * onnx_reader.c - protobuf messages of ONNX into plain arrays
 *
 * The generated code differs a little between proto2 (has_... fields, NULL for
 * a string that is missing) and proto3 ("" instead).  Only what both have in
 * common is used: a missing number reads as 0 and a missing string as NULL or
 * "", and none of the fields read here means anything when it is 0 or empty.
 */
#include "onnx/onnx_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx.pb-c.h"

#define DATA_FLOAT 1 /* TensorProto.DataType FLOAT, a number of the format */

/* Notes why the vector cannot be read; false, for the caller to return. */
__attribute__((format(printf, 2, 3))) static bool
refuse(struct onnx_vector *v, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(v->reason, sizeof v->reason, format, arguments);
    va_end(arguments);
    return false;
}

/* The file's bytes, to be freed, or NULL. */
static uint8_t *read_file(const char *path, size_t *length_out)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long end = -1;

    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0)
        end = ftell(file);
    if (end >= 0 && fseek(file, 0, SEEK_SET) == 0)
        bytes = malloc((size_t)end + 1); /* an empty file is not a failure */
    if (bytes != NULL && fread(bytes, 1, (size_t)end, file) != (size_t)end) {
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    *length_out = (size_t)end;
    return bytes;
}

/* ONNX stores raw floats in little-endian order, whatever the machine's is. */
static float float_at(const uint8_t *bytes)
{
    const uint32_t bits = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
                          (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Values lie either in raw_data, four bytes each, or in float_data. */
static bool take_tensor(struct onnx_vector *v, const Onnx__TensorProto *tensor,
                        struct onnx_array *out)
{
    const bool raw = tensor->n_float_data == 0;
    size_t count = 1;

    if (tensor->data_type != DATA_FLOAT)
        return refuse(v, "a tensor has data type %d, not float", (int)tensor->data_type);
    if (tensor->n_dims < 1 || tensor->n_dims > TCONV_MAX_DIMS)
        return refuse(v, "a tensor has rank %zu", tensor->n_dims);
    for (size_t i = 0; i < tensor->n_dims; i++) {
        if (tensor->dims[i] < 1 || tensor->dims[i] > 1 << 20 || count > 1 << 20)
            return refuse(v, "a tensor's size[%zu] is %lld", i, (long long)tensor->dims[i]);
        out->size[i] = tensor->dims[i];
        count *= (size_t)tensor->dims[i];
    }
    if (raw ? tensor->raw_data.len != 4 * count : tensor->n_float_data != count)
        return refuse(v, "a tensor of %zu elements has another number of values", count);

    out->data = malloc(count * sizeof *out->data);
    if (out->data == NULL)
        return refuse(v, "out of memory");
    for (size_t i = 0; i < count; i++)
        out->data[i] = raw ? float_at(tensor->raw_data.data + 4 * i) : tensor->float_data[i];
    out->rank = (int32_t)tensor->n_dims;
    out->count = count;
    return true;
}

/* Reads DIRECTORY/test_data_set_0/NAME. */
static bool take_file(struct onnx_vector *v, const char *directory, const char *name,
                      struct onnx_array *out)
{
    Onnx__TensorProto *tensor;
    char path[512];
    size_t length = 0;
    uint8_t *bytes;
    bool taken;

    snprintf(path, sizeof path, "%s/test_data_set_0/%s", directory, name);
    bytes = read_file(path, &length);
    if (bytes == NULL)
        return refuse(v, "cannot read %s", path);
    tensor = onnx__tensor_proto__unpack(NULL, length, bytes);
    free(bytes);
    if (tensor == NULL)
        return refuse(v, "%s is no TensorProto", path);
    taken = take_tensor(v, tensor, out);
    onnx__tensor_proto__free_unpacked(tensor, NULL);
    return taken;
}

static bool same_name(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The value called name that the graph itself holds, or NULL. */
static const Onnx__TensorProto *value_in_graph(const Onnx__GraphProto *graph,
                                               const char *name)
{
    for (size_t i = 0; i < graph->n_initializer; i++) {
        if (same_name(graph->initializer[i]->name, name))
            return graph->initializer[i];
    }
    for (size_t i = 0; i < graph->n_node; i++) {
        const Onnx__NodeProto *node = graph->node[i];

        if (same_name(node->op_type, "Constant") && node->n_output == 1 &&
            same_name(node->output[0], name) && node->n_attribute == 1)
            return node->attribute[0]->t;
    }
    return NULL;
}

/*
 * A node's input comes from the graph or, failing that, from input_K.pb, where
 * K counts the graph's inputs to which the graph gives no value of its own.
 */
static bool take_input(struct onnx_vector *v, const char *directory,
                       const Onnx__GraphProto *graph, const char *name,
                       struct onnx_array *out)
{
    const Onnx__TensorProto *held = value_in_graph(graph, name);
    unsigned file_index = 0;
    char file[32];

    if (held != NULL)
        return take_tensor(v, held, out);
    for (size_t i = 0; i < graph->n_input; i++) {
        if (same_name(graph->input[i]->name, name)) {
            snprintf(file, sizeof file, "input_%u.pb", file_index);
            return take_file(v, directory, file, out);
        }
        if (value_in_graph(graph, graph->input[i]->name) == NULL)
            file_index++;
    }
    return refuse(v, "the node's input \"%s\" comes from nowhere", name);
}

static bool take_attribute(struct onnx_vector *v, const Onnx__AttributeProto *a)
{
    struct onnx_attributes *to = &v->attributes;
    const struct {
        const char *name;
        struct onnx_ints *list;
    } lists[] = {
        {"strides", &to->strides},
        {"dilations", &to->dilations},
        {"pads", &to->pads},
        {"kernel_shape", &to->kernel_shape},
        {"output_padding", &to->output_padding},
        {"output_shape", &to->output_shape},
    };

    if (same_name(a->name, "auto_pad") && a->s.len > 0 && a->s.len < sizeof to->auto_pad) {
        memcpy(to->auto_pad, a->s.data, a->s.len); /* not NUL-terminated there */
        to->auto_pad[a->s.len] = '\0';
        return true;
    }
    if (same_name(a->name, "group")) {
        to->group = a->i;
        return true;
    }
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct onnx_ints *list = lists[i].list;

        if (!same_name(a->name, lists[i].name))
            continue;
        if (a->n_ints < 1 || a->n_ints > sizeof list->value / sizeof list->value[0])
            return refuse(v, "attribute %s has %zu values", a->name, a->n_ints);
        list->count = a->n_ints;
        memcpy(list->value, a->ints, a->n_ints * sizeof list->value[0]);
        return true;
    }
    return refuse(v, "unknown attribute \"%s\"", a->name != NULL ? a->name : "");
}

/* The only node that computes must be one ConvTranspose. */
static const Onnx__NodeProto *conv_transpose_of(const Onnx__GraphProto *graph)
{
    const Onnx__NodeProto *found = NULL;

    for (size_t i = 0; i < graph->n_node; i++) {
        if (same_name(graph->node[i]->op_type, "Constant"))
            continue;
        if (found != NULL || !same_name(graph->node[i]->op_type, "ConvTranspose"))
            return NULL;
        found = graph->node[i];
    }
    return found;
}

static bool take_model(struct onnx_vector *v, const char *directory,
                       const Onnx__ModelProto *model)
{
    struct onnx_array *const arrays[] = {&v->x, &v->w, &v->b};
    const Onnx__NodeProto *node;

    for (size_t i = 0; i < model->n_opset_import; i++) {
        const char *domain = model->opset_import[i]->domain;

        if (domain == NULL || domain[0] == '\0')
            v->opset = model->opset_import[i]->version;
    }
    if (v->opset < 1)
        return refuse(v, "the model names no operator set");
    node = model->graph != NULL ? conv_transpose_of(model->graph) : NULL;
    if (node == NULL || node->n_input < 2 || node->n_input > 3)
        return refuse(v, "the model is not one ConvTranspose of two or three inputs");

    for (size_t i = 0; i < node->n_attribute; i++) {
        if (!take_attribute(v, node->attribute[i]))
            return false;
    }
    for (size_t i = 0; i < node->n_input; i++) {
        if (!take_input(v, directory, model->graph, node->input[i], arrays[i]))
            return false;
    }
    return true;
}

bool onnx_vector_read(const char *directory, struct onnx_vector *vector)
{
    Onnx__ModelProto *model;
    char path[512];
    size_t length = 0;
    uint8_t *bytes;
    bool taken;

    memset(vector, 0, sizeof *vector);
    strcpy(vector->attributes.auto_pad, "NOTSET");
    vector->attributes.group = 1;

    snprintf(path, sizeof path, "%s/model.onnx", directory);
    bytes = read_file(path, &length);
    if (bytes == NULL)
        return refuse(vector, "cannot read %s; libonnx-testdata installs it", path);
    model = onnx__model_proto__unpack(NULL, length, bytes);
    free(bytes);
    if (model == NULL)
        return refuse(vector, "%s is no ModelProto", path);
    taken = take_model(vector, directory, model) &&
            take_file(vector, directory, "output_0.pb", &vector->y);
    onnx__model_proto__free_unpacked(model, NULL);
    return taken;
}

void onnx_vector_free(struct onnx_vector *vector)
{
    free(vector->x.data);
    free(vector->w.data);
    free(vector->b.data);
    free(vector->y.data);
    memset(vector, 0, sizeof *vector);
}
