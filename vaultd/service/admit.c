/*
 * admit: is this peer, who proved a key, to be let in (WIRE.md, 3.3)?
 *
 * Decided on the commit thread, on what is in force in that turn.  Whoever is
 * not let in gets the one refusal; why is told to nobody.
 */
#include <stdlib.h>
#include <string.h>

#include "service/guard_internal.h"
#include "wire/handshake.h"
#include "json/json_write.h"

struct admit_job {
    struct job job; /* first */
    struct service *service;
    uint64_t connection;
    struct vlt_peer peer;
    uint8_t data[VLT_ENROL_MAX];
    struct service_admission out;
    struct after *after;
};

/* The head of the firm's own tree, which M4 carries. */
static enum vlt_status
put_head(struct admit_job *self, struct turn *turn)
{
    struct audit_head head;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = audit_head(self->service->audit, store_txn_view(txn),
                        self->out.who.id, &head);
    }
    if (st == VLT_OK) {
        self->out.tree_size = head.size;
        self->out.tree_time = head.time;
        memcpy(self->out.tree_root, head.root, sizeof head.root);
    }
    return st;
}

static enum vlt_status
log_enrolment(struct turn *turn, const struct firm *firm)
{
    struct guard_event event = { .type = AUDIT_FIRM, .firm = firm };
    struct vlt_json_out json;
    struct vlt_buf firm_detail;
    struct vlt_buf owner_detail;
    enum vlt_status st;

    vlt_buf_init(&firm_detail, AUDIT_DETAIL_MAX);
    vlt_buf_init(&owner_detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&firm_detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "enrolled");
    vlt_put_end(&json);
    json = vlt_json_out(&owner_detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "enrolled");
    vlt_put_text(&json, "firm", firm->name);
    vlt_put_hex(&json, "key", firm->key, sizeof firm->key);
    vlt_put_end(&json);
    event.firm_detail = vlt_buf_slice(&firm_detail);
    event.owner_detail = vlt_buf_slice(&owner_detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&firm_detail);
    vlt_buf_free(&owner_detail);
    return st;
}

static void
tell_owner(struct admit_job *self, struct turn *turn, const struct firm *firm)
{
    struct after *after =
        after_add(turn, &self->after, AFTER_NOTIFY_OWNER, firm->id);
    struct vlt_json_out json;

    if (after == NULL) {
        return; /* firm list shows it all the same */
    }
    json = vlt_rpc_begin_notification(&after->text, "owner.notice");
    vlt_put_object(&json, "params");
    vlt_put_text(&json, "kind", "firm");
    vlt_put_null(&json, "subject");
    vlt_put_text(&json, "says",
                 "A firm has enrolled and waits to be confirmed.");
    vlt_put_end(&json);
    vlt_put_end(&json);
}

static enum vlt_status
enrol(struct admit_job *self, struct turn *turn)
{
    const struct firm *firm = NULL;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = identity_spend(self->service->identity, txn, &self->peer, &firm);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = log_enrolment(turn, firm);
    if (st == VLT_OK) {
        st = consent_moved(self->service->consent, txn);
    }
    if (st == VLT_OK) {
        tell_owner(self, turn, firm);
        memcpy(self->out.who.id, firm->id, sizeof firm->id);
        self->out.status = VLT_READY_WAITING;
        st = put_head(self, turn);
    }
    firm_release(firm);
    return st;
}

static enum vlt_status
let_in(struct admit_job *self, struct turn *turn)
{
    const struct firm *firm =
        identity_firm_now_by_key(self->service->identity, self->peer.pk);
    enum vlt_status st = VLT_E_AUTH;

    if (firm != NULL && firm->state == IDENTITY_CONFIRMED) {
        memcpy(self->out.who.id, firm->id, sizeof firm->id);
        self->out.status = VLT_READY_OK;
        st = put_head(self, turn);
    }
    firm_release(firm);
    return st;
}

/* ---- sources ---- */

static enum vlt_status
log_source(struct turn *turn, const struct source *source)
{
    struct guard_event event = { .type = AUDIT_RUN };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "source");
    vlt_put_hex(&json, "key", source->key, sizeof source->key);
    vlt_put_text(&json, "source", source->name);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

/* The owner made it and gave it its token: nobody has to confirm it. */
static enum vlt_status
enrol_source(struct admit_job *self, struct turn *turn,
             const struct source **out)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = identity_source_enrol(self->service->identity, txn, &self->peer,
                                   WAY_KEY, out);
    }
    return st == VLT_OK ? log_source(turn, *out) : st;
}

static enum vlt_status
source_in(struct admit_job *self, struct turn *turn)
{
    const struct source *source = NULL;
    enum vlt_status st = VLT_OK;

    if (self->peer.enrol == VLT_ENROL_NONE) {
        source =
            identity_source_now_by_key(self->service->identity, self->peer.pk);
    } else {
        st = enrol_source(self, turn, &source);
    }
    if (st == VLT_OK &&
        (source == NULL || source->state != IDENTITY_CONFIRMED)) {
        st = VLT_E_AUTH;
    }
    if (st == VLT_OK) {
        memcpy(self->out.who.id, source->id, sizeof source->id);
        memcpy(self->out.who.token, source->token_id, sizeof source->token_id);
        self->out.status = VLT_READY_OK;
    }
    source_release(source);
    return st;
}

static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    struct admit_job *self = (struct admit_job *)job;

    switch (self->peer.role) {
    case VLT_ROLE_FIRM:
        return self->peer.enrol == VLT_ENROL_NONE ? let_in(self, turn)
                                                  : enrol(self, turn);
    case VLT_ROLE_SOURCE:
        return source_in(self, turn);
    case VLT_ROLE_OWNER:
        break; /* its devices do not come in yet */
    }
    return VLT_E_AUTH;
}

/* What ends a firm in the same turn, behind this, is answered before it: then
 * its sessions are closed already, and this one would open behind that. */
static bool
is_in_still(const struct admit_job *self)
{
    const struct firm *firm;
    bool in;

    if (self->peer.role != VLT_ROLE_FIRM || self->out.status != VLT_READY_OK) {
        return true;
    }
    firm = identity_firm_by_key(self->service->identity, self->peer.pk);
    in = firm != NULL && firm->state == IDENTITY_CONFIRMED;
    firm_release(firm);
    return in;
}

static void
done(struct job *job, enum vlt_status st)
{
    struct admit_job *self = (struct admit_job *)job;
    const struct service_sink *sink = &self->service->config.sink;

    if (st != VLT_OK || !is_in_still(self)) {
        self->out = (struct service_admission){ .status = VLT_READY_REFUSED };
    }
    after_run(self->service, self->after);
    sink->admitted(sink->ctx, self->connection, &self->out);
    after_free(self->after);
    free(self);
}

void
service_admit(struct service *service, uint64_t connection,
              const struct service_claim *claim)
{
    const struct service_sink *sink = &service->config.sink;
    struct service_admission refused = { .status = VLT_READY_REFUSED };
    struct admit_job *self = calloc(1, sizeof *self);

    if (self == NULL || !service->unlocked || service->stopping ||
        claim->enrol_data.len > sizeof self->data) {
        free(self);
        sink->admitted(sink->ctx, connection, &refused);
        return;
    }
    self->service = service;
    self->connection = connection;
    self->peer.role = claim->role == ROLE_FIRM     ? VLT_ROLE_FIRM
                      : claim->role == ROLE_SOURCE ? VLT_ROLE_SOURCE
                                                   : VLT_ROLE_OWNER;
    self->peer.enrol = (enum vlt_enrol_kind)claim->enrolment;
    memcpy(self->peer.pk, claim->key, sizeof self->peer.pk);
    memcpy(self->peer.binding, claim->transcript, sizeof self->peer.binding);
    if (claim->enrol_data.len > 0) {
        memcpy(self->data, claim->enrol_data.at, claim->enrol_data.len);
    }
    self->peer.data = vlt_slice_of(self->data, claim->enrol_data.len);
    self->out.who.role = claim->role;
    self->out.who.way = WAY_KEY;
    memcpy(self->out.who.key, claim->key, sizeof self->out.who.key);
    self->out.who.session = connection;
    self->job.waiter = connection;
    self->job.lane = JOB_OTHERS;
    self->job.commit = commit;
    self->job.done = done;
    service_submit(service, &self->job);
}
