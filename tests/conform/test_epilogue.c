/*
 * test_epilogue.c - every combination of bias, scale, shift, accumulation and
 * activation, where outputs overlap, where they do not, where gaps hold the
 * epilogue of nothing, and where channels are grouped
 */
#include "conform/cases.h"

static const char *const geometries[] = {
    "mb1ic3oc5_iw6kw4sw2pw1",            /* k = 2 * stride */
    "mb2ic2oc3_ih2kh2sh2_iw3kw2sw2",     /* no overlap */
    "mb1ic2oc3_ih2kh1sh3_iw3kw2sw3aw2",  /* gaps, and outputs past the span */
    "g2mb1ic4oc4_ih3kh3sh2ph1_iw3kw3sw2pw1",
    "mb1ic2oc18_iw4kw3sw1pw-2",          /* more channels than any vector */
};

static void set(tconv_epilogue *e, unsigned bits, int activation, int64_t channels)
{
    e->bias_length = bits & 1u ? channels : 0;
    e->scale_length = bits & 2u ? channels : 0;
    e->shift_length = bits & 4u ? channels : 0;
    e->accumulate = (bits & 8u) != 0;
    e->activation = (tconv_activation)activation;
    e->alpha = e->beta = 0.0;
    if (e->activation == TCONV_ACTIVATION_LEAKY_RELU)
        e->alpha = bits & 1u ? -1.5 : 0.25;
    if (e->activation == TCONV_ACTIVATION_CLIP) {
        e->alpha = -0.5;
        e->beta = bits & 1u ? -0.5 : 0.75;
    }
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "epilogue"};

    for (size_t i = 0; i < ARRAY_LEN(geometries); i++) {
        struct problem problem = problem_from(geometries[i]);

        for (unsigned bits = 0; bits < 16; bits++) {
            for (int act = TCONV_ACTIVATION_NONE; act <= TCONV_ACTIVATION_TANH; act++) {
                set(&problem.desc.epilogue, bits, act, problem_out_channels(&problem));
                conform_add(&suite, &problem, FILL_REAL, bits + 1, "");
            }
        }
    }
    return conform_run(&suite, argc, argv) != 0;
}
