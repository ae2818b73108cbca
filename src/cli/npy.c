/*
 * npy.c - arrays in NumPy's .npy files
 *
 * A file is "\x93NUMPY", a byte each for the major and the minor version, the
 * length of the header (2 bytes little-endian in version 1, 4 in 2 and 3), the
 * header, and the elements.  Version 3 differs from 2 in allowing UTF-8 in the
 * names of fields, which no array of plain numbers has.
 */
#include "cli/npy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/npy_header.h"

static const unsigned char magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

/* NumPy pads to 64 bytes and by itself writes no header near this long. */
#define MAX_HEADER_BYTES 65536

static bool host_is_little_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;

    memcpy(&first, &one, 1);
    return first == 1;
}

static int fail_reading(const struct tcv_npy *npy)
{
    if (ferror(npy->stream))
        return tcv_cli_fail("cannot read %s: %s", npy->shape.name, strerror(errno));
    return tcv_cli_fail("%s is cut short", npy->shape.name);
}

/* Reads what stands before the header; *length_out is the header's length. */
static int read_preamble(struct tcv_npy *npy, size_t *length_out)
{
    unsigned char head[sizeof magic + 2];
    unsigned char length[4] = {0};
    size_t length_bytes;

    if (fread(head, 1, sizeof head, npy->stream) != sizeof head) {
        if (ferror(npy->stream))
            return fail_reading(npy);
        return tcv_cli_fail("%s is not a .npy file: it is too short", npy->shape.name);
    }
    if (memcmp(head, magic, sizeof magic) != 0)
        return tcv_cli_fail("%s is not a .npy file: it does not begin with \"\\x93NUMPY\"",
                            npy->shape.name);
    if (head[6] < 1 || head[6] > 3 || head[7] != 0)
        return tcv_cli_fail("%s is a .npy file of version %d.%d; only 1.0, 2.0 and 3.0 are known",
                            npy->shape.name, head[6], head[7]);
    length_bytes = head[6] == 1 ? 2 : 4;
    if (fread(length, 1, length_bytes, npy->stream) != length_bytes)
        return fail_reading(npy);
    *length_out = (size_t)length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 |
                  (size_t)length[3] << 24;
    if (*length_out > MAX_HEADER_BYTES)
        return tcv_cli_fail("%s is not a usable .npy file: its header claims %zu bytes",
                            npy->shape.name, *length_out);
    return TCV_EXIT_OK;
}

/* Reads and judges the header of length bytes. */
static int read_header(struct tcv_npy *npy, size_t length)
{
    struct tcv_npy_header header;
    char text[MAX_HEADER_BYTES];
    const char *wrong;

    if (fread(text, 1, length, npy->stream) != length)
        return fail_reading(npy);
    wrong = tcv_npy_header_read(text, length, &header);
    if (wrong != NULL)
        return tcv_cli_fail("%s is not a usable .npy file: %s", npy->shape.name, wrong);
    if ((header.descr[0] != '<' && header.descr[0] != '>') ||
        (strcmp(header.descr + 1, "f4") != 0 && strcmp(header.descr + 1, "f8") != 0))
        return tcv_cli_fail("%s has elements of type \"%s\"; they must be float32 or float64 "
                            "(\"<f4\" or \"<f8\")",
                            npy->shape.name, header.descr);
    if (header.fortran_order)
        return tcv_cli_fail("%s is in Fortran order; it must be in C order "
                            "(numpy.ascontiguousarray)",
                            npy->shape.name);
    npy->dtype = header.descr[2] == '8' ? TCONV_F64 : TCONV_F32;
    npy->swapped = (header.descr[0] == '<') != host_is_little_endian();
    npy->shape.rank = header.rank;
    memcpy(npy->shape.size, header.size, sizeof npy->shape.size);
    return TCV_EXIT_OK;
}

/* Compares what the shape asks for with what the file has left. */
static int check_size(struct tcv_npy *npy, off_t file_bytes)
{
    char text[TCV_SHAPE_TEXT_BYTES];
    const off_t here = ftello(npy->stream);
    const off_t left = file_bytes - here;
    const int status = tcv_shape_bytes(&npy->shape, tcv_cli_dtype_bytes(npy->dtype), &npy->bytes);

    if (status != TCV_EXIT_OK)
        return status;
    if (here < 0 || left < 0 || (uintmax_t)left != npy->bytes)
        return tcv_cli_fail("%s %s: shape %s of %s takes %zu bytes after the header, "
                            "and the file has %" PRIdMAX,
                            npy->shape.name,
                            left >= 0 && (uintmax_t)left > npy->bytes ? "is too long"
                                                                      : "is cut short",
                            tcv_shape_text(&npy->shape, text), tcv_cli_dtype_name(npy->dtype),
                            npy->bytes, left > 0 ? (intmax_t)left : 0);
    return TCV_EXIT_OK;
}

int tcv_npy_open(struct tcv_npy *npy, const char *path)
{
    struct stat info;
    size_t header_bytes = 0;
    int status;

    memset(npy, 0, sizeof *npy);
    npy->shape.name = path;
    /* Asked before it is opened: to open a pipe would wait for its writer. */
    if (stat(path, &info) != 0)
        return tcv_cli_fail("cannot read %s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return tcv_cli_fail("cannot read %s: it is not a regular file", path);
    npy->stream = fopen(path, "rb");
    if (npy->stream == NULL)
        return tcv_cli_fail("cannot read %s: %s", path, strerror(errno));

    if ((status = read_preamble(npy, &header_bytes)) != TCV_EXIT_OK ||
        (status = read_header(npy, header_bytes)) != TCV_EXIT_OK ||
        (status = check_size(npy, info.st_size)) != TCV_EXIT_OK)
        tcv_npy_close(npy);
    return status;
}

/* Reverses the bytes of each element. */
static void swap_elements(unsigned char *data, size_t bytes, size_t element_bytes)
{
    for (size_t i = 0; i < bytes; i += element_bytes) {
        for (size_t low = i, high = i + element_bytes - 1; low < high; low++, high--) {
            const unsigned char kept = data[low];

            data[low] = data[high];
            data[high] = kept;
        }
    }
}

int tcv_npy_read(struct tcv_npy *npy, void **data_out)
{
    void *data;
    int status;

    *data_out = NULL;
    if (npy->bytes == 0)
        return TCV_EXIT_OK;
    data = malloc(npy->bytes);
    if (data == NULL)
        return tcv_cli_fail("out of memory: %s needs %zu bytes", npy->shape.name, npy->bytes);
    if (fread(data, 1, npy->bytes, npy->stream) != npy->bytes) {
        status = fail_reading(npy);
        free(data);
        return status;
    }
    if (npy->swapped)
        swap_elements(data, npy->bytes, tcv_cli_dtype_bytes(npy->dtype));
    *data_out = data;
    return TCV_EXIT_OK;
}

void tcv_npy_close(struct tcv_npy *npy)
{
    if (npy->stream != NULL)
        (void)fclose(npy->stream);
    npy->stream = NULL;
}

/*
 * NumPy wants the elements at a multiple of 64 and the header's last byte to be
 * a newline: magic, version and length take 10, blanks fill up the rest.  Five
 * sizes of 19 digits fit in twice 128.
 */
int tcv_npy_write(struct tcv_outfile *file, tconv_dtype dtype, const struct tcv_shape *shape,
                  const void *data)
{
    enum { PREAMBLE = 10, ALIGNMENT = 64 };
    char head[4 * ALIGNMENT];
    char text[TCV_SHAPE_TEXT_BYTES];
    size_t bytes;
    int used, padded, status;

    status = tcv_shape_bytes(shape, tcv_cli_dtype_bytes(dtype), &bytes);
    if (status != TCV_EXIT_OK)
        return status;
    used = snprintf(head + PREAMBLE, sizeof head - PREAMBLE,
                    "{'descr': '%cf%zu', 'fortran_order': False, 'shape': %s, }",
                    host_is_little_endian() ? '<' : '>', tcv_cli_dtype_bytes(dtype),
                    tcv_shape_text(shape, text)) +
           PREAMBLE;
    padded = (used + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    memset(head + used, ' ', (size_t)(padded - used));
    head[padded - 1] = '\n';
    memcpy(head, magic, sizeof magic);
    head[6] = 1;
    head[7] = 0;
    head[8] = (char)((padded - PREAMBLE) & 0xff);
    head[9] = (char)((padded - PREAMBLE) >> 8);

    status = tcv_outfile_write(file, head, (size_t)padded);
    return status != TCV_EXIT_OK ? status : tcv_outfile_write(file, data, bytes);
}
