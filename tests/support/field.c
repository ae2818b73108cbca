#include "support/field.h"

#include <stdlib.h>
#include <string.h>

#include "support/check.h"

const char *placement_name(enum placement placement)
{
    switch (placement) {
    case PLACE_NCX: return "ncx";
    case PLACE_NXC: return "nxc";
    case PLACE_VIEW: return "view";
    case PLACEMENTS: break;
    }
    return "none";
}

/*
 * A form of view is an order of the dimensions in memory (inner first, counted
 * from the last: with rank 4, 0 is w and 2 is C), elements skipped behind each
 * and whether the spatial dimensions run backwards.
 */
enum { FORMS = 5 };

static int view_dimension(unsigned form, int rank, int level)
{
    if (form == 2) /* channels last */
        return level == 0 ? 1 : level < rank - 1 ? rank - level : 0;
    if (form == 3) /* C and N swapped: channels outermost */
        return level == rank - 1 ? 1 : level == rank - 2 ? 0 : rank - 1 - level;
    return rank - 1 - level;
}

/* Fills the strides; the tensor's span of memory is then known from them. */
static void stride_view(tconv_tensor *tensor, unsigned form)
{
    static const int64_t inner[FORMS] = {1, 2, 1, 3, 1};
    int64_t step = inner[form];

    for (int level = 0; level < tensor->rank; level++) {
        const int d = view_dimension(form, tensor->rank, level);
        const int64_t extent = tensor->size[d] < 1 ? 1 : tensor->size[d];

        tensor->stride[d] = form == 4 && d >= 2 ? -step : step;
        step = step * extent + (level < 2 ? 3 : 1);
    }
}

static void stride_tensor(tconv_tensor *tensor, enum placement placement, unsigned form,
                          const int64_t *size)
{
    tconv_error error;
    const tconv_layout layout = placement == PLACE_NXC ? TCONV_NXC : TCONV_NCX;

    if (tconv_tensor_dense(tensor, tensor->dtype, layout, tensor->rank, size, &error) !=
        TCONV_OK)
        fail_msg("tconv_tensor_dense: %s", error.message);
    if (placement == PLACE_VIEW)
        stride_view(tensor, form % FORMS);
}

void field_create(struct field *field, tconv_dtype dtype, enum placement placement,
                  unsigned form, int rank, const int64_t *size, enum guard_edge edge)
{
    const size_t bytes = dtype_bytes(dtype);
    int64_t low = 0, high = 0;

    memset(field, 0, sizeof *field);
    field->tensor.dtype = dtype;
    field->tensor.rank = rank;
    stride_tensor(&field->tensor, placement, form, size);
    for (int d = 0; d < rank; d++) {
        const int64_t reach = (size[d] - 1) * field->tensor.stride[d];

        low += reach < 0 ? reach : 0;
        high += reach > 0 ? reach : 0;
    }
    if (field_count(field) == 0)
        low = 0, high = -1;
    guard_create(&field->memory, (size_t)(high - low + 1) * bytes, edge);
    memset(field->memory.data, 0xff, field->memory.bytes);
    field->data = field->memory.data + (size_t)-low * bytes;
}

void field_destroy(struct field *field)
{
    guard_destroy(&field->memory);
    memset(field, 0, sizeof *field);
}

int64_t field_count(const struct field *field)
{
    int64_t count = 1;

    for (int d = 0; d < field->tensor.rank; d++)
        count *= field->tensor.size[d];
    return count;
}

static unsigned char *place_of(const struct field *field, int64_t i)
{
    int64_t offset = 0;

    for (int d = field->tensor.rank - 1; d >= 0; d--) {
        offset += i % field->tensor.size[d] * field->tensor.stride[d];
        i /= field->tensor.size[d];
    }
    return (unsigned char *)field->data + offset * (int64_t)dtype_bytes(field->tensor.dtype);
}

double field_get(const struct field *field, int64_t i)
{
    const unsigned char *place = place_of(field, i);
    double wide;
    float narrow;

    if (field->tensor.dtype == TCONV_F64)
        return memcpy(&wide, place, sizeof wide), wide;
    return memcpy(&narrow, place, sizeof narrow), (double)narrow;
}

void field_set(struct field *field, int64_t i, double value)
{
    unsigned char *place = place_of(field, i);
    const float narrow = (float)value;

    if (field->tensor.dtype == TCONV_F64)
        memcpy(place, &value, sizeof value);
    else
        memcpy(place, &narrow, sizeof narrow);
}

void field_load(struct field *field, const double *values)
{
    const int64_t count = field_count(field);

    for (int64_t i = 0; i < count; i++)
        field_set(field, i, values[i]);
}

/*
 * Marks where the elements lie; every other byte must still be the 0xff of
 * field_create().
 */
bool field_gaps_intact(const struct field *field)
{
    const size_t bytes = dtype_bytes(field->tensor.dtype);
    const int64_t count = field_count(field);
    unsigned char *used = calloc(field->memory.bytes + 1, 1);
    bool intact = guard_intact(&field->memory);

    assert_non_null(used);
    for (int64_t i = 0; i < count; i++)
        memset(used + (place_of(field, i) - field->memory.data), 1, bytes);
    for (size_t i = 0; i < field->memory.bytes; i++)
        intact = intact && (used[i] || field->memory.data[i] == 0xff);
    free(used);
    return intact;
}

bool field_same_bits(const struct field *a, const struct field *b)
{
    const int64_t count = field_count(a);

    for (int64_t i = 0; i < count; i++) {
        if (memcmp(place_of(a, i), place_of(b, i), dtype_bytes(a->tensor.dtype)) != 0)
            return false;
    }
    return true;
}
