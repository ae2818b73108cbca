/*
 * im2col_scatter.h - the scatter of peer_im2col.c, a template without include guard
 *
 * Defines for SCATTER_TYPE, on one image and one group,
 *
 *     SCATTER_NCX   y[oc / g][od][oh][ow] += cols[oc / g][kd][kh][kw][id][ih][iw]
 *     SCATTER_NXC   y[od][oh][ow][oc]     += cols[id][ih][iw][kd][kh][kw][oc / g]
 *
 * in the manner of PyTorch's col2im and vol2im: one scalar addition after another, in the order of
 * the columns, each behind the question whether it lands inside.
 */

static void SCATTER_NCX(const struct shape *s, const SCATTER_TYPE *cols, SCATTER_TYPE *y)
{
    const int64_t taps = s->k[0] * s->k[1] * s->k[2];

    for (int64_t row = 0; row < s->ocg * taps; row++) {
        const int64_t kw = row % s->k[2];
        const int64_t kh = row / s->k[2] % s->k[1];
        const int64_t kd = row / s->k[2] / s->k[1] % s->k[0];
        SCATTER_TYPE *plane = y + row / taps * s->o[0] * s->o[1] * s->o[2];

        for (int64_t id = 0; id < s->i[0]; id++) {
            const int64_t od = id * s->s[0] - s->p[0] + kd * s->d[0];

            for (int64_t ih = 0; ih < s->i[1]; ih++) {
                const int64_t oh = ih * s->s[1] - s->p[1] + kh * s->d[1];

                for (int64_t iw = 0; iw < s->i[2]; iw++) {
                    const int64_t ow = iw * s->s[2] - s->p[2] + kw * s->d[2];

                    if (od >= 0 && od < s->o[0] && oh >= 0 && oh < s->o[1] && ow >= 0 &&
                        ow < s->o[2])
                        plane[(od * s->o[1] + oh) * s->o[2] + ow] +=
                            cols[((row * s->i[0] + id) * s->i[1] + ih) * s->i[2] + iw];
                }
            }
        }
    }
}

/* All taps of the input position id, ih, iw; cols are its own. */
static void SCATTER_ONE(const struct shape *s, int64_t id, int64_t ih, int64_t iw,
                        const SCATTER_TYPE *cols, SCATTER_TYPE *y)
{
    for (int64_t kd = 0; kd < s->k[0]; kd++) {
        for (int64_t kh = 0; kh < s->k[1]; kh++) {
            for (int64_t kw = 0; kw < s->k[2]; kw++, cols += s->ocg) {
                const int64_t od = id * s->s[0] - s->p[0] + kd * s->d[0];
                const int64_t oh = ih * s->s[1] - s->p[1] + kh * s->d[1];
                const int64_t ow = iw * s->s[2] - s->p[2] + kw * s->d[2];

                if (od < 0 || od >= s->o[0] || oh < 0 || oh >= s->o[1] || ow < 0 ||
                    ow >= s->o[2])
                    continue;
                for (int64_t c = 0; c < s->ocg; c++)
                    y[((od * s->o[1] + oh) * s->o[2] + ow) * s->oc + c] += cols[c];
            }
        }
    }
}

static void SCATTER_NXC(const struct shape *s, const SCATTER_TYPE *cols, SCATTER_TYPE *y)
{
    const int64_t step = s->k[0] * s->k[1] * s->k[2] * s->ocg;

    for (int64_t id = 0; id < s->i[0]; id++)
        for (int64_t ih = 0; ih < s->i[1]; ih++)
            for (int64_t iw = 0; iw < s->i[2]; iw++, cols += step)
                SCATTER_ONE(s, id, ih, iw, cols, y);
}

/* y[..] += bias[channel], in either layout: `inner` elements of a channel lie together. */
static void ADD_BIAS(int64_t outer, int64_t channels, int64_t inner, const SCATTER_TYPE *bias,
                     SCATTER_TYPE *y)
{
    for (int64_t n = 0; n < outer; n++)
        for (int64_t c = 0; c < channels; c++)
            for (int64_t i = 0; i < inner; i++)
                *y++ += bias[c];
}

#undef SCATTER_TYPE
#undef SCATTER_NCX
#undef SCATTER_NXC
#undef SCATTER_ONE
#undef ADD_BIAS
