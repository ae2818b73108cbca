#include "support/table.h"

#include "support/check.h"

/*
 * The layers of networks.txt with their kernels, strides, dilations, groups
 * and crops, but with a sixteenth of the channels and a few inputs per axis; an
 * output o has become o - (inputs left out) * stride, which keeps the crop at
 * the end.  Of istft_k4096 the kernel and the stride are a sixty-fourth, of
 * fcn32s a half.
 */
const char *const network_problems[] = {
    "mb1ic64oc32_ih4oh8kh4sh2ph1_iw4ow8kw4sw2pw1_n\"dcgan_l2\"",
    "mb1ic32oc16_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"dcgan_l3\"",
    "mb1ic16oc8_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"dcgan_l4\"",
    "mb1ic8oc3_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"dcgan_l5\"",
    "mb3ic32oc16_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"dcgan_l3_n32\"",
    "mb1ic64oc32_ih5oh10kh2sh2_iw6ow12kw2sw2_n\"unet_up1\"",
    "mb1ic32oc16_ih5oh10kh2sh2_iw6ow12kw2sw2_n\"unet_up2\"",
    "mb1ic8oc4_ih5oh10kh2sh2_iw6ow12kw2sw2_n\"unet_up4\"",
    "mb1ic32oc8_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"pix2pix_d5\"",
    "mb1ic8oc3_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"pix2pix_out\"",
    "mb1ic3oc3_ih5oh12kh4sh2_iw6ow14kw4sw2_n\"fcn8s_s2\"",
    "mb1ic3oc3_ih3oh32kh16sh8_iw3ow32kw16sw8_n\"fcn8s_s8\"",
    "mb1ic3oc1_ih5oh15kh9sh3ph4_iw6ow18kw9sw3pw4_n\"fsrcnn_x3\"",
    "mb1ic16oc3_ih5oh6kh4sh2ph3_iw6ow8kw4sw2pw3_n\"waifu2x_up7\"",
    "mb1ic128oc16_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"pose_d1\"",
    "mb1ic16oc16_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"pose_d3\"",
    "mb3ic16oc16_ih5oh10kh2sh2_iw6ow12kw2sw2_n\"maskrcnn\"",
    "mb1ic32oc32_ih5oh11kh3sh2_iw6ow13kw3sw2_n\"styleup_k3\"",
    "mb1ic16oc16_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"small_16_16\"",
    "mb1ic2oc2_ih5oh10kh3sh2ph1_iw6ow12kw3sw2pw1_n\"small_32_32\"",
    "g6mb1ic6oc6_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"dla_dw\"",
    "g8mb1ic16oc16_ih5oh10kh4sh2ph1_iw6ow12kw4sw2pw1_n\"grouped_g8\"",
    "mb1ic32oc16_iw13ow104kw16sw8pw4_n\"hifigan_u1\"",
    "mb1ic16oc8_iw13ow104kw16sw8pw4_n\"hifigan_u2\"",
    "mb1ic8oc4_iw13ow26kw4sw2pw1_n\"hifigan_u3\"",
    "mb1ic4oc2_iw13ow26kw4sw2pw1_n\"hifigan_u4\"",
    "mb1ic48oc24_iw13ow52kw8sw4pw2_n\"demucs_up\"",
    "mb1ic16oc8_id3od6kd2sd2_ih3oh6kh2sh2_iw4ow8kw2sw2_n\"vnet_up\"",
    "mb1ic16oc8_id3od6kd4sd2pd1_ih3oh6kh4sh2ph1_iw4ow8kw4sw2pw1_n\"gan3d_l3\"",
    "mb1ic4oc4_ih5oh5kh3ph1_iw6ow6kw3pw1_n\"s1_k3\"",
    "mb1ic4oc4_ih5oh10kh3sh2dh1ph2_iw6ow12kw3sw2dw1pw2_n\"dilated\"",
    "mb1ic24oc1_iw13ow256kw64sw16_n\"istft_k4096\"",
    "g6mb1ic6oc6_iw13ow52kw8sw4pw2_n\"dw1d_up4\"",
    "mb1ic3oc2_ih2oh48kh32sh16_iw2ow48kw32sw16_n\"fcn32s\"",
    "mb1ic4oc4_ih5oh18kh2sh4_iw6ow22kw2sw4_n\"sparse_s4_k2\"",
    "mb1ic4oc2_id3od6kd2sd2_ih3oh6kh2sh2_iw4ow8kw2sw2_n\"unet3d_up\"",
    "mb1ic8oc4_ih4oh8kh3sh2ph1_iw4ow8kw3sw2pw1_n\"tiny_4x4\"",
};

const size_t network_count = ARRAY_LEN(network_problems);
