#include "service/compact_run.h"

#include <stdlib.h>

#include "service/erase.h"
#include "service/guard_internal.h"
#include "store/compact.h"
#include "util/log.h"
#include "util/thread.h"

enum {
    SPARE_LEAST = 64 << 20, /* bytes of free pages, and more than half */
};

struct compacting {
    struct job job; /* first: the step of the commit thread */
    struct service *service;
    compact_ended_fn *ended;
    bool spare;
    struct atomic cancelled;
    struct thread *thread; /* the loop's */
    /* NULL: none was begun, or it ended.  Of the step under way, as are the
     * members behind it. */
    struct store_compaction *compaction;
    enum vlt_status worked; /* the thread's */
    bool more;              /* the thread has more to do */
    struct vlt_buf why;
};

/* ---- the first step ---- */

static enum vlt_status
has_spare(struct service *service, bool *out)
{
    struct store_read *read = NULL;
    struct store_stat stat = { .file = 0 };
    enum vlt_status st = store_read_begin(service->store, &read);

    if (st == VLT_OK) {
        st = store_view_stat(store_read_view(read), &stat);
        store_read_end(read);
    }
    *out = stat.file - stat.used > SPARE_LEAST &&
           stat.file - stat.used > stat.file / 2;
    return st;
}

static enum vlt_status
begin(struct job *job, struct turn *turn)
{
    struct compacting *self = (struct compacting *)job;
    struct service *service = self->service;
    const struct store_compact_wish wish = { .cancelled = &self->cancelled,
                                             .spare = true };
    bool wanted = true;
    enum vlt_status st = VLT_OK;

    (void)turn;
    if (self->spare) {
        st = has_spare(service, &wanted);
    }
    if (st != VLT_OK || !wanted) {
        return st;
    }
    return self->spare ? store_compact_begin(service->store, &wish, &self->why,
                                             &self->compaction)
                       : series_erase_compact(service->series, &self->cancelled,
                                              &self->why, &self->compaction);
}

/* ---- the last ---- */

static enum vlt_status
change_over(struct compacting *self)
{
    struct service *service = self->service;

    /* What was broken off is asked, too: was it for another erase? */
    if (self->worked != VLT_OK && self->worked != VLT_E_BUSY) {
        return self->worked;
    }
    vlt_buf_clear(&self->why);
    return self->spare
               ? store_compact_finish(self->compaction, &self->why, &self->more)
               : series_erase_compacted(service->series, self->compaction,
                                        &self->why, &self->more);
}

static enum vlt_status
finish(struct job *job, struct turn *turn)
{
    struct compacting *self = (struct compacting *)job;
    struct store_txn *txn;
    enum vlt_status st = change_over(self);

    if (self->more) {
        return st;
    }
    store_compact_free(self->compaction);
    self->compaction = NULL;
    if (st != VLT_OK || self->spare) {
        return st;
    }
    st = guard_txn(turn, &txn);
    return st == VLT_OK ? series_erase_complete(self->service->series, txn,
                                                erase_log, turn)
                        : st;
}

/* ---- its end ---- */

static void
say(struct compacting *self, enum vlt_status st)
{
    const char *why =
        self->why.len > 0 ? vlt_buf_text(&self->why) : vlt_status_word(st);

    if (st == VLT_OK && self->spare) {
        log_info("service", "data.mdb was compacted: it was mostly free");
    } else if (st == VLT_E_BUSY || st == VLT_E_CONFLICT) {
        log_info("service", "%s", why);
    } else if (st != VLT_OK && self->spare) {
        log_warning("service", "%s", why);
    } else if (st != VLT_OK) {
        log_error("service", "an erase is not complete: %s", why);
    }
}

static void
end(struct compacting *self, bool wanted, enum vlt_status st)
{
    struct service *service = self->service;
    compact_ended_fn *ended = self->ended;

    if (wanted) {
        say(self, st);
    }
    /* Still there: no commit thread runs any more. */
    store_compact_free(self->compaction);
    vlt_buf_free(&self->why);
    free(self);
    service->compacting = NULL;
    ended(service, st);
}

/* ---- the thread ---- */

static void
work(void *ctx)
{
    struct compacting *self = ctx;

    self->worked = store_compact_work(self->compaction, &self->why);
    exec_submit(self->service->exec, &self->job);
}

static void finished(struct job *job, enum vlt_status st);

static void
start(struct compacting *self)
{
    enum vlt_status st;

    self->more = false;
    self->job.next = NULL;
    self->job.commit = finish;
    self->job.done = finished;
    /* What the thread says is its own to write, from here on. */
    st = thread_start("compact", work, self, &self->thread);
    if (st != VLT_OK) {
        self->worked = st;
        service_submit(self->service, &self->job);
    }
}

static void
finished(struct job *job, enum vlt_status st)
{
    struct compacting *self = (struct compacting *)job;

    thread_join(self->thread);
    self->thread = NULL;
    if (st == VLT_OK && self->more && !self->service->stopping) {
        start(self);
        return;
    }
    end(self, true, st);
}

static void
begun(struct job *job, enum vlt_status st)
{
    struct compacting *self = (struct compacting *)job;

    if (self->compaction != NULL && st == VLT_OK && !self->service->stopping) {
        start(self);
        return;
    }
    end(self, st != VLT_OK || self->compaction != NULL, st);
}

/* ---- asking for it ---- */

static void
run(struct service *service, bool spare, compact_ended_fn *ended)
{
    struct compacting *self = calloc(1, sizeof *self);

    if (self == NULL) {
        return; /* at the next look */
    }
    self->service = service;
    self->spare = spare;
    self->ended = ended;
    vlt_buf_init(&self->why, CALL_DETAIL);
    self->job.control = true;
    self->job.alone = true;
    self->job.commit = begin;
    self->job.done = begun;
    service->compacting = self;
    service_submit(service, &self->job);
}

void
compact_run_erase(struct service *service, compact_ended_fn *ended)
{
    run(service, false, ended);
}

void
compact_run_spare(struct service *service, compact_ended_fn *ended)
{
    run(service, true, ended);
}

bool
compact_runs(const struct service *service)
{
    return service->compacting != NULL;
}

void
compact_run_cancel(struct service *service)
{
    if (service->compacting != NULL) {
        atomic_set(&service->compacting->cancelled, 1);
    }
}

void
compact_run_stop(struct service *service)
{
    struct compacting *self = service->compacting;

    compact_run_cancel(service);
    if (self != NULL) {
        thread_join(self->thread);
        self->thread = NULL;
    }
}
