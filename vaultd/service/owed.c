#include "service/owed.h"

#include <stdlib.h>
#include <string.h>

#include "service/noun_internal.h"
#include "util/log.h"

enum {
    WAIT_MOST_S = 30, /* between two tries */
};

/* A call that revoked in memory. */
struct debt {
    struct debt *next;
    struct guard_once once;
    struct vlt_buf result;
    size_t count;
    uint8_t grant[][VLT_ID_LEN];
};

struct owed {
    struct lock *lock; /* over the list */
    struct debt *first;
    struct debt **last;
    struct atomic count; /* of the list */
    struct atomic reads;
    bool queued;    /* a job is under way (loop) */
    int64_t due;    /* boot time, ns (loop) */
    int64_t wait_s; /* to the next try (loop) */
};

enum vlt_status
owed_new(struct owed **out)
{
    struct owed *owed = calloc(1, sizeof *owed);

    if (owed == NULL) {
        return VLT_E_NOMEM;
    }
    owed->last = &owed->first;
    if (lock_new(&owed->lock) != VLT_OK) {
        owed_free(owed);
        return VLT_E_NOMEM;
    }
    *out = owed;
    return VLT_OK;
}

static void
debt_free(struct debt *debt)
{
    vlt_buf_free(&debt->result);
    free(debt);
}

void
owed_free(struct owed *owed)
{
    if (owed == NULL) {
        return;
    }
    while (owed->first != NULL) {
        struct debt *next = owed->first->next;

        debt_free(owed->first);
        owed->first = next;
    }
    lock_free(owed->lock);
    free(owed);
}

static bool
is_of(const struct debt *debt, const uint8_t grant[VLT_ID_LEN])
{
    for (size_t i = 0; i < debt->count; i++) {
        if (memcmp(debt->grant[i], grant, VLT_ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

bool
owed_holds(const struct owed *owed, const uint8_t grant[VLT_ID_LEN])
{
    bool holds = false;

    if (owed == NULL || atomic_get(&owed->count) == 0) {
        return false;
    }
    lock_take(owed->lock);
    for (struct debt *at = owed->first; !holds && at != NULL; at = at->next) {
        holds = is_of(at, grant);
    }
    lock_drop(owed->lock);
    return holds;
}

uint64_t
owed_count(const struct owed *owed)
{
    return atomic_get(&owed->count);
}

enum vlt_status
owed_revoke(struct service *service, const struct call *call,
            const struct noun_ends *ends, struct vlt_buf *result)
{
    struct owed *owed = service->owed;
    struct debt *debt =
        calloc(1, sizeof *debt + ends->count * sizeof debt->grant[0]);

    if (debt == NULL) {
        return VLT_E_NOMEM;
    }
    debt->once = guard_once_of(call);
    debt->result = *result;
    *result = (struct vlt_buf){ .len = 0 };
    debt->count = ends->count;
    for (size_t i = 0; i < ends->count; i++) {
        memcpy(debt->grant[i], ends->at[i].grant, VLT_ID_LEN);
    }
    lock_take(owed->lock);
    *owed->last = debt;
    owed->last = &debt->next;
    (void)atomic_add(&owed->count, 1);
    lock_drop(owed->lock);
    log_warning("service", "nothing can be written: a revocation is in force "
                           "in memory, and durable when it can");
    return VLT_OK;
}

void
owed_read(struct service *service, const char *method)
{
    log_warning("service",
                "the owner reads (%s); the vault's log is told when "
                "it can be written",
                method);
    (void)atomic_add(&service->owed->reads, 1);
}

/* ---- writing it ---- */

struct owed_job {
    struct job job; /* first */
    struct service *service;
    struct debt *first; /* borrowed from the list, which is the loop's */
    struct debt *last;  /* those up to this one; NULL: none */
    uint64_t reads;
    struct after *after;
};

static enum vlt_status
end_one(struct owed_job *self, struct turn *turn,
        const uint8_t grant[VLT_ID_LEN])
{
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    st = consent_end(self->service->consent, txn, grant, CONSENT_WITHDRAWN,
                     turn->now, &changes);
    if (st == VLT_E_CONFLICT || st == VLT_E_NOT_FOUND) {
        st = VLT_OK; /* it has ended otherwise */
    } else if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &self->after);
    }
    consent_changes_free(&changes);
    return st;
}

static enum vlt_status
pay(struct owed_job *self, struct turn *turn, const struct debt *debt)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < debt->count; i++) {
        st = end_one(self, turn, debt->grant[i]);
    }
    if (st == VLT_OK) {
        st = guard_once_keep(turn, &debt->once, vlt_buf_slice(&debt->result));
    }
    return st == VLT_E_CONFLICT ? VLT_OK : st; /* the answer is kept already */
}

static enum vlt_status
log_reads(struct turn *turn, uint64_t reads)
{
    struct guard_event event = { .type = AUDIT_OWNER };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_uint(&json, "late", reads);
    vlt_put_text(&json, "read", "data");
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

/* Debts are added by the loop behind the last of these, and taken away by it
 * when this is done: up to there the list stands still. */
static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    struct owed_job *self = (struct owed_job *)job;
    const struct debt *debt = self->first;
    enum vlt_status st = VLT_OK;

    if (self->reads > 0) {
        st = log_reads(turn, self->reads);
    }
    for (bool last = self->last == NULL; st == VLT_OK && !last;) {
        st = pay(self, turn, debt);
        last = debt == self->last;
        debt = last ? NULL : debt->next;
    }
    return st;
}

static void
forget(struct owed *owed, const struct owed_job *self)
{
    bool last = self->last == NULL;

    (void)atomic_add(&owed->reads, UINT64_MAX - self->reads + 1);
    lock_take(owed->lock);
    while (!last) {
        struct debt *debt = owed->first;

        last = debt == self->last;
        owed->first = debt->next;
        debt_free(debt);
        (void)atomic_add(&owed->count, UINT64_MAX);
    }
    if (owed->first == NULL) {
        owed->last = &owed->first;
    }
    lock_drop(owed->lock);
}

static void
done(struct job *job, enum vlt_status st)
{
    struct owed_job *self = (struct owed_job *)job;
    struct owed *owed = self->service->owed;

    after_run(self->service, self->after);
    owed->queued = false;
    if (st == VLT_OK) {
        forget(owed, self);
        owed->wait_s = 0;
        log_info("service", "what was owed to the log is written");
    } else if (owed->wait_s < WAIT_MOST_S) {
        owed->wait_s = owed->wait_s == 0 ? 1 : 2 * owed->wait_s;
    }
    owed->due = service_boot(self->service) + owed->wait_s * VLT_SECOND;
    after_free(self->after);
    free(self);
}

static bool
is_due(const struct service *service)
{
    const struct owed *owed = service->owed;

    return service->unlocked && !service->stopping && !owed->queued &&
           (atomic_get(&owed->count) > 0 || atomic_get(&owed->reads) > 0);
}

/* What is owed now, from its first to its last; NULL: nothing. */
static void
take_all_of(struct owed *owed, struct owed_job *self)
{
    lock_take(owed->lock);
    self->first = owed->first;
    self->last = owed->first;
    while (self->last != NULL && self->last->next != NULL) {
        self->last = self->last->next;
    }
    lock_drop(owed->lock);
}

void
owed_run(struct service *service)
{
    struct owed *owed = service->owed;
    struct owed_job *self;

    if (!is_due(service) || service_boot(service) < owed->due) {
        return;
    }
    self = calloc(1, sizeof *self);
    if (self == NULL) {
        return; /* it is due at the next look */
    }
    self->service = service;
    take_all_of(owed, self);
    self->reads = atomic_get(&owed->reads);
    self->job.control = true;
    self->job.commit = commit;
    self->job.done = done;
    owed->queued = true;
    service_submit(service, &self->job);
}

int64_t
owed_due(const struct service *service)
{
    return is_due(service) ? service->owed->due : INT64_MAX;
}
