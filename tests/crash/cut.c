/* Which states are judged, and by whom. */
#define _GNU_SOURCE /* O_CLOEXEC */

#include "cut.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- which states ---- */

/* Is this one, of so many, among those that are wanted? */
static bool
spread(uint64_t number, uint64_t of, uint64_t want)
{
    return want >= of || (number + 1) * want / of > number * want / of;
}

static bool
is_chosen(struct cut_walk *walk)
{
    const struct cut_run *run = walk->run;
    uint64_t most = run->want / 8;
    uint64_t first = run->making < most ? run->making : most;
    bool making = walk->marks.done == 0;
    uint64_t number = making ? walk->making++ : walk->after++;

    if (run->want == 0) {
        return true;
    }
    return making ? spread(number, run->making, first)
                  : spread(number, run->after, run->want - first);
}

static bool
is_only(const struct cut_walk *walk, unsigned number)
{
    return (uint64_t)walk->run->only_cut == walk->cut &&
           walk->run->only_variant == (long)number;
}

/* Does an event make another disk, or acknowledge something? */
static bool
is_cut(const struct trace_event *event)
{
    return event->what != TRACE_CLOSE && event->what != TRACE_BEGIN &&
           event->what != TRACE_MAP &&
           (event->what != TRACE_OPEN ||
            (event->flags & (O_CREAT | O_TRUNC)) != 0);
}

static void
try_cut(struct cut_walk *walk)
{
    const struct cut_run *run = walk->run;

    for (unsigned i = 0; i < CUT_VARIANTS; i++) {
        if (cut_doubles(walk, i)) {
            continue;
        }
        if (run->only_cut >= 0) {
            if (is_only(walk, i)) {
                cut_try(walk, i);
            }
            continue;
        }
        if (is_chosen(walk) && walk->worker < run->workers &&
            walk->chosen++ % run->workers == walk->worker) {
            cut_try(walk, i);
        }
    }
}

/* ---- walking ---- */

static bool
is_over(const struct cut_run *run)
{
    return run->counts->broken || (run->until_bad && run->counts->bad > 0);
}

/* False: the trace cannot be followed. */
static bool
walk_trace(struct cut_walk *walk)
{
    const struct cut_run *run = walk->run;
    size_t at = 0;

    while (at + sizeof(struct trace_event) <= run->trace_len && !is_over(run)) {
        struct trace_event event;
        const char *more = run->trace + at + sizeof event;
        const char *why;

        memcpy(&event, run->trace + at, sizeof event);
        at += sizeof event + event.more;
        if (at > run->trace_len) {
            return false;
        }
        why = disk_take(walk->disk, &event, more);
        if (why != NULL) {
            (void)fprintf(stderr, "cut: event %llu: %s\n",
                          (unsigned long long)walk->cut, why);
            return false;
        }
        if (event.what == TRACE_MARK) {
            judge_mark(&walk->marks, more, event.more);
        }
        if (is_cut(&event)) {
            try_cut(walk);
        }
        walk->cut++;
    }
    return !run->counts->broken;
}

static bool
walk_as(const struct cut_run *run, unsigned worker, struct cut_walk *walk)
{
    *walk =
        (struct cut_walk){ .run = run, .worker = worker, .disk = disk_new() };
    (void)snprintf(walk->folder, sizeof walk->folder, "%s/%u", run->folder,
                   worker);
    if (worker < run->workers && mkdir(walk->folder, 0700) != 0) {
        perror("cut: cannot make a folder");
        return false;
    }
    bool good = walk_trace(walk);

    disk_free(walk->disk);
    if (worker < run->workers && run->only_cut < 0) {
        good = disk_empty(walk->folder) && rmdir(walk->folder) == 0 && good;
    }
    return good;
}

/* All workers, each in a process of its own. */
void
cut_work(struct cut_run *run)
{
    unsigned begun = 0;

    while (begun < run->workers) {
        pid_t child = fork();

        if (child == 0) {
            struct cut_walk walk;

            _exit(walk_as(run, begun, &walk) ? 0 : 1);
        }
        run->counts->broken = run->counts->broken || child < 0;
        begun++;
    }
    while (begun-- > 0) {
        int status;

        if (wait(&status) < 0 || status != 0) {
            run->counts->broken = true;
        }
    }
}

bool
cut_count(struct cut_run *run)
{
    struct cut_walk walk;

    if (run->only_cut >= 0) {
        return true;
    }
    if (!walk_as(run, run->workers, &walk)) {
        return false;
    }
    run->making = walk.making;
    run->after = walk.after;
    return true;
}
