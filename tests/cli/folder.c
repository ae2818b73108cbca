/*
 * folder.c - an empty folder for each test
 */
#include "cli/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/check.h"

static char folder[64];

int folder_setup(void **state)
{
    (void)state; /* kept: it is the test's own */
    strcpy(folder, "/tmp/tconv-cli-XXXXXX");
    return mkdtemp(folder) == NULL;
}

/* Calls visit for every entry; returns how many there are. */
static int each_entry(void (*visit)(const char *name))
{
    DIR *const directory = opendir(folder);
    const struct dirent *entry;
    int count = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (visit != NULL)
            visit(entry->d_name);
    }
    (void)closedir(directory);
    return count;
}

static void remove_entry(const char *name)
{
    (void)remove(folder_path(name));
}

int folder_teardown(void **state)
{
    (void)state;
    (void)each_entry(remove_entry);
    return rmdir(folder);
}

const char *folder_path(const char *name)
{
    static char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

void folder_write(const char *name, const void *data, size_t bytes)
{
    FILE *const file = fopen(folder_path(name), "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

size_t folder_read(const char *name, void *data, size_t capacity)
{
    FILE *const file = fopen(folder_path(name), "rb");
    size_t bytes;

    if (file == NULL)
        fail_msg("%s is not there", name);
    bytes = fread(data, 1, capacity, file);
    assert_int_equal(fgetc(file), EOF);
    (void)fclose(file);
    return bytes;
}

int folder_has(const char *name)
{
    struct stat about;

    return lstat(folder_path(name), &about) == 0;
}

int folder_count(void)
{
    return each_entry(NULL);
}
