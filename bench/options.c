#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "contestant.h"

static const char help[] =
    "tconv-bench - times transposed convolutions and what belongs to them: ours, and others'\n"
    "\n"
    "usage: tconv-bench --shapes FILE [OPTIONS]\n"
    "\n"
    "  --shapes FILE      the problems, one a line in benchdnn's notation\n"
    "  --filter REGEX     only those whose name matches this extended regular expression\n"
    "  --largest N        only the N with the most work\n"
    "  --op OPERATION     forward (the default), conv, backward-data or backward-weights\n"
    "  --threads N        threads of every contestant; 1 unless given\n"
    "  --peers LIST       whom to compare with, separated by commas: onednn, im2col\n"
    "  --algorithms WHICH auto (the default), all (each but the reference), or one by name\n"
    "  --layout ncx|nxc   channels before or after the spatial axes; ncx unless given\n"
    "  --dtype f32|f64    type of the elements; f32 unless given\n"
    "  --min-time S       seconds for which each contestant is timed at least; 0.3 unless given\n"
    "  --json FILE        writes the results there when all went well\n"
    "  --help, --version\n"
    "\n"
    "conv is the convolution back from the output's grid to the input's with the same weights,\n"
    "backward-data the same as a gradient (no bias), backward-weights the weights' gradient.\n"
    "\n"
    "Every result is checked first: ours against the definition (small results whole, of large\n"
    "ones parts), the peers' against ours.  Then all take turns, at least five each.\n"
    "\n"
    "A row shows: the problem's name and work, the algorithm, the median time and its rate, the\n"
    "limit (the larger of work / peak rate of multiply-adds and compulsory bytes / bandwidth of\n"
    "that many bytes, both measured between the turns) and the share of it that was reached; then\n"
    "per peer the median time and the ratio peer/ours, above 1 where ours is faster.  The last\n"
    "line has the geometric means over all rows.  The peers:\n"
    "  im2col          the textbook way: one GEMM of OpenBLAS for the whole column matrix, then a\n"
    "                  scalar scatter; forward only\n"
    "  onednn          Debian's libdnnl in the format it likes best, with the reorders of plain\n"
    "                  input and output; onednn_blocked is the same without the reorders\n"
    "\n"
    "examples:\n"
    "  tconv-bench --shapes bench/shapes/networks.txt\n"
    "  tconv-bench --shapes bench/shapes/networks.txt --filter '^dcgan' --peers onednn,im2col\n"
    "  tconv-bench --shapes bench/shapes/networks.txt --threads 2 --json two.json\n"
    "  tconv-bench --shapes bench/shapes/networks.txt --op backward-weights --largest 20\n"
    "\n"
    "exit status: 0 if all went well; 1 if a file cannot be used, memory lacks or a result is\n"
    "wrong; 2 for a wrong command line.\n";

static const struct option long_options[] = {
    {"shapes", required_argument, NULL, 's'},     {"filter", required_argument, NULL, 'f'},
    {"threads", required_argument, NULL, 't'},    {"peers", required_argument, NULL, 'p'},
    {"algorithms", required_argument, NULL, 'a'}, {"layout", required_argument, NULL, 'l'},
    {"dtype", required_argument, NULL, 'd'},      {"min-time", required_argument, NULL, 'm'},
    {"json", required_argument, NULL, 'j'},       {"op", required_argument, NULL, 'o'},
    {"largest", required_argument, NULL, 'n'},    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},          {NULL, 0, NULL, 0},
};

/* The word at *list as far as the next comma; moves past both.  NULL at the end. */
static const char *next_word(const char **list, size_t *length)
{
    const char *word = *list;

    if (word == NULL)
        return NULL;
    *length = strcspn(word, ",");
    *list = word[*length] == ',' ? word + *length + 1 : NULL;
    return word;
}

bool list_holds(const char *list, const char *word)
{
    size_t length;

    for (const char *w; (w = next_word(&list, &length)) != NULL;)
        if (length == strlen(word) && strncmp(w, word, length) == 0)
            return true;
    return false;
}

static bool check_peers(const char *list, struct reason *why)
{
    size_t length;

    for (const char *word; (word = next_word(&list, &length)) != NULL;) {
        bool known = false;

        for (size_t i = 0; peer_at(i) != NULL; i++)
            if (length == strlen(peer_at(i)->name) &&
                strncmp(word, peer_at(i)->name, length) == 0)
                known = true;
        if (!known)
            return deny(why, "--peers: \"%.*s\" is none of onednn, im2col", (int)length, word);
    }
    return true;
}

static bool check_algorithms(const char *word, struct reason *why)
{
    if (strcmp(word, "all") == 0)
        return true;
    for (int i = 0; tconv_algorithm_name((tconv_algorithm)i) != NULL; i++)
        if (strcmp(word, tconv_algorithm_name((tconv_algorithm)i)) == 0)
            return true;
    return deny(why, "--algorithms: \"%s\" is neither auto, all nor an algorithm", word);
}

static bool read_operation(const char *text, const struct operation **operation,
                           struct reason *why)
{
    for (size_t i = 0; (*operation = operation_at(i)) != NULL; i++)
        if (strcmp(text, (*operation)->name) == 0)
            return true;
    return deny(why, "--op: \"%s\" is none of forward, conv, backward-data, backward-weights",
                text);
}

static bool read_count(const char *option, const char *text, int *count, struct reason *why)
{
    char *end;
    const long value = strtol(text, &end, 10);

    if (end == text || *end != '\0' || value < 1 || value > 1024)
        return deny(why, "%s: \"%s\" is not a number from 1 to 1024", option, text);
    *count = (int)value;
    return true;
}

static bool read_min_time(const char *text, double *seconds, struct reason *why)
{
    char *end;
    const double value = strtod(text, &end);

    if (end == text || *end != '\0' || !(value >= 0.0 && value <= 3600.0))
        return deny(why, "--min-time: \"%s\" is not a number of seconds from 0 to 3600", text);
    *seconds = value;
    return true;
}

/* Which of two words the text is. */
static bool read_choice(const char *option, const char *text, const char *first,
                        const char *second, bool *second_out, struct reason *why)
{
    *second_out = strcmp(text, second) == 0;
    if (!*second_out && strcmp(text, first) != 0)
        return deny(why, "%s: \"%s\" is neither %s nor %s", option, text, first, second);
    return true;
}

static bool read_option(int letter, struct options *o, struct reason *why)
{
    bool second = false, good = true;

    switch (letter) {
    case 's': o->shapes = optarg; break;
    case 'f': o->filter = optarg; break;
    case 'j': o->json = optarg; break;
    case 't': return read_count("--threads", optarg, &o->threads, why);
    case 'n': return read_count("--largest", optarg, &o->largest, why);
    case 'o': return read_operation(optarg, &o->operation, why);
    case 'm': return read_min_time(optarg, &o->min_time, why);
    case 'p': o->peers = optarg; return check_peers(optarg, why);
    case 'a': o->algorithms = optarg; return check_algorithms(optarg, why);
    case 'l':
        good = read_choice("--layout", optarg, "ncx", "nxc", &second, why);
        o->layout = second ? TCONV_NXC : TCONV_NCX;
        break;
    case 'd':
        good = read_choice("--dtype", optarg, "f32", "f64", &second, why);
        o->dtype = second ? TCONV_F64 : TCONV_F32;
        break;
    default: break;
    }
    return good;
}

enum options_result options_read(int argc, char **argv, struct options *options,
                                 struct reason *why)
{
    int letter;

    *options = (struct options){.algorithms = "auto", .operation = operation_at(0), .threads = 1,
                                .min_time = 0.3, .dtype = TCONV_F32, .layout = TCONV_NCX};
    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
        switch (letter) {
        case 'h': fputs(help, stdout); return OPTIONS_DONE;
        case 'v': printf("tconv-bench %s\n", tconv_version()); return OPTIONS_DONE;
        case ':': deny(why, "%s needs a value", argv[optind - 1]); return OPTIONS_WRONG;
        case '?':
            if (strncmp(argv[optind - 1], "--", 2) == 0)
                deny(why, "%s is no option, or an ambiguous one; see --help", argv[optind - 1]);
            else
                deny(why, "-%c is no option; see --help", optopt);
            return OPTIONS_WRONG;
        default:
            if (!read_option(letter, options, why))
                return OPTIONS_WRONG;
        }
    }
    if (optind < argc) {
        deny(why, "\"%s\" is not understood; see --help", argv[optind]);
        return OPTIONS_WRONG;
    }
    if (options->shapes == NULL) {
        deny(why, "--shapes is needed; see --help");
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}
