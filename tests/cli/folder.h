/*
 * folder.h - an empty folder for each test
 */
#ifndef TESTS_CLI_FOLDER_H
#define TESTS_CLI_FOLDER_H

#include <stddef.h>

/* CMocka's setup and teardown: the folder is made, and removed with all in it. */
int folder_setup(void **state);
int folder_teardown(void **state);

/* The path of a name in the folder, in a buffer that the next call reuses. */
const char *folder_path(const char *name);

/* Writes a file of these bytes. */
void folder_write(const char *name, const void *data, size_t bytes);

/* Reads a file of at most capacity bytes; returns how many it has. */
size_t folder_read(const char *name, void *data, size_t capacity);

int folder_has(const char *name);

/* How many files the folder holds, hidden ones too. */
int folder_count(void);

#endif
