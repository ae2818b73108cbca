/* The worked example of docs/math.md, through the installed package. */
#include <stdio.h>
#include <string.h>
#include <tconv/tconv.h>

int main(void)
{
    static const float x[] = {1, 2, 3, 4}, w[] = {0, 1, 1, 0};
    static const float want[] = {0, 1, 2, 1, 5, 4, 3, 4, 0};
    static const int64_t in_size[] = {1, 1, 2, 2};
    float y[9];
    int64_t out_size[4];
    tconv_tensor tx, tw, ty;
    tconv_error error = {TCONV_OK, ""};
    tconv_desc desc = tconv_desc_default(2);
    tconv_buffers buffers = tconv_buffers_default();

    buffers.input = x;
    buffers.output = y;
    if (tconv_tensor_dense(&tx, TCONV_F32, TCONV_NCX, 4, in_size, &error) ||
        tconv_tensor_dense(&tw, TCONV_F32, TCONV_NCX, 4, in_size, &error) ||
        tconv_output_shape(&desc, &tx, &tw, out_size, &error) ||
        tconv_tensor_dense(&ty, TCONV_F32, TCONV_NCX, 4, out_size, &error) ||
        tconv_conv_transpose(&desc, &tx, &tw, &ty, NULL, w, &buffers, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    for (int i = 0; i < 9; i++)
        printf("%g%c", (double)y[i], i % 3 == 2 ? '\n' : ' ');
    return out_size[2] != 3 || out_size[3] != 3 || memcmp(y, want, sizeof want) != 0;
}
