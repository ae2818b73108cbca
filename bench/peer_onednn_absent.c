/*
 * peer_onednn_absent.c - stands in for peer_onednn.c where there is no oneDNN to build with
 */
#include "contestant.h"

static void open_nothing(const struct workload *workload, struct contestant *entries)
{
    for (int i = 0; i < 2; i++)
        deny(&entries[i].note, "not in this build: libdnnl 2 or OpenMP was not found");
    (void)workload;
}

const struct peer peer_onednn = {"onednn", {"onednn", "onednn_blocked"}, open_nothing};
