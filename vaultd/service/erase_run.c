/*
 * erase_run: what is left to be done after an erase, in jobs of its own; and
 * the compaction of a file that is mostly free pages.
 *
 * Keys that a crash left are destroyed as soon as the vault is unlocked.  The
 * records under them go turn by turn, and then the file is compacted, when
 * nobody has appended for a while, or when it was put off long enough.
 */
#include <stdlib.h>

#include "service/erase.h"
#include "service/guard_internal.h"
#include "store/bury.h"
#include "util/log.h"

#define EXPIRE_FIRST (10 * VLT_SECOND) /* after an unlock */
#define EXPIRE_EVERY VLT_DAY
#define COMPACT_QUIET (10 * VLT_SECOND) /* without an append */
#define COMPACT_LATEST (12 * VLT_HOUR)
#define COMPACT_AGAIN VLT_HOUR /* after a failure */
#define STEP_AGAIN VLT_MINUTE  /* likewise, of the other steps */
#define COMPACT_AFTER_CRASH (12 * VLT_HOUR)
#define SWEEP_AGAIN (5 * VLT_SECOND) /* when a step brought nothing */
#define CLOCK_SPAN (5 * VLT_MINUTE)
#define SPARE_EVERY VLT_HOUR /* a look at how much is free */

enum {
    SPARE_LEAST = 64 << 20, /* bytes of free pages, and more than half */
};

struct erase_job {
    struct job job; /* first */
    struct service *service;
    enum series_erase_step step;
    bool expires;  /* look, daily, for what is kept no longer */
    bool spares;   /* or for free pages */
    bool any;      /* something was */
    uint64_t mark; /* of the sweep before the step */
};

/*
 * May what is old be destroyed by this clock?  A wrong one would destroy all
 * there is, so the kernel has to say that it is synchronised; and the highest
 * time ever written must not be ahead of it, which a wrong one left.
 */
static bool
clock_is_sure(const struct service *service, int64_t effective)
{
    int64_t wall = service_wall(service);

    return clock_synchronised() && effective - wall < CLOCK_SPAN;
}

static enum vlt_status
expire(struct erase_job *self, struct turn *turn)
{
    struct series_erased wish = { .by_age = true };
    struct series_erased done;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    wish.at = turn->now;
    st = series_keys_ahead(self->service->series, txn, turn->now);
    if (st != VLT_OK) {
        return st;
    }
    if (!clock_is_sure(self->service, turn->now)) {
        log_info("service", "rows that are past their keep are not erased: the "
                            "clock is not known to be right");
        return VLT_OK;
    }
    st = series_expire(self->service->series, txn, &wish, &done, &self->any);
    return st == VLT_OK && self->any ? erase_log(turn, &done) : st;
}

static enum vlt_status
sweep(struct erase_job *self, struct turn *turn)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    return st == VLT_OK ? series_erase_sweep(self->service->series, txn) : st;
}

static enum vlt_status
compact(struct erase_job *self, struct turn *turn)
{
    struct series *series = self->service->series;
    struct store_txn *txn;
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, CALL_DETAIL);
    st = series_erase_compact(series, &why);
    if (st != VLT_OK) {
        log_error("service", "an erase is not complete: %s",
                  why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
    }
    vlt_buf_free(&why);
    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    return st == VLT_OK ? series_erase_complete(series, txn, erase_log, turn)
                        : st;
}

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
spare(struct service *service)
{
    bool much = false;
    struct vlt_buf why;
    enum vlt_status st = has_spare(service, &much);

    if (st != VLT_OK || !much) {
        return st;
    }
    vlt_buf_init(&why, CALL_DETAIL);
    st = store_compact(service->store, &why);
    if (st != VLT_OK) {
        log_warning("service", "%s",
                    why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
    } else {
        log_info("service", "data.mdb was compacted: it was mostly free");
    }
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    struct erase_job *self = (struct erase_job *)job;

    if (self->expires) {
        return expire(self, turn);
    }
    if (self->spares) {
        return spare(self->service);
    }
    self->step = series_erase_next(self->service->series);
    self->mark = series_erase_mark(self->service->series);
    switch (self->step) {
    case SERIES_ERASE_NOTHING:
        return VLT_OK;
    case SERIES_ERASE_KEYS:
        return erase_destroy_keys(turn);
    case SERIES_ERASE_SWEEP:
        return sweep(self, turn);
    case SERIES_ERASE_COMPACT:
        return compact(self, turn);
    }
    return VLT_OK;
}

static void
done(struct job *job, enum vlt_status st)
{
    struct erase_job *self = (struct erase_job *)job;
    struct service *service = self->service;
    int64_t boot = service_boot(service);

    service->erase_queued = false;
    if (self->expires) {
        service->expire_due =
            st == VLT_OK && self->any ? boot : boot + EXPIRE_EVERY;
    } else if (self->spares) {
        service->spare_due = boot + SPARE_EVERY;
    } else if (st != VLT_OK) {
        service->erase_step = self->step;
        service->erase_due =
            boot +
            (self->step == SERIES_ERASE_COMPACT ? COMPACT_AGAIN : STEP_AGAIN);
    } else if (self->step == SERIES_ERASE_SWEEP &&
               series_erase_mark(service->series) == self->mark) {
        service->erase_step = self->step;
        service->erase_due = boot + SWEEP_AGAIN;
    }
    free(self);
    erase_run(service);
}

/* When the next step may be. */
static int64_t
due(struct service *service, enum series_erase_step step)
{
    int64_t quiet = (int64_t)atomic_get(&service->appended) + COMPACT_QUIET;
    int64_t latest = service->erase_since + COMPACT_LATEST;

    if (step == SERIES_ERASE_COMPACT && store_compact_failed(service->store)) {
        return service->erase_since + COMPACT_AFTER_CRASH;
    }
    switch (step) {
    case SERIES_ERASE_NOTHING:
        return INT64_MAX;
    case SERIES_ERASE_KEYS:
    case SERIES_ERASE_SWEEP:
        return 0;
    case SERIES_ERASE_COMPACT:
        return quiet < latest ? quiet : latest;
    }
    return INT64_MAX;
}

static void
submit(struct service *service, struct erase_job what)
{
    struct erase_job *self = calloc(1, sizeof *self);

    if (self == NULL) {
        return; /* at the next look */
    }
    *self = what;
    self->service = service;
    self->job.control = true;
    self->job.alone = true;
    self->job.commit = commit;
    self->job.done = done;
    service->erase_queued = true;
    service_submit(service, &self->job);
}

/* Before the first look after an unlock. */
static void
plan_looks(struct service *service, int64_t boot)
{
    if (service->expire_due == 0) {
        service->expire_due = boot + EXPIRE_FIRST;
        service->spare_due = boot + SPARE_EVERY;
    }
}

void
erase_run(struct service *service)
{
    int64_t boot = service_boot(service);
    bool quiet =
        boot >= (int64_t)atomic_get(&service->appended) + COMPACT_QUIET;
    enum series_erase_step step;

    if (service->erase_queued || !service->unlocked || service->stopping) {
        return;
    }
    plan_looks(service, boot);
    if (boot >= service->expire_due) {
        submit(service, (struct erase_job){ .expires = true });
        return;
    }
    step = series_erase_next(service->series);
    if (step != SERIES_ERASE_COMPACT) {
        service->erase_since = boot;
    }
    /* What made one step wait is nothing to another. */
    bool waits = step == service->erase_step && boot < service->erase_due;

    if (!waits && boot >= due(service, step)) {
        submit(service, (struct erase_job){ .expires = false });
    } else if (quiet && step == SERIES_ERASE_NOTHING &&
               boot >= service->spare_due) {
        submit(service, (struct erase_job){ .spares = true });
    }
}
