/*
 * test_help.c - the help, and that the manual page says the same
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tconv/tconv.h>

#include "cli/command.h"
#include "cli/folder.h"

static const char *const subcommands[] = {"run", "info", "upscale"};
static struct command command;
static char manual[1 << 16];

static void version(void **state)
{
    char want[64];

    (void)state;
    (void)snprintf(want, sizeof want, "tconv %s\n", tconv_version());
    command_run(&command, "--version");
    assert_succeeded(&command);
    assert_string_equal(command.out, want);
}

static void is_helpful(const char *words, const char *usage)
{
    command_run(&command, words);
    assert_succeeded(&command);
    assert_int_equal(strncmp(command.out, usage, strlen(usage)), 0);
    assert_non_null(strstr(command.out, "\nExamples:\n  tconv "));
    assert_non_null(strstr(command.out, "\nExit status:"));
    for (const char *line = command.out; *line != '\0'; line = strchr(line, '\n') + 1)
        assert_true(strcspn(line, "\n") <= 80);
}

static void help(void **state)
{
    (void)state;
    is_helpful("--help", "Usage: tconv SUBCOMMAND ");
    is_helpful("-h", "Usage: tconv SUBCOMMAND ");
    for (size_t i = 0; i < ARRAY_LEN(subcommands); i++)
        assert_non_null(strstr(command.out, subcommands[i]));
}

static void subcommand_help(void **state)
{
    const char *const name = *state;
    char words[64];
    char usage[64];

    (void)snprintf(usage, sizeof usage, "Usage: tconv %s ", name);
    (void)snprintf(words, sizeof words, "%s --help", name);
    is_helpful(words, usage);
    (void)snprintf(words, sizeof words, "%s -h", name);
    is_helpful(words, usage);
    /* Help is given whatever else is missing. */
    (void)snprintf(words, sizeof words, "%s --threads 2 --help nonsense", name);
    is_helpful(words, usage);
}

/* The name of the option that stands at text, which begins with "--". */
static size_t option_length(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz-");
}

/* Whether "Fl -NAME" stands in the manual as a whole word. */
static bool manual_has(const char *name, size_t length)
{
    char wanted[64];
    const size_t wanted_length =
        (size_t)snprintf(wanted, sizeof wanted, "Fl -%.*s", (int)length, name);

    for (const char *at = manual; (at = strstr(at, wanted)) != NULL; at++) {
        if (option_length(at + wanted_length) == 0)
            return true;
    }
    return false;
}

/* Every option of the help is in the manual. */
static void manual_has_every_option(void **state)
{
    int options = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(subcommands); i++) {
        char words[64];

        (void)snprintf(words, sizeof words, "%s --help", subcommands[i]);
        command_run(&command, words);
        for (const char *at = command.out; (at = strstr(at, "--")) != NULL; options++) {
            const size_t length = option_length(at + 2);

            if (!manual_has(at + 2, length))
                fail_msg("%s --help says --%.*s, docs/tconv.1 does not", subcommands[i],
                         (int)length, at + 2);
            at += 2 + length;
        }
    }
    assert_true(options > 40);
}

/* Every option of the manual is in some help. */
static void manual_has_no_other(void **state)
{
    static char helps[1 << 16];

    (void)state;
    helps[0] = '\0';
    for (size_t i = 0; i <= ARRAY_LEN(subcommands); i++) {
        char words[64];

        (void)snprintf(words, sizeof words, "%s --help",
                       i < ARRAY_LEN(subcommands) ? subcommands[i] : "");
        command_run(&command, words);
        strncat(helps, command.out, sizeof helps - strlen(helps) - 1);
    }
    for (const char *at = manual; (at = strstr(at, "Fl -")) != NULL;) {
        const size_t length = option_length(at + 4);
        char option[64];

        (void)snprintf(option, sizeof option, "--%.*s", (int)length, at + 4);
        if (strstr(helps, option) == NULL)
            fail_msg("docs/tconv.1 says %s, no --help does", option);
        at += 4 + length;
    }
}

static bool read_manual(const char *path)
{
    FILE *const file = fopen(path, "r");

    if (file == NULL)
        return false;
    manual[fread(manual, 1, sizeof manual - 1, file)] = '\0';
    return fclose(file) == 0;
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "cli_help"};

#define ADD(test) suite_add(&suite, test, folder_setup, folder_teardown, NULL, "cli/help/" #test)
    command_take_path(&argc, argv);
    if (argc < 2 || !read_manual(argv[1])) {
        (void)fprintf(stderr, "there is no manual page\n");
        return 1;
    }
    ADD(version);
    ADD(help);
    for (size_t i = 0; i < ARRAY_LEN(subcommands); i++)
        suite_add(&suite, subcommand_help, folder_setup, folder_teardown,
                  (void *)(uintptr_t)subcommands[i], "cli/help/%s", subcommands[i]);
    ADD(manual_has_every_option);
    ADD(manual_has_no_other);
    return suite_run(&suite, argc - 1, argv + 1) != 0;
}
