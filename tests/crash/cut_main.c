/*
 * cut: make the disks that power cuts may have left of a trace, and judge each.
 *
 * usage: cut [-n STATES] [-w WORKERS] [-u] [-o CUT:VARIANT]
 *            FOLDER TRACE SEED OPS
 *
 * FOLDER is where the disks are made, one after the other, and is there; the
 * trace is of the operations of SEED, of which there are OPS.
 *
 *   -n  so many states, spread evenly; those while the vault is made come
 *       first, with up to an eighth (0, unless said: all)
 *   -w  so many processes (2 unless said)
 *   -u  until one is bad
 *   -o  this state alone, and leave it in FOLDER
 *
 * Ends with 0: none is bad; 1: some are; 2: it could not be done.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cut.h"

static bool
map_trace(struct cut_run *run, const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    struct stat about;

    if (fd < 0 || fstat(fd, &about) != 0 || about.st_size == 0) {
        return false;
    }
    void *at = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

    (void)close(fd);
    run->trace = at;
    run->trace_len = (size_t)about.st_size;
    return at != MAP_FAILED;
}

static bool
read_options(int count, char **word, struct cut_run *run)
{
    int option;

    while ((option = getopt(count, word, "n:w:uo:")) != -1) {
        char *end = NULL;

        switch (option) {
        case 'n':
            run->want = strtoul(optarg, NULL, 10);
            break;
        case 'w':
            run->workers = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'u':
            run->until_bad = true;
            break;
        case 'o':
            run->only_cut = strtol(optarg, &end, 10);
            run->only_variant = *end == ':' ? strtol(end + 1, NULL, 10) : 0;
            run->workers = 1;
            break;
        default:
            return false;
        }
    }
    return count - optind == 4 && run->workers >= 1 &&
           run->workers <= CUT_WORKERS_MAX;
}

/* Of the processor, for all processes: the machine may have other work. */
static double
worked(void)
{
    struct rusage use;

    (void)getrusage(RUSAGE_CHILDREN, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static double
seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
main(int count, char **word)
{
    struct cut_run run = { .workers = 2, .only_cut = -1 };
    double begun = seconds();

    run.counts = mmap(NULL, sizeof *run.counts, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (run.counts == MAP_FAILED || !read_options(count, word, &run)) {
        (void)fprintf(stderr, "usage: cut [-n STATES] [-w WORKERS] [-u] "
                              "[-o CUT:VARIANT] FOLDER TRACE SEED OPS\n");
        return 2;
    }
    run.folder = word[optind];
    run.seed = strtoull(word[optind + 2], NULL, 10);
    if (!map_trace(&run, word[optind + 1]) ||
        !judge_begin(run.seed, (unsigned)strtoul(word[optind + 3], NULL, 10)) ||
        !cut_count(&run)) {
        (void)fprintf(stderr, "cut: no trace, or one that cannot be used\n");
        return 2;
    }
    cut_work(&run);
    double took = seconds() - begun;

    (void)printf(
        "%u states of %llu, %u bad (%u crashed), %.0f states/s (%.1f ms of "
        "processor each), seed %llu\n",
        run.counts->states, (unsigned long long)(run.making + run.after),
        run.counts->bad, run.counts->crashed, run.counts->states / took,
        1000 * worked() / (run.counts->states + 1e-9),
        (unsigned long long)run.seed);
    if (run.counts->broken) {
        return 2;
    }
    return run.counts->bad > 0;
}
