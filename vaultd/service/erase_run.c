/*
 * erase_run: what is left to be done after an erase, in jobs of its own; and
 * the compaction of a file that is mostly free pages.
 *
 * Keys that a crash left are destroyed as soon as the vault is unlocked.  The
 * records under them go turn by turn, and then the file is compacted
 * (compact_run.h), when nobody has appended for a while, or when it was put off
 * long enough: a copy has more to follow while much is written.
 */
#include <stdlib.h>

#include "service/compact_run.h"
#include "service/erase.h"
#include "service/guard_internal.h"
#include "store/compact.h"
#include "util/log.h"

#define EXPIRE_FIRST (10 * VLT_SECOND) /* after an unlock */
#define EXPIRE_EVERY VLT_DAY
#define COMPACT_QUIET (10 * VLT_SECOND) /* without an append */
#define COMPACT_LATEST (12 * VLT_HOUR)
#define COMPACT_AGAIN VLT_HOUR /* after a failure; doubled after each */
#define STEP_AGAIN VLT_MINUTE  /* likewise, of the other steps */
#define COMPACT_AFTER_CRASH (12 * VLT_HOUR)
#define SWEEP_AGAIN (5 * VLT_SECOND) /* when a step brought nothing */
#define CLOCK_SPAN (5 * VLT_MINUTE)
#define SPARE_EVERY VLT_HOUR /* a look at how much is free */

struct erase_job {
    struct job job; /* first */
    struct service *service;
    enum series_erase_step step;
    bool expires;  /* look, daily, for what is kept no longer */
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
    /* With a full keyring what is old has to go all the more. */
    if (st != VLT_OK && st != VLT_E_LIMIT) {
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
commit(struct job *job, struct turn *turn)
{
    struct erase_job *self = (struct erase_job *)job;

    if (self->expires) {
        return expire(self, turn);
    }
    self->step = series_erase_next(self->service->series);
    self->mark = series_erase_mark(self->service->series);
    switch (self->step) {
    case SERIES_ERASE_KEYS:
        return erase_destroy_keys(turn);
    case SERIES_ERASE_SWEEP:
        return sweep(self, turn);
    case SERIES_ERASE_NOTHING:
    case SERIES_ERASE_COMPACT: /* at the next look */
        return VLT_OK;
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
        if (st != VLT_OK && st != VLT_E_LOCKED) {
            log_error("service",
                      "rows that are past their keep are not "
                      "erased: %s",
                      vlt_status_word(st));
        }
        service->expire_due =
            st == VLT_OK && self->any ? boot : boot + EXPIRE_EVERY;
    } else if (st != VLT_OK) {
        service->erase_step = self->step;
        service->erase_due = boot + STEP_AGAIN;
    } else if (self->step == SERIES_ERASE_SWEEP &&
               series_erase_mark(service->series) == self->mark) {
        service->erase_step = self->step;
        service->erase_due = boot + SWEEP_AGAIN;
    }
    free(self);
    erase_run(service);
}

/* ---- compacting ---- */

/* What was erased meanwhile is swept first, without a wait.  A copy that never
 * comes to its end, because too much is written or the disk is too full, costs
 * as much as one that does: it is made less and less often. */
static void
compacted(struct service *service, enum vlt_status st)
{
    int64_t wait = service->compact_wait;

    if (st == VLT_OK) {
        service->compact_wait = 0;
    } else if (st != VLT_E_CONFLICT) {
        wait = wait == 0 ? COMPACT_AGAIN : 2 * wait;
        service->compact_wait = wait < VLT_DAY ? wait : VLT_DAY;
        service->erase_step = SERIES_ERASE_COMPACT;
        service->erase_due = service_boot(service) + service->compact_wait;
    }
    erase_run(service);
}

static void
spared(struct service *service, enum vlt_status st)
{
    (void)st;
    service->spare_due = service_boot(service) + SPARE_EVERY;
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

/* The next step of what was erased, or a look at free pages. */
static void
next(struct service *service, enum series_erase_step step, int64_t boot)
{
    bool quiet =
        boot >= (int64_t)atomic_get(&service->appended) + COMPACT_QUIET;
    /* What made one step wait is nothing to another. */
    bool waits = step == service->erase_step && boot < service->erase_due;

    if (step == SERIES_ERASE_NOTHING) {
        if (quiet && boot >= service->spare_due && !compact_runs(service)) {
            compact_run_spare(service, spared);
        }
        return;
    }
    if (waits || boot < due(service, step)) {
        return;
    }
    if (step != SERIES_ERASE_COMPACT) {
        compact_run_cancel(service); /* its copy has what is to be swept */
        submit(service, (struct erase_job){ .expires = false });
    } else if (!compact_runs(service)) {
        compact_run_erase(service, compacted);
    }
}

void
erase_run(struct service *service)
{
    int64_t boot = service_boot(service);
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
    next(service, step, boot);
}
