/*
 * outfile.h - an output file that is complete or absent
 *
 * Writing goes to a new file beside the target, which takes the target's place
 * in one step when it is complete; until then the target is what it was.  A
 * signal that ends the command removes the new file.  A target that is no
 * regular file (a terminal, a pipe, /dev/full) is written directly.
 *
 * At most one may be open at a time.
 */
#ifndef TCV_CLI_OUTFILE_H
#define TCV_CLI_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct tcv_outfile {
    FILE *stream;     /* to write to; its errors are noticed at the commit */
    const char *path; /* as the user calls it */
    char *target;     /* the regular file to replace, or NULL */
    bool temporary;   /* a file beside it exists */
};

/* Opens path, which must outlive the file.  Start with {0}. */
int tcv_outfile_open(struct tcv_outfile *file, const char *path);

/* Writes bytes; on failure says so and leaves the file to be discarded. */
int tcv_outfile_write(struct tcv_outfile *file, const void *data, size_t bytes);

/* Makes the file take the target's place; on failure says so and discards it. */
int tcv_outfile_commit(struct tcv_outfile *file);

/* Removes what was written.  A file that is not open is left alone. */
void tcv_outfile_discard(struct tcv_outfile *file);

#endif
