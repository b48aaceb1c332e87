#include "store_memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

enum { LINE = 256, KIB = 1024 };

struct memory_watch {
    pthread_t thread;
    atomic_bool over;
    uint64_t most;
};

static uint64_t
private_bytes(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    unsigned long long kib = 0;
    char line[LINE];

    if (file == NULL) {
        bench_die("/proc/self/status", errno);
    }
    while (kib == 0 && fgets(line, sizeof line, file) != NULL) {
        (void)sscanf(line, "RssAnon: %llu kB", &kib);
    }
    (void)fclose(file);
    if (kib == 0) {
        bench_die("the kernel does not tell private memory", 0);
    }
    return kib * KIB;
}

static void *
look(void *ctx)
{
    struct memory_watch *watch = ctx;
    struct timespec rest = { .tv_nsec = BENCH_MS };

    while (!atomic_load(&watch->over)) {
        uint64_t bytes = private_bytes();

        watch->most = bytes > watch->most ? bytes : watch->most;
        (void)nanosleep(&rest, NULL);
    }
    return NULL;
}

struct memory_watch *
memory_watch_begin(void)
{
    struct memory_watch *watch = calloc(1, sizeof *watch);

    if (watch == NULL ||
        pthread_create(&watch->thread, NULL, look, watch) != 0) {
        bench_die("no thread", 0);
    }
    return watch;
}

uint64_t
memory_watch_end(struct memory_watch *watch)
{
    uint64_t now = private_bytes();

    atomic_store(&watch->over, true);
    (void)pthread_join(watch->thread, NULL);
    if (watch->most > now) {
        now = watch->most;
    }
    free(watch);
    return now;
}
