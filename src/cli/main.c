/*
 * main.c - the command `tconv`: finds the sub-command
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const char help[] =
    "Usage: tconv SUBCOMMAND [ARGUMENTS]\n"
    "       tconv --version | --help\n"
    "\n"
    "Transposed convolution (conv_transpose, \"deconvolution\") on CPUs.\n"
    "\n"
    "Sub-commands:\n"
    "  run       compute one on arrays in .npy files\n"
    "  info      say how one would be computed: algorithm, FLOPs, memory\n"
    "  upscale   enlarge a PNG picture with the bilinear kernel\n"
    "\n"
    "Options:\n"
    "  --version   print the version of the library\n"
    "  --help      print this text; tconv SUBCOMMAND --help says more\n"
    "\n"
    "Examples:\n"
    "  tconv run --input x.npy --weight w.npy --output y.npy --stride 2 --pad 1\n"
    "  tconv info --input-shape 1,256,32,32 --weight-shape 256,128,4,4 --stride 2\n"
    "  tconv upscale in.png out.png --scale 4\n"
    "\n"
    "Exit status:\n"
    "  0  done\n"
    "  1  failed; one line on standard error says why\n"
    "  2  wrong command line; likewise\n"
    "An output file is complete or absent.\n";

static int print_version(void)
{
    char line[64];

    (void)snprintf(line, sizeof line, "tconv %s\n", tconv_version());
    return tcv_cli_print(line);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;

    /* A file that may not grow further is then a failed write, not a death. */
    (void)signal(SIGXFSZ, SIG_IGN);

    if (word == NULL)
        return tcv_cli_usage("no sub-command; there are run, info and upscale (see tconv --help)");
    if (strcmp(word, "run") == 0)
        return tcv_cli_run(argc - 1, argv + 1);
    if (strcmp(word, "info") == 0)
        return tcv_cli_info(argc - 1, argv + 1);
    if (strcmp(word, "upscale") == 0)
        return tcv_cli_upscale(argc - 1, argv + 1);
    if (strcmp(word, "--help") != 0 && strcmp(word, "-h") != 0 && strcmp(word, "--version") != 0)
        return tcv_cli_usage("there is no %s \"%s\"; there are run, info and upscale "
                             "(see tconv --help)",
                             word[0] == '-' ? "option" : "sub-command", word);
    if (argc > 2)
        return tcv_cli_usage("%s takes no argument, and \"%s\" follows it", word, argv[2]);
    return strcmp(word, "--version") == 0 ? print_version() : tcv_cli_print(help);
}
