/*
 * clockwork: the rows that time alone brings (consent.h, lifecycle.h): expiry,
 * lapse, suspensions that begin or end by themselves.
 *
 * Nothing depends on it: every decision compares times itself.  It only writes
 * down what has become true, so that receipts go out and the log says when.
 */
#include <stdlib.h>

#include "consent/lifecycle.h"
#include "service/guard_internal.h"

#define LOOK_AGAIN (5 * VLT_SECOND)

struct clock_job {
    struct job job; /* first */
    struct service *service;
    bool more; /* may be due: it wrote as much as it could */
    struct after *after;
};

static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    struct clock_job *self = (struct clock_job *)job;
    struct consent_changes changes = { .count = 0 };
    struct consent_at at = { .now = 0 };
    struct store_txn *txn;
    enum vlt_status st = guard_now(turn, &at.now);

    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st == VLT_OK) {
        at.sure = turn->sure;
        st = consent_pauses(self->service->consent, txn, &at, &changes);
    }
    if (st == VLT_OK) {
        st = consent_clock(self->service->consent, txn, at.now, &changes);
    }
    if (st != VLT_OK) {
        consent_changes_free(&changes);
        return st;
    }
    self->more = changes.count >= CONSENT_CLOCK_ROWS;
    return guard_carry(turn, &changes, &self->after);
}

static void
done(struct job *job, enum vlt_status st)
{
    struct clock_job *self = (struct clock_job *)job;

    if (st == VLT_OK && self->more) {
        self->service->clock_due = 0;
    } /* else what was not written is due at the next look */
    after_run(self->service, self->after);
    self->service->clock_queued = false;
    subscribe_arm(self->service);
    after_free(self->after);
    free(self);
}

static bool
is_due(const struct service *service)
{
    int64_t now = service_effective(service);

    return consent_clock_due(service->consent, now) ||
           consent_pauses_due(service->consent, now, service_sure(service));
}

void
clockwork_run(struct service *service)
{
    struct clock_job *self;

    service->clock_due = service_boot(service) + LOOK_AGAIN;
    if (service->clock_queued || !service->unlocked || service->stopping ||
        !is_due(service)) {
        subscribe_arm(service);
        return;
    }
    self = calloc(1, sizeof *self);
    if (self == NULL) {
        subscribe_arm(service);
        return;
    }
    self->service = service;
    self->job.control = true;
    self->job.commit = commit;
    self->job.done = done;
    service->clock_queued = true;
    service_submit(service, &self->job);
    subscribe_arm(service);
}
