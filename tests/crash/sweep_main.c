/*
 * sweep: let every call of every kind of operation fail.
 *
 * usage: sweep [-m | -i] [-k KINDS] [-f FAULT] [-a N] [-s N] [-w WORKERS] [-u]
 * [-v] FOLDER SEED
 *
 * Runs under the shim, with FOLDER as CRASH_ROOT.  For each kind of operation
 * one is taken, each way to fail is tried at call 1, 2, 3 and so on until there
 * is no such call, once and from there on.
 *
 *   -i  the calls on files; -m  the memory (both, unless said)
 *   -k  these kinds alone: append,grant
 *   -f  this way alone: sync-eio
 *   -a  from this call on
 *   -s  every Nth call alone, from one that the seed says
 *   -w  so many processes (2 unless said)
 *   -u  until one is bad
 *   -v  say what each answered
 *
 * Ends with 0: none is bad; 1: some are; 2: it could not be done.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk.h"
#include "sweep.h"

enum {
    OPS = 42, /* of the script that operations are taken from */
    WORKERS_MAX = 64,
    SHOWN = 10, /* of the bad ones, in each process */
    CALLS_MAX = 100000,
};

static const struct sweep_kind kinds[] = {
    { "open-eio", SHIM_OPEN, EIO, false },
    { "open-emfile", SHIM_OPEN, EMFILE, false },
    { "create-enospc", SHIM_CREATE, ENOSPC, false },
    { "read-eio", SHIM_READ, EIO, false },
    { "read-short", SHIM_READ, SHIM_SHORT, true },
    { "write-eio", SHIM_WRITE, EIO, false },
    { "write-enospc", SHIM_WRITE, ENOSPC, false },
    { "write-short", SHIM_WRITE, SHIM_SHORT, true },
    { "sync-eio", SHIM_SYNC, EIO, false },
    { "sync-enospc", SHIM_SYNC, ENOSPC, false },
    { "rename-eio", SHIM_RENAME, EIO, false },
    { "rename-enospc", SHIM_RENAME, ENOSPC, false },
    { "remove-eio", SHIM_REMOVE, EIO, true },
    { "truncate-eio", SHIM_TRUNCATE, EIO, false },
    { "allocate-eio", SHIM_ALLOCATE, EIO, true },
    { "allocate-enospc", SHIM_ALLOCATE, ENOSPC, true },
    { "allocate-eopnotsupp", SHIM_ALLOCATE, EOPNOTSUPP, true },
    { "mkdir-eio", SHIM_MKDIR, EIO, false },
    { "mkdir-enospc", SHIM_MKDIR, ENOSPC, false },
    { "memory", SHIM_MEMORY, ENOMEM, true },
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* What is known to be wrong, and where it has to be mended.  It is counted
 * apart, and told of. */
static const struct {
    enum shim_class family;
    const char *why; /* is in what was found */
    const char *reason;
} knowns[] = {
    { SHIM_MEMORY, "stream crash.a-name",
      "jansson 2.14 drops a character of a word of 16 or more when there is "
      "no memory for it, and says nothing: sdk/json" },
};

enum { KNOWNS = sizeof knowns / sizeof *knowns };

/* What the processes count together. */
struct counts {
    atomic_uint points;
    atomic_uint bad;
    atomic_uint known[KNOWNS];
    atomic_bool broken;
};

struct run {
    const char *folder;
    uint64_t seed;
    bool files, memory;
    const char *only_ops;
    const char *only_fault;
    uint64_t from;
    uint64_t step;
    unsigned workers;
    bool until_bad;
    bool verbose;
    struct counts *counts;
};

/* One process of it. */
struct worker {
    const struct run *run;
    char folder[4096];
    unsigned number;
    unsigned series; /* so far, of all workers */
    unsigned shown;
};

/* ---- one series: calls 1, 2, 3 and so on ---- */

static void
tell(struct worker *worker, const struct sweep_point *point,
     enum sweep_found found, const struct sweep_report *report)
{
    static const char *const words[] = { "good", "bad", "over", "broken" };
    bool wrong = found == SWEEP_BAD || found == SWEEP_BROKEN;

    if (!worker->run->verbose && (!wrong || worker->shown++ >= SHOWN)) {
        return;
    }
    (void)fprintf(stderr,
                  "%s: %s (operation %u), %s at call %llu%s: status %d; %s; "
                  "again: -k %s -f %s -a %llu\n",
                  words[found], script_name(script_kind(point->op)), point->op,
                  point->kind->name, (unsigned long long)point->at,
                  point->sticky ? " and after" : "", (int)report->st,
                  report->why, script_name(script_kind(point->op)),
                  point->kind->name, (unsigned long long)point->at);
}

static bool
is_known(const struct run *run, const struct sweep_point *point,
         const struct sweep_report *report)
{
    for (size_t i = 0; i < KNOWNS; i++) {
        if (point->kind->family == knowns[i].family && report->st == VLT_OK &&
            strstr(report->why, knowns[i].why) != NULL) {
            run->counts->known[i]++;
            return true;
        }
    }
    return false;
}

static bool
is_over(const struct run *run)
{
    return run->counts->broken || (run->until_bad && run->counts->bad > 0);
}

static void
try_series(struct worker *worker, struct sweep_point point)
{
    const struct run *run = worker->run;
    static struct sweep_report report;
    enum sweep_found found = SWEEP_GOOD;

    for (point.at = run->from;
         found != SWEEP_OVER && point.at < CALLS_MAX && !is_over(run);
         point.at += run->step) {
        found = sweep_try(&point, &report);
        if (found == SWEEP_BAD && is_known(run, &point, &report)) {
            found = SWEEP_GOOD;
        }
        tell(worker, &point, found, &report);
        run->counts->points += found != SWEEP_OVER;
        run->counts->bad += found == SWEEP_BAD;
        if (found == SWEEP_BROKEN) {
            run->counts->broken = true;
        }
        if (found == SWEEP_BAD && report.hits == 0) {
            return; /* it does not work without a fault, either */
        }
    }
}

/* ---- which ---- */

/* Is a word among those of a list with commas? */
static bool
listed(const char *list, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list; at != NULL;
         at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL) {
        if (strncmp(at, word, len) == 0 &&
            (at[len] == ',' || at[len] == '\0')) {
            return true;
        }
    }
    return list == NULL;
}

static void
try_op(struct worker *worker, unsigned op, const char *base)
{
    const struct run *run = worker->run;

    for (unsigned i = 0; i < 2 * KINDS; i++) {
        const struct sweep_kind *kind = &kinds[i / 2];
        bool memory = kind->family == SHIM_MEMORY;
        struct sweep_point point = { .base = base,
                                     .folder = worker->folder,
                                     .seed = run->seed,
                                     .op = op,
                                     .kind = kind,
                                     .sticky = i % 2 == 1 };

        if ((memory ? run->memory : run->files) &&
            listed(run->only_fault, kind->name) &&
            worker->series++ % run->workers == worker->number) {
            try_series(worker, point);
        }
    }
}

static bool
is_among(unsigned op, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        if (script_kind(i) == script_kind(op)) {
            return true;
        }
    }
    return false;
}

/* The last of each kind in the script, where lanes and keys are already there;
 * of those that make some, the first one, too.  Each change of a slot is
 * another one. */
static bool
is_taken(unsigned op)
{
    enum script_kind kind = script_kind(op);
    bool makes_keys =
        kind == SCRIPT_APPEND || kind == SCRIPT_MANY || kind == SCRIPT_GRANT;

    return kind == SCRIPT_SLOT || !is_among(op, op + 1, OPS) ||
           (makes_keys && !is_among(op, 0, op));
}

static bool
try_all(struct worker *worker)
{
    const struct run *run = worker->run;
    char base[4096];
    bool good = true;

    (void)snprintf(base, sizeof base, "%s/base%u", run->folder, worker->number);
    (void)snprintf(worker->folder, sizeof worker->folder, "%s/%u", run->folder,
                   worker->number);
    if (mkdir(base, 0700) != 0 || mkdir(worker->folder, 0700) != 0) {
        return false;
    }
    for (unsigned op = 0; good && op < OPS; op++) {
        if (!is_taken(op) ||
            !listed(run->only_ops, script_name(script_kind(op)))) {
            continue;
        }
        good = disk_empty(base) && sweep_prepare(base, run->seed, op);
        if (good) {
            try_op(worker, op, base);
        }
    }
    return disk_empty(base) && rmdir(base) == 0 && disk_empty(worker->folder) &&
           rmdir(worker->folder) == 0 && good;
}

static void
work(const struct run *run)
{
    unsigned begun = 0;

    while (begun < run->workers) {
        pid_t child = fork();

        if (child == 0) {
            struct worker worker = { .run = run, .number = begun };

            _exit(try_all(&worker) ? 0 : 1);
        }
        begun++;
    }
    while (begun-- > 0) {
        int status;

        if (wait(&status) < 0 || status != 0) {
            run->counts->broken = true;
        }
    }
}

/* ---- */

static bool
read_options(int count, char **word, struct run *run)
{
    int option;

    while ((option = getopt(count, word, "imk:f:a:s:w:uv")) != -1) {
        switch (option) {
        case 'i':
            run->memory = false;
            break;
        case 'm':
            run->files = false;
            break;
        case 'k':
            run->only_ops = optarg;
            break;
        case 'f':
            run->only_fault = optarg;
            break;
        case 'a':
            run->from = strtoull(optarg, NULL, 10);
            break;
        case 's':
            run->step = strtoull(optarg, NULL, 10);
            break;
        case 'w':
            run->workers = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'u':
            run->until_bad = true;
            break;
        case 'v':
            run->verbose = true;
            break;
        default:
            return false;
        }
    }
    return count - optind == 2 && run->workers >= 1 &&
           run->workers <= WORKERS_MAX && run->from >= 1 && run->step >= 1;
}

int
main(int count, char **word)
{
    struct run run = {
        .files = true, .memory = true, .from = 1, .step = 1, .workers = 2
    };

    run.counts = mmap(NULL, sizeof *run.counts, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (run.counts == MAP_FAILED || !read_options(count, word, &run)) {
        (void)fprintf(stderr, "usage: sweep [-m | -i] [-k KINDS] [-f FAULT] "
                              "[-a N] [-s N] [-w WORKERS] [-u] [-v] FOLDER "
                              "SEED\n");
        return 2;
    }
    run.folder = word[optind];
    run.seed = strtoull(word[optind + 1], NULL, 10);
    if (shim_fault_set == NULL || !judge_begin(run.seed, OPS + 2)) {
        (void)fprintf(stderr, "sweep: the shim is not there\n");
        return 2;
    }
    work(&run);
    (void)printf("%u points, %u bad, seed %llu\n", run.counts->points,
                 run.counts->bad, (unsigned long long)run.seed);
    for (size_t i = 0; i < KNOWNS; i++) {
        if (run.counts->known[i] > 0) {
            (void)printf("known: %u points: %s\n", run.counts->known[i],
                         knowns[i].reason);
        }
    }
    return run.counts->broken ? 2 : run.counts->bad > 0;
}
