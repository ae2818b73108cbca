/*
 * contestant.h - whoever computes a workload and is timed
 */
#ifndef BENCH_CONTESTANT_H
#define BENCH_CONTESTANT_H

#include "stats.h"
#include "workload.h"

#define CONTESTANT_NAME 24

/* Seconds of the turns, and the rates of the machine around each of them. */
struct timing {
    struct samples seconds;   /* of one run */
    struct samples peak;      /* FLOP per second, one value a turn */
    struct samples bandwidth; /* bytes per second, likewise */
    double estimate;          /* seconds of a run, roughly; 0 before the first turn */
};

struct contestant {
    char name[CONTESTANT_NAME]; /* an algorithm's or a peer's */
    bool is_peer;
    tconv_algorithm algorithm; /* of ours: the one that runs, never AUTO */
    bool is_auto; /* of ours: the one that auto takes */
    bool present; /* takes part; if not, note says why */
    struct reason note;
    char detail[64];     /* which implementation, "" if there is but one */
    double setup_seconds; /* making it ready: plans, packing, code generation */
    double resize_seconds; /* of ours: the plan for another batch; 0 if there is no plan */

    void *state;
    bool (*run)(void *state, struct reason *why);   /* what is timed */
    bool (*fetch)(void *state, struct reason *why); /* then brings the result to y, or NULL */
    void (*close)(void *state); /* NULL if the state is another's */
    struct timing timing;
};

/*
 * A peer: one way to compute the same without us.  open() fills as many contestants as the peer
 * has names: each with name, is_peer and note set before.  One that cannot take part leaves
 * present false and says why in its note.
 */
struct peer {
    const char *name;       /* as --peers spells it */
    const char *entries[2]; /* names of the contestants; the second may be NULL */
    void (*open)(const struct workload *workload, struct contestant *entries);
};

/* One file each. */
extern const struct peer peer_im2col;
extern const struct peer peer_onednn;

/* All there are, in the order of the columns; NULL after the last. */
const struct peer *peer_at(size_t index);

/* Ours: opens with the algorithm; the library's refusal becomes the note. */
void ours_open(const struct workload *workload, tconv_algorithm algorithm,
               struct contestant *entry);

/* The workspace that the opened one uses, for all threads. */
size_t ours_workspace_bytes(const struct contestant *entry);

/* Frees what open() and the timing left. */
void contestant_close(struct contestant *contestant);

/* The version and build of the OpenBLAS that runs, in words (peer_im2col.c). */
const char *blas_version(void);

#endif
