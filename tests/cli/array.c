/*
 * array.c - .npy files, written and read without the command's own code
 *
 * For little-endian machines, as the tests' expected bytes are.
 */
#include "cli/array.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/folder.h"
#include "support/check.h"

enum { MAX_FILE = 256 + 8 * ARRAY_MAX_ELEMENTS };

int64_t array_elements(const struct array *array)
{
    int64_t product = 1;

    for (int a = 0; a < array->rank; a++)
        product *= array->size[a];
    return product;
}

void array_count_up(struct array *array, const char *descr, const char *shape)
{
    const char *at = shape;

    memset(array, 0, sizeof *array);
    strcpy(array->descr, descr);
    do {
        char *end;

        assert_true(array->rank < ARRAY_MAX_RANK);
        array->size[array->rank++] = strtoll(at, &end, 10);
        at = end;
    } while (*at++ == ',');
    assert_true(array_elements(array) <= ARRAY_MAX_ELEMENTS);
    for (int64_t i = 0; i < array_elements(array); i++)
        array->value[i] = (double)(i + 1);
}

void array_fill(struct array *array, const char *descr, const char *shape, const double *values)
{
    array_count_up(array, descr, shape);
    for (int64_t i = 0; i < array_elements(array); i++)
        array->value[i] = values[i];
}

static size_t put_data(const struct array *array, unsigned char *data)
{
    const int wide = array->descr[2] == '8';
    const int64_t count = array_elements(array);

    for (int64_t i = 0; i < count; i++) {
        const float narrow = (float)array->value[i];

        if (wide)
            memcpy(data + 8 * i, &array->value[i], 8);
        else
            memcpy(data + 4 * i, &narrow, 4);
    }
    return (size_t)count * (wide ? 8 : 4);
}

static void put_header(const struct array *array, char *header, size_t bytes)
{
    int used =
        snprintf(header, bytes, "{'descr': '%s', 'fortran_order': False, 'shape': (", array->descr);

    for (int a = 0; a < array->rank; a++)
        used += snprintf(header + used, bytes - (size_t)used, "%s%" PRId64, a > 0 ? ", " : "",
                         array->size[a]);
    (void)snprintf(header + used, bytes - (size_t)used, "%s), }", array->rank == 1 ? "," : "");
}

/* The preamble of NumPy's format, and the header padded as NumPy pads it. */
static size_t put_head(int version, const char *header, unsigned char *head)
{
    const size_t preamble = version == 1 ? 10 : 12;
    const size_t length = strlen(header);
    const size_t total = (preamble + length + 1 + 63) / 64 * 64;

    memset(head, ' ', total);
    memcpy(head, "\x93NUMPY", 6);
    head[6] = (unsigned char)version;
    head[7] = head[10] = head[11] = 0;
    head[8] = (unsigned char)((total - preamble) & 0xff);
    head[9] = (unsigned char)((total - preamble) >> 8);
    memcpy(head + preamble, header, length);
    head[total - 1] = '\n';
    return total;
}

void array_write_raw(const char *name, int version, const char *header, const void *data,
                     size_t data_bytes)
{
    static unsigned char file[MAX_FILE];
    const size_t head_bytes = put_head(version, header, file);

    assert_true(head_bytes + data_bytes <= sizeof file);
    memcpy(file + head_bytes, data, data_bytes);
    folder_write(name, file, head_bytes + data_bytes);
}

void array_write(const char *name, const struct array *array)
{
    static unsigned char data[8 * ARRAY_MAX_ELEMENTS];
    char header[192];

    put_header(array, header, sizeof header);
    array_write_raw(name, 1, header, data, put_data(array, data));
}

/* The shape that the header of a file says. */
static void find_shape(const unsigned char *file, struct array *array)
{
    const char *at = strstr((const char *)file + 10, "'shape': (");

    assert_non_null(at);
    at += 10;
    for (array->rank = 0; *at != ')'; array->rank++) {
        char *end;

        assert_true(array->rank < ARRAY_MAX_RANK);
        array->size[array->rank] = strtoll(at, &end, 10);
        at = end + strspn(end, ", ");
    }
}

void array_read(const char *name, struct array *array)
{
    static unsigned char file[MAX_FILE];
    static unsigned char head[256];
    const size_t bytes = folder_read(name, file, sizeof file - 1);
    char header[192];
    size_t head_bytes;

    file[bytes] = '\0';
    memset(array, 0, sizeof *array);
    assert_true(bytes >= 64);
    strcpy(array->descr, strstr((const char *)file + 10, "'<f8'") != NULL ? "<f8" : "<f4");
    find_shape(file, array);
    /* The head must be what NumPy writes for that, to the last byte. */
    put_header(array, header, sizeof header);
    head_bytes = put_head(1, header, head);
    assert_memory_equal(file, head, head_bytes);
    assert_true(array_elements(array) <= ARRAY_MAX_ELEMENTS);
    assert_int_equal(bytes - head_bytes, array_elements(array) * (array->descr[2] == '8' ? 8 : 4));
    for (int64_t i = 0; i < array_elements(array); i++) {
        float narrow;

        memcpy(&narrow, file + head_bytes + 4 * i, sizeof narrow);
        array->value[i] = (double)narrow;
        if (array->descr[2] == '8')
            memcpy(&array->value[i], file + head_bytes + 8 * i, 8);
    }
}

void assert_array(const char *name, const struct array *want)
{
    static struct array got;

    array_read(name, &got);
    assert_string_equal(got.descr, want->descr);
    assert_int_equal(got.rank, want->rank);
    assert_memory_equal(got.size, want->size, sizeof got.size);
    for (int64_t i = 0; i < array_elements(want); i++) {
        if (got.value[i] != want->value[i])
            fail_msg("%s: [%" PRId64 "] is %.9g, want %.9g", name, i, got.value[i], want->value[i]);
    }
}
