/*
 * checkpoint.c - a training in a file
 *
 *     char     magic[8], name[16]
 *     int64_t  epoch; uint64_t random; int64_t parts
 *     parts times: int64_t count, steps; float value[count], mean[count], square[count]
 *
 * as the machine stores them: a checkpoint is for the machine that wrote it.
 */
#include "checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

static const char magic[8] = {'t', 'c', 'o', 'n', 'v', 'c', 'p', '1'};

struct head {
    char magic[8], name[16];
    int64_t epoch;
    uint64_t random;
    int64_t parts;
};

static struct head head_of(const struct training *t)
{
    struct head head;

    memset(&head, 0, sizeof head);
    memcpy(head.magic, magic, sizeof magic);
    strncpy(head.name, t->name, sizeof head.name - 1);
    head.epoch = t->epoch;
    head.random = t->random.state;
    head.parts = t->parts;
    return head;
}

/* ---- Reading ------------------------------------------------------------ */

static void get(FILE *file, const char *path, void *data, size_t size, int64_t count)
{
    if (fread(data, size, (size_t)count, file) != (size_t)count)
        fail("%s is cut short; delete it to begin anew", path);
}

static void get_part(struct training *t, int part, FILE *file, const char *path)
{
    struct parameters *const p = t->part[part].parameters;
    int64_t numbers[2];

    get(file, path, numbers, sizeof numbers[0], 2);
    if (numbers[0] != p->count)
        fail("%s is of another network (%lld parameters, not %lld); delete it to begin anew", path,
             (long long)numbers[0], (long long)p->count);
    t->part[part].optimizer.steps = numbers[1];
    get(file, path, p->value, sizeof *p->value, p->count);
    get(file, path, p->mean, sizeof *p->mean, p->count);
    get(file, path, p->square, sizeof *p->square, p->count);
}

bool checkpoint_read(struct training *t, const char *path)
{
    FILE *const file = fopen(path, "rb");
    const struct head expected = head_of(t);
    struct head head;

    if (file == NULL && errno == ENOENT)
        return false;
    if (file == NULL)
        fail("%s: %s", path, strerror(errno));
    get(file, path, &head, sizeof head, 1);
    if (memcmp(head.magic, magic, sizeof magic) != 0 || head.parts != t->parts ||
        memcmp(head.name, expected.name, sizeof head.name) != 0)
        fail("%s is not a checkpoint of %s; give another --checkpoint", path, t->name);
    t->epoch = head.epoch;
    t->random.state = head.random;
    for (int i = 0; i < t->parts; i++)
        get_part(t, i, file, path);
    fclose(file);
    return true;
}

/* ---- Writing ------------------------------------------------------------ */

static bool put_part(const struct training *t, int part, FILE *file)
{
    const struct parameters *const p = t->part[part].parameters;
    const int64_t numbers[2] = {p->count, t->part[part].optimizer.steps};
    const size_t count = (size_t)p->count;

    return fwrite(numbers, sizeof numbers[0], 2, file) == 2 &&
           fwrite(p->value, sizeof *p->value, count, file) == count &&
           fwrite(p->mean, sizeof *p->mean, count, file) == count &&
           fwrite(p->square, sizeof *p->square, count, file) == count;
}

void checkpoint_write(const struct training *t, const char *path)
{
    static const char suffix[] = ".new";
    const size_t length = strlen(path);
    char *const fresh = get_memory((int64_t)(length + sizeof suffix), 1);
    const struct head head = head_of(t);
    FILE *file;
    bool whole;

    memcpy(fresh, path, length);
    memcpy(fresh + length, suffix, sizeof suffix);
    file = fopen(fresh, "wb");
    if (file == NULL)
        fail("%s: %s", fresh, strerror(errno));
    whole = fwrite(&head, sizeof head, 1, file) == 1;
    for (int i = 0; i < t->parts; i++)
        whole = whole && put_part(t, i, file);
    whole = fclose(file) == 0 && whole;
    if (!whole || rename(fresh, path) != 0)
        fail("%s could not be written: %s", path, strerror(errno));
    free(fresh);
}
