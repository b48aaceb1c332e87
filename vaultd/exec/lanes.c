#include "exec/lanes_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "util/lock.h"
#include "util/map.h"
#include "util/stack.h"

enum { LANES = 2 };

/* The jobs of one waiter in one lane; there is at least one. */
struct line {
    struct line *next; /* the waiter behind */
    uint64_t waiter;
    struct job *first;
    struct job *last;
};

struct lane {
    struct line *first; /* whose turn it is */
    struct line *last;
    struct map *lines; /* by waiter */
};

struct lanes {
    struct lock *lock;
    struct lane lane[LANES];
    unsigned run;   /* jobs of the owner's that others had to wait for */
    bool heavy_out; /* a heavy job is being prepared */
    bool closed;
};

enum vlt_status
lanes_new(struct lanes **out)
{
    /* Waiters are our own numbers, so the seed need not be secret. */
    static const uint8_t seed[MAP_SEED_LEN];
    struct lanes *lanes = calloc(1, sizeof *lanes);

    if (lanes == NULL) {
        return VLT_E_NOMEM;
    }
    enum vlt_status st = lock_new(&lanes->lock);

    for (size_t i = 0; i < LANES && st == VLT_OK; i++) {
        st = map_new(sizeof(uint64_t), seed, &lanes->lane[i].lines);
    }
    if (st != VLT_OK) {
        lanes_free(lanes);
        return st;
    }
    *out = lanes;
    return VLT_OK;
}

void
lanes_free(struct lanes *lanes)
{
    if (lanes == NULL) {
        return;
    }
    for (size_t i = 0; i < LANES; i++) {
        assert(lanes->lane[i].first == NULL);
        map_free(lanes->lane[i].lines);
    }
    lock_free(lanes->lock);
    free(lanes);
}

static void
add_line(struct lane *lane, struct line *line)
{
    line->next = NULL;
    if (lane->first == NULL) {
        lane->first = line;
    } else {
        lane->last->next = line;
    }
    lane->last = line;
}

/* A waiter that had no job here: its line goes behind all others. */
static bool
open_line(struct lane *lane, struct job *job)
{
    struct line *line = malloc(sizeof *line);

    if (line == NULL || map_put(lane->lines, &job->waiter, line) != VLT_OK) {
        free(line);
        return false;
    }
    *line = (struct line){ .waiter = job->waiter, .first = job, .last = job };
    add_line(lane, line);
    return true;
}

static bool
put(struct lanes *lanes, struct job *job)
{
    struct lane *lane = &lanes->lane[job->lane == JOB_OWNER ? 0 : 1];
    struct line *line = map_get(lane->lines, &job->waiter);

    job->next = NULL;
    if (line == NULL) {
        return open_line(lane, job);
    }
    line->last->next = job;
    line->last = job;
    return true;
}

struct job *
lanes_put(struct lanes *lanes, struct job *first)
{
    struct job *refused = NULL;
    struct job **end = &refused;

    lock_take(lanes->lock);
    for (struct job *job = first; job != NULL;) {
        struct job *next = job->next;

        if (!put(lanes, job)) {
            *end = job;
            end = &job->next;
        }
        job = next;
    }
    lock_drop(lanes->lock);
    lock_wake_all(lanes->lock);
    return refused;
}

/* The first waiter whose next job may be taken, with the one before it. */
static struct line *
find_line(const struct lanes *lanes, const struct lane *lane,
          struct line **before)
{
    struct line *line = lane->first;

    *before = NULL;
    while (line != NULL && line->first->heavy && lanes->heavy_out) {
        *before = line;
        line = line->next;
    }
    return line;
}

static void
unlink_line(struct lane *lane, struct line *line, struct line *before)
{
    if (before == NULL) {
        lane->first = line->next;
    } else {
        before->next = line->next;
    }
    if (lane->last == line) {
        lane->last = before;
    }
}

/* Take one job of the waiter whose turn it is, who goes behind the others. */
static struct job *
take_from(struct lanes *lanes, struct lane *lane)
{
    struct line *before;
    struct line *line = find_line(lanes, lane, &before);

    if (line == NULL) {
        return NULL;
    }
    struct job *job = line->first;

    unlink_line(lane, line, before);
    line->first = job->next;
    job->next = NULL;
    if (line->first != NULL) {
        add_line(lane, line);
    } else {
        (void)map_take(lane->lines, &line->waiter);
        free(line);
    }
    lanes->heavy_out = lanes->heavy_out || job->heavy;
    return job;
}

static struct job *
take(struct lanes *lanes)
{
    size_t at = lanes->run >= LANES_OWNER_RUN ? 1 : 0;
    struct job *job = take_from(lanes, &lanes->lane[at]);

    if (job == NULL) {
        at = 1 - at;
        job = take_from(lanes, &lanes->lane[at]);
    }
    if (job != NULL) {
        bool waits = lanes->lane[1].first != NULL;

        lanes->run = at == 0 && waits ? lanes->run + 1 : 0;
    }
    return job;
}

struct job *
lanes_take(struct lanes *lanes, bool heavy_is_done)
{
    lock_take(lanes->lock);
    if (heavy_is_done) {
        lanes->heavy_out = false;
        lock_wake_all(lanes->lock); /* who passed heavy jobs over may wait */
    }
    struct job *job = take(lanes);

    if (job == NULL && !lanes->closed) {
        /* It may be long: of what it did last nothing is to stay. */
        lock_drop(lanes->lock);
        stack_wipe();
        lock_take(lanes->lock);
        job = take(lanes);
    }
    while (job == NULL && !lanes->closed) {
        lock_wait(lanes->lock);
        job = take(lanes);
    }
    lock_drop(lanes->lock);
    return job;
}

void
lanes_close(struct lanes *lanes)
{
    lock_take(lanes->lock);
    lanes->closed = true;
    lock_drop(lanes->lock);
    lock_wake_all(lanes->lock);
}
