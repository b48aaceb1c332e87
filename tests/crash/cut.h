/*
 * cut: walking through a trace and judging the disks that a power cut may have
 * left, after each event several.
 *
 * Several processes walk the same way, and each judges a part of the states.
 */
#ifndef TESTS_CRASH_CUT_H
#define TESTS_CRASH_CUT_H

#include <stdatomic.h>

#include "disk.h"
#include "judge.h"

enum {
    CUT_WORKERS_MAX = 64,
    CUT_VARIANTS = 13, /* of the disk after one event */
};

/* What the processes count together. */
struct cut_counts {
    atomic_uint states;
    atomic_uint bad;
    atomic_uint crashed; /* of the bad ones */
    atomic_bool broken;
};

struct cut_run {
    const char *folder;
    const char *trace;
    size_t trace_len;
    uint64_t seed;
    uint64_t want; /* states; 0: all */
    unsigned workers;
    bool until_bad;
    long only_cut; /* -1: none */
    long only_variant;
    uint64_t making; /* states while it is made, and after */
    uint64_t after;
    struct cut_counts *counts;
};

/* One walk through the trace. */
struct cut_walk {
    const struct cut_run *run;
    unsigned worker; /* number; the walk that counts has none: it is workers */
    struct disk *disk;
    struct judge_marks marks;
    char folder[4096];
    uint64_t cut;    /* events so far */
    uint64_t making; /* states so far, while it is made and after */
    uint64_t after;
    uint64_t chosen;
    unsigned shown;
};

/* Judge one variant (below CUT_VARIANTS) of the disk where the walk is. */
void cut_try(struct cut_walk *walk, unsigned variant);

/* Is it the same disk as an earlier variant, where the walk is? */
bool cut_doubles(const struct cut_walk *walk, unsigned variant);

/* Walk without judging, to count the states.  False: the trace cannot be
 * followed. */
bool cut_count(struct cut_run *run);

/* All workers; what they found is in run->counts. */
void cut_work(struct cut_run *run);

#endif
