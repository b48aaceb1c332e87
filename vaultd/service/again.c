/*
 * again: a frame that consent overtook goes back to the guard.
 *
 * It takes no second use, and no row of the lifecycle: whoever asks next takes
 * it.  What may still leave gets a new release; what may not is dropped, and
 * the answer breaks off.
 */
#include <stdlib.h>
#include <string.h>

#include "service/hold.h"
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
};

/* What keeps a firm from a new use does not keep it from this one, which was
 * taken and logged before. */
static bool
may_go_on(const struct consent_use *use)
{
    switch (use->no) {
    case CONSENT_YES:
    case CONSENT_NO_RATE:
    case CONSENT_NO_PENDING:
        return true;
    case CONSENT_NO_DENIED:
    case CONSENT_NO_ENDED:
    case CONSENT_NO_AGREEMENT:
        break;
    }
    return false;
}

/* Is it still what may leave? */
static enum vlt_status
check_frame(struct again_job *self, const struct consent_asking *asking,
            struct consent_use *use)
{
    struct consent *consent = self->service->consent;
    bool moved = true;
    enum vlt_status st = VLT_OK;

    if (use->grant == NULL) {
        use->grant = consent_grant_now(consent, asking->grant);
    }
    if (use->grant != NULL) {
        st = page_moved(self->leave->reading, &self->leave->gave, asking, use,
                        &moved);
    }
    self->may = st == VLT_OK && !moved;
    return st;
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
    };
    struct consent_use use;
    enum vlt_status st = guard_now(turn, &asking.now);

    if (st != VLT_OK) {
        return st;
    }
    asking.running = turn->running;
    asking.sure = turn->sure;
    memcpy(asking.grant, reading->grant, sizeof asking.grant);
    consent_may_now(self->service->consent, &asking, &use);
    if (may_go_on(&use)) {
        st = check_frame(self, &asking, &use);
    }
    if (use.grant != NULL) {
        self->leave->until =
            consent_boundary(self->service->consent, use.grant, asking.now);
    }
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

    self->may = false;
    if (firm != NULL && firm->state == IDENTITY_CONFIRMED &&
        !hold_on(self->service) &&
        !owed_holds(self->service->owed, self->leave->reading->grant)) {
        st = decide(self, turn, firm);
    }
    firm_release(firm);
    return st;
}

/* What is behind a frame that does not leave does not either. */
static void
break_off(struct release *leave, enum vlt_status st)
{
    struct reading *reading = leave->reading;
    struct session *session =
        session_find(reading->service, reading->who.session);
    struct vlt_slice none = { .len = 0 };

    if (session != NULL && !reading_broken(reading)) {
        reply_error(reading->service, &reading->who, &reading->id, st, NULL,
                    none);
        /* Its final page may be queued behind; what is half written goes on. */
        reading->whole = false;
        release_finish(reading);
        reading_end(session, reading);
    }
    release_free(leave);
}

static void
done(struct job *job, enum vlt_status st)
{
    struct again_job *self = (struct again_job *)job;
    const struct service_sink *sink = &self->service->config.sink;

    if (st != VLT_OK || !self->may || reading_broken(self->leave->reading)) {
        break_off(self->leave, st == VLT_E_BUSY ? st : VLT_E_DENIED);
    } else if (self->binary) {
        sink->binary(sink->ctx, self->session, &self->frame, self->leave);
    } else {
        sink->text(sink->ctx, self->session, &self->frame, self->leave, false);
    }
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
        break_off(leave, VLT_E_NOMEM);
        vlt_buf_free(frame);
        return;
    }
    release_back(leave);
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
