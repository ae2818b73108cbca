/*
 * test_tiles.c - problems of many tiles, whose seams must not show
 *
 * Each has more columns (taps * C_out * inputs) than a tile can hold, along one
 * axis or several, or through its channels or its batch.
 */
#include "conform/cases.h"

static const char *const problems[] = {
    "mb1ic24oc32_ih33kh4sh2ph1_iw41kw4sw2pw1+bias",
    "mb1ic40oc24_ih47kh3sh2ph1_iw29kw3sw2pw1aw1",
    "mb1ic16oc8_iw9000kw4sw2pw1+bias+leaky:0.25",
    "mb1ic24oc12_iw700kw16sw8pw4",
    "mb1ic48oc16_ih5kh2sh2_iw1200kw2sw2",
    "mb2ic24oc560_ih21kh2sh2_iw19kw2sw2+bias",
    "g2mb1ic40oc96_id5kd2sd2_ih14kh3sh3ph1_iw23kw2sw2pw1+scale+shift",
    "mb1ic16oc16_ih300kh3sh2dh1ph2_iw7kw3sw2dw1pw2",
    "mb1ic8oc8_id9kd3sd2pd1_ih17kh4sh2ph1_iw18kw3sw2pw1+scale+shift",
    "mb40ic24oc16_ih7kh4sh2ph1_iw9kw4sw2pw1+bias",
    "mb300ic16oc24_ih2kh4sh2ph1_iw2kw4sw2pw1+relu",
    "g4mb1ic32oc32_ih45kh4sh2ph1_iw40kw4sw2pw1+acc",
    "mb1ic520oc24_ih6kh4sh2ph1_iw7kw4sw2pw1",
    "mb1ic12oc600_ih6kh3sh2ph1_iw9kw3sw2pw1",
    "mb1ic16oc2_iw300kw256sw64+bias",
    "mb1ic3oc2_ih30kh9sh3ph4_iw90kw9sw3pw4",
    "mb1ic64oc32_ih30kh3ph1_iw34kw3pw1",
    "mb1ic32oc16_ih64kh2sh4_iw40kw2sw3+bias",
    "mb1ic64oc4_iw5000kw1+bias",
    "mb1ic40oc24_ih37kh5sh2ph2_iw29kw5sw2pw2+bias",
    "mb1ic24oc16_ih20kh6sh2ph2_iw23kw3sw2pw1aw1+scale+shift",
    "mb2ic32oc20_iw1500kw7sw3pw2+relu",
    "mb1ic12oc8_id7kd3sd2pd1_ih11kh5sh2ph2_iw12kw4sw2pw1+acc",
    "mb1ic1200oc24_ih6kh3sh2ph1_iw7kw5sw2pw2",
    "g300mb1ic300oc300_ih31kh3sh2ph1_iw37kw4sw2pw1+bias",
    "g5mb2ic5oc5_ih40kh5sh2ph2_iw900kw5sw2pw2+relu",
    "g2mb1ic2oc2_ih128kh8sh8_iw128kw8sw8",
    "g3mb1ic3oc3_ih700kh4sh2ph1_iw25kw4sw2pw1+bias",
    "g3mb1ic3oc3_id9kd3sd2pd1_ih50kh4sh2ph1_iw70kw16sw8pw4+scale+shift+acc",
};

int main(int argc, char **argv)
{
    struct suite suite = {.name = "tiles"};

    for (size_t i = 0; i < ARRAY_LEN(problems); i++) {
        const struct problem problem = problem_from(problems[i]);

        conform_add_large(&suite, &problem);
    }
    return conform_run(&suite, argc, argv) != 0;
}
