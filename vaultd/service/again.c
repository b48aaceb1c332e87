/*
 * again: a frame that consent overtook goes back to the guard.
 *
 * It takes no second use.  What may still leave gets a new release; what may
 * not is dropped, and the answer breaks off.
 */
#include <stdlib.h>
#include <string.h>

#include "service/owed.h"
#include "service/page_internal.h"

struct again_job {
    struct job job; /* first */
    struct service *service;
    uint64_t session;
    struct release *leave; /* the old one; its members are used again */
    struct vlt_buf frame;
    bool binary;
    bool may;
    struct after *after;
};

/* Is nothing erased of what was read, and all of it still in the grant? */
static bool
bound_still(const struct release *leave, const struct grant *grant)
{
    const struct reading *reading = leave->reading;

    if (grant->terms_version != reading->terms_version) {
        return false;
    }
    for (size_t i = 0; i < reading->count; i++) {
        bool found = false;

        for (size_t j = 0; !found && j < grant->bound_count; j++) {
            found = memcmp(grant->bound[j].stream,
                           reading->streams[i].stream->id, VLT_ID_LEN) == 0;
        }
        if (!found || series_erased_since(reading->service->series,
                                          reading->streams[i].stream->id,
                                          leave->snapshot)) {
            return false;
        }
    }
    return true;
}

static enum vlt_status
decide(struct again_job *self, struct turn *turn, const struct firm *firm)
{
    struct reading *reading = self->leave->reading;
    struct consent_firm facts = guard_firm(firm);
    struct consent_asking asking = {
        .firm = &facts,
        .live = reading->live,
        .free_of = reading->live ? NULL : reading->use,
        .now = turn->now,
    };
    struct consent_changes changes = { .count = 0 };
    struct consent_use use;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    asking.now = turn->now;
    memcpy(asking.grant, reading->grant, sizeof asking.grant);
    st = consent_use(self->service->consent, txn, &asking, &changes, &use);
    if (st != VLT_OK) {
        consent_changes_free(&changes);
        return st;
    }
    st = guard_carry(turn, &changes, &self->after);
    self->may = st == VLT_OK && use.no == CONSENT_YES &&
                !owed_holds(self->service->owed, reading->grant) &&
                bound_still(self->leave, use.grant);
    grant_release(use.grant);
    self->leave->epoch = consent_epoch_now(self->service->consent);
    /* The next live page opens a span of its own, under the new epoch. */
    return st;
}

static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    struct again_job *self = (struct again_job *)job;
    const struct firm *firm = identity_firm_now(self->service->identity,
                                                self->leave->reading->who.id);
    enum vlt_status st = VLT_OK;

    if (firm != NULL && firm->state == IDENTITY_CONFIRMED) {
        st = decide(self, turn, firm);
    }
    firm_release(firm);
    return st;
}

static void
break_off(struct again_job *self)
{
    struct reading *reading = self->leave->reading;
    struct session *session = session_find(self->service, self->session);
    struct vlt_slice none = { .len = 0 };

    if (session != NULL && !reading_broken(reading)) {
        reply_error(self->service, &reading->who, &reading->id, VLT_E_DENIED,
                    NULL, none);
        reading_end(session, reading);
    }
    release_free(self->leave);
    vlt_buf_free(&self->frame);
}

static void
done(struct job *job, enum vlt_status st)
{
    struct again_job *self = (struct again_job *)job;
    const struct service_sink *sink = &self->service->config.sink;

    after_run(self->service, self->after);
    if (st != VLT_OK || !self->may || reading_broken(self->leave->reading)) {
        break_off(self);
    } else if (self->binary) {
        sink->binary(sink->ctx, self->session, &self->frame, self->leave);
    } else {
        sink->text(sink->ctx, self->session, &self->frame, self->leave, false);
    }
    after_free(self->after);
    vlt_buf_free(&self->frame);
    free(self);
}

void
service_again(struct service *service, uint64_t session, struct release *leave,
              struct vlt_buf *frame, bool binary)
{
    struct again_job *self = calloc(1, sizeof *self);

    if (self == NULL || !service->unlocked) {
        free(self);
        release_free(leave);
        vlt_buf_free(frame);
        return;
    }
    self->service = service;
    self->session = session;
    self->leave = leave;
    self->frame = *frame;
    self->binary = binary;
    *frame = (struct vlt_buf){ .len = 0 };
    self->job.waiter = principal_waiter(&leave->reading->who);
    self->job.lane = JOB_OTHERS;
    self->job.commit = commit;
    self->job.done = done;
    service_submit(service, &self->job);
}
