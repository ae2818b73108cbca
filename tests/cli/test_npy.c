/*
 * test_npy.c - .npy files of every kind that is read, and those that are not
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/array.h"
#include "cli/command.h"
#include "cli/folder.h"

#define RUN "run --input x.npy --weight w.npy --output y.npy"

static struct array array;
static struct command command;

/* A kernel of one tap of 1: the output is the input. */
static void put_identity(const char *descr)
{
    array_count_up(&array, descr, "1,1,1");
    array_write("w.npy", &array);
}

#define F4 "'descr': '<f4'"
#define C_ORDER "'fortran_order': False"
#define SHAPE "'shape': (1, 1, 3)"

/* Headers that Python reads as the same dictionary, and the format's versions. */
struct good {
    int version;
    const char *header;
};

static const struct good good[] = {
    {1, "{" F4 ", " C_ORDER ", " SHAPE ", }"},
    {2, "{" F4 ", " C_ORDER ", " SHAPE ", }"},
    {3, "{" F4 ", " C_ORDER ", " SHAPE ", }"},
    {1, "{" F4 ", " C_ORDER ", " SHAPE "}"},
    {1, "{" SHAPE ", " C_ORDER ", " F4 "}"},
    {1, "{\"descr\":\"<f4\",\"fortran_order\":False,\"shape\":(1,1,3,)}"},
    {1, " { 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 1 , 1 , 3 ) } "},
};

static void is_read(void **state)
{
    static const float x[] = {1, 2, 3};
    const struct good *const row = *state;

    put_identity("<f4");
    array_write_raw("x.npy", row->version, row->header, x, sizeof x);
    command_run(&command, RUN);
    assert_succeeded(&command);
    array_count_up(&array, "<f4", "1,1,3");
    assert_array("y.npy", &array);
}

static void big_endian_is_read(void **state)
{
    static const unsigned char f4[] = {0x3f, 0x80, 0, 0, 0x40, 0, 0, 0, 0x40, 0x40, 0, 0};
    static const unsigned char f8[] = {0x3f, 0xf0, 0, 0, 0,    0,    0, 0, 0x40, 0, 0, 0,
                                       0,    0,    0, 0, 0x40, 0x08, 0, 0, 0,    0, 0, 0};

    (void)state;
    put_identity("<f4");
    array_write_raw("x.npy", 1, "{'descr': '>f4', " C_ORDER ", " SHAPE ", }", f4, sizeof f4);
    command_run(&command, RUN);
    assert_succeeded(&command);
    array_count_up(&array, "<f4", "1,1,3");
    assert_array("y.npy", &array);
    put_identity("<f8");
    array_write_raw("x.npy", 1, "{'descr': '>f8', " C_ORDER ", " SHAPE ", }", f8, sizeof f8);
    command_run(&command, RUN);
    assert_succeeded(&command);
    array_count_up(&array, "<f8", "1,1,3");
    assert_array("y.npy", &array);
}

/* Headers before 12 bytes of data that must be refused. */
struct bad {
    int version;
    const char *header;
    const char *text;
};

static const struct bad bad[] = {
    {4, "{" F4 ", " C_ORDER ", " SHAPE ", }", "version 4.0"},
    {0, "{" F4 ", " C_ORDER ", " SHAPE ", }", "version 0.0"},
    {1, "", "not a dictionary"},
    {1, "[]", "not a dictionary"},
    {1, "{}", "lacks descr"},
    {1, "{" F4 ", " C_ORDER ", }", "lacks descr"},
    {1, "{" F4 ", " SHAPE ", }", "lacks descr"},
    {1, "{" C_ORDER ", " SHAPE ", }", "lacks descr"},
    {1, "{" F4 ", " F4 ", " C_ORDER ", " SHAPE ", }", "a key twice"},
    {1, "{" F4 ", " C_ORDER ", " SHAPE ", 'more': 1}", "none of descr"},
    {1, "{" F4 " " C_ORDER ", " SHAPE ", }", "lacks a comma"},
    {1, "{" F4 ", " C_ORDER ", " SHAPE ", } x", "follows the dictionary"},
    {1, "{" F4 ", " C_ORDER ", " SHAPE ",", "not a dictionary"},
    {1, "{" F4 ", " C_ORDER ", 'shape", "not a dictionary"},
    {1, "{'descr': '<f4", "plain type"},
    {1, "{'descr': [('a', '<f4')], " C_ORDER ", " SHAPE ", }", "plain type"},
    {1, "{'descr': '<f\\x34', " C_ORDER ", " SHAPE ", }", "plain type"},
    {1, "{'descr': '<i8', " C_ORDER ", " SHAPE ", }", "\"<i8\"; they must be float32"},
    {1, "{'descr': '<f2', " C_ORDER ", " SHAPE ", }", "\"<f2\""},
    {1, "{'descr': '<c8', " C_ORDER ", " SHAPE ", }", "\"<c8\""},
    {1, "{'descr': '|O', " C_ORDER ", " SHAPE ", }", "\"|O\""},
    {1, "{'descr': '=f4', " C_ORDER ", " SHAPE ", }", "\"=f4\""},
    {1, "{'descr': 'f4', " C_ORDER ", " SHAPE ", }", "\"f4\""},
    {1, "{'descr': '', " C_ORDER ", " SHAPE ", }", "\"\""},
    {1, "{" F4 ", 'fortran_order': True, " SHAPE ", }", "Fortran order"},
    {1, "{" F4 ", 'fortran_order': 0, " SHAPE ", }", "neither True nor False"},
    {1, "{" F4 ", " C_ORDER ", 'shape': 3, }", "not a tuple"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (3), }", "not a tuple"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, , 3), }", "not a tuple"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 1, -3), }", "not a tuple"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 1, 3.0), }", "not a tuple"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 1, 9223372036854775808), }", "not a tuple"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 1, 1, 1, 1, 3), }", "more than 5"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 1, 9223372036854775807), }", "than memory can hold"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (4294967296, 4294967296, 3), }", "than memory can hold"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 1, 4), }", "cut short"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 1000000, 1000000), }", "cut short"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 1, 2), }", "too long"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 0, 3), }", "too long"},
    {1, "{'descr': '<f8', " C_ORDER ", " SHAPE ", }", "cut short"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (3,), }", "dimensions"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 1, 1, 3), }", "same number of dimensions"},
    {1, "{" F4 ", " C_ORDER ", 'shape': (1, 3, 1), }", "x.npy with w.npy: "},
};

static void is_refused(void **state)
{
    static const float x[] = {1, 2, 3};
    const struct bad *const row = *state;

    put_identity("<f4");
    array_write_raw("x.npy", row->version, row->header, x, sizeof x);
    command_run(&command, RUN);
    assert_refused(&command, 1, row->text);
    assert_non_null(strstr(command.err, "x.npy"));
    assert_int_equal(folder_count(), 2);
}

/* However short a file is cut, it is refused; so is one byte too many. */
static void every_cut_is_refused(void **state)
{
    static unsigned char whole[512];
    size_t bytes;

    (void)state;
    put_identity("<f4");
    array_count_up(&array, "<f4", "1,1,3");
    array_write("x.npy", &array);
    bytes = folder_read("x.npy", whole, sizeof whole);
    for (size_t cut = 0; cut <= bytes + 1; cut++) {
        if (cut == bytes)
            continue;
        folder_write("x.npy", whole, cut);
        command_run(&command, RUN);
        assert_refused(&command, 1, "x.npy");
        assert_int_equal(folder_count(), 2);
    }
}

/* A length of the header that no file has is refused before it is believed. */
static void header_length_is_not_believed(void **state)
{
    static const unsigned char file[] = "\x93NUMPY\x02\x00\xff\xff\xff\x7f{'descr': ";

    (void)state;
    put_identity("<f4");
    folder_write("x.npy", file, sizeof file - 1);
    command_run(&command, RUN);
    assert_refused(&command, 1, "its header claims 2147483647 bytes");
}

static void other_files_are_refused(void **state)
{
    (void)state;
    put_identity("<f4");
    command_run(&command, RUN);
    assert_refused(&command, 1, "cannot read x.npy: No such file");
    folder_write("x.npy", "PK\x03\x04 a zip, or .npz", 19);
    command_run(&command, RUN);
    assert_refused(&command, 1, "x.npy is not a .npy file");
    command_run(&command, "run --input . --weight w.npy --output y.npy");
    assert_refused(&command, 1, "cannot read .: it is not a regular file");
    assert_int_equal(mkfifo(folder_path("pipe"), 0600), 0); /* and nobody writes to it */
    command_run(&command, "run --input pipe --weight w.npy --output y.npy");
    assert_refused(&command, 1, "cannot read pipe: it is not a regular file");
    assert_false(folder_has("y.npy"));
}

static void types_must_agree(void **state)
{
    (void)state;
    put_identity("<f4");
    array_count_up(&array, "<f8", "1,1,3");
    array_write("x.npy", &array);
    command_run(&command, RUN);
    assert_refused(&command, 1, "x.npy holds float64 and w.npy holds float32");
    put_identity("<f8");
    array_count_up(&array, "<f4", "1");
    array_write("b.npy", &array);
    command_run(&command, RUN " --bias b.npy");
    assert_refused(&command, 1, "x.npy holds float64 and b.npy holds float32");
    array_count_up(&array, "<f4", "1,1,3");
    array_write("y.npy", &array);
    command_run(&command, RUN " --accumulate");
    assert_refused(&command, 1, "x.npy holds float64 and y.npy holds float32");
    assert_array("y.npy", &array); /* what was there is still there */
}

static void bias_and_old_output_must_fit(void **state)
{
    (void)state;
    put_identity("<f4");
    array_count_up(&array, "<f4", "1,1,3");
    array_write("x.npy", &array);
    command_run(&command, RUN " --accumulate");
    assert_refused(&command, 1, "cannot read y.npy: No such file");
    array_count_up(&array, "<f4", "2");
    array_write("b.npy", &array);
    command_run(&command, RUN " --bias b.npy");
    assert_refused(&command, 1, "b.npy has shape (2,); the bias must have shape (1,)");
    array_count_up(&array, "<f4", "1,1");
    array_write("b.npy", &array);
    command_run(&command, RUN " --bias b.npy");
    assert_refused(&command, 1, "b.npy has shape (1, 1)");
    assert_false(folder_has("y.npy"));
    array_count_up(&array, "<f4", "1,3,1");
    array_write("y.npy", &array);
    command_run(&command, RUN " --accumulate");
    assert_refused(&command, 1, "y.npy has shape (1, 3, 1); to be added to it must have shape");
    assert_array("y.npy", &array);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "cli_npy"};

#define ADD(test) suite_add(&suite, test, folder_setup, folder_teardown, NULL, "cli/npy/" #test)
    command_take_path(&argc, argv);
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        suite_add(&suite, is_read, folder_setup, folder_teardown, (void *)&good[i],
                  "cli/npy/%d.0 %s", good[i].version, good[i].header);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        suite_add(&suite, is_refused, folder_setup, folder_teardown, (void *)&bad[i],
                  "cli/npy/not %d.0 %s", bad[i].version, bad[i].header);
    ADD(big_endian_is_read);
    ADD(every_cut_is_refused);
    ADD(header_length_is_not_believed);
    ADD(other_files_are_refused);
    ADD(types_must_agree);
    ADD(bias_and_old_output_must_fit);
    return suite_run(&suite, argc, argv) != 0;
}
