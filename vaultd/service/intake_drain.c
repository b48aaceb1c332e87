/*
 * The inbox drains: each entry goes the way of a push, and is deleted in the
 * commit that stores it.  So a kill at any time loses none and stores none
 * twice.
 */
#include <stdlib.h>
#include <string.h>

#include "ingest/adapter.h"
#include "ingest/gunzip.h"
#include "service/device.h"
#include "service/http_internal.h"
#include "service/intake_box.h"
#include "service/intake_internal.h"
#include "service/pour_internal.h"
#include "util/log.h"
#include "json/json_write.h"

#define DRAIN_AGAIN (5 * VLT_SECOND)

/* What is to be done with an entry. */
enum verdict {
    ENTRY_NONE,  /* there is none any more */
    ENTRY_STORE, /* by its pour */
    ENTRY_DROP,  /* nobody's, damaged, or drained already */
};

struct draining {
    struct job job; /* first */
    struct service *service;
    uint64_t from;
    uint64_t number;
    uint64_t missing; /* numbers below it that were not there */
    enum verdict verdict;
    bool whole; /* it cannot be read: all of it to quarantine */
    struct pour *pour;
    struct pour_claim claim;
    struct vlt_buf plain;
    struct vlt_buf opened; /* what a device sealed */
    struct vlt_buf body;   /* inflated */
    size_t cost;           /* bytes that the body was in the end */
    struct series_stored put;
    /* For the entry in the log, when there is nothing more. */
    uint64_t stored, refused, lost;
};

static void
draining_free(struct draining *self)
{
    pour_free(self->pour);
    vlt_buf_free(&self->plain);
    vlt_buf_free(&self->opened);
    vlt_buf_free(&self->body);
    free(self);
}

/* ---- on a worker ---- */

static enum vlt_status
parse(struct draining *self, const struct intake_box *box,
      const struct adapter *adapter)
{
    struct adapter_input input = { .body = box->body,
                                   .received = box->received };
    enum vlt_status st = adapter_precision(
        http_value_of(box->query, "precision"), &input.precision);

    if (st == VLT_OK && self->whole) {
        return pour_whole(self->pour, &input);
    }
    self->cost = box->body.len;
    if (st == VLT_OK && box->gzip) {
        vlt_buf_clear(&self->body);
        st = gunzip(box->body, ADAPTER_INFLATED, &self->body);
        input.body = vlt_buf_slice(&self->body);
        self->cost = st == VLT_OK ? self->body.len : ADAPTER_INFLATED;
    }
    if (st == VLT_OK && input.body.len > 0) {
        st = pour_body(self->pour, adapter, &input);
    }
    if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
        input.body = box->body;
        self->whole = true;
        st = pour_whole(self->pour, &input);
    }
    return st;
}

/* What is of a device is held against its key now; box->body is then what it
 * said. */
static enum vlt_status
prove(struct draining *self, const struct store_view *view,
      struct intake_box *box, const struct device_claim *claim,
      const struct source *source)
{
    struct device_message message = { .method = vlt_slice_text("POST"),
                                      .body = box->body };
    struct vlt_buf target;
    enum vlt_status st;

    vlt_buf_init(&target, INTAKE_PATH + 1 + INTAKE_QUERY);
    http_put_target(box->path, box->query, &target);
    st = vlt_buf_status(&target);
    if (st == VLT_OK) {
        message.target = vlt_buf_slice(&target);
        vlt_buf_clear(&self->opened);
        st = device_prove(view, source, claim, &message, &self->opened);
    }
    vlt_buf_free(&target);
    if (st == VLT_OK && box->way == INTAKE_WAY_SEALED) {
        box->body = vlt_buf_slice(&self->opened);
    }
    box->gzip = device_is_gzip(box->body);
    return st == VLT_E_LIMIT ? VLT_E_AUTH : st;
}

/* The source of what a device signed or sealed: held.  VLT_E_AUTH: of none. */
static enum vlt_status
source_of_device(struct draining *self, const struct store_view *view,
                 struct intake_box *box, const struct source **out)
{
    struct device_claim claim;
    const struct source *source;
    enum vlt_status st = box->way == INTAKE_WAY_SEALED
                             ? device_read_sealed(box->body, &claim)
                             : device_read_header(box->proof, &claim);

    if (st != VLT_OK) {
        return st;
    }
    source =
        identity_source_by_token_id(self->service->identity, claim.head.device);
    st = prove(self, view, box, &claim, source);
    if (st != VLT_OK) {
        source_release(source);
        return st;
    }
    self->claim.way = claim.way;
    self->claim.seq = claim.head.counter;
    memcpy(self->claim.boot, claim.head.boot, sizeof self->claim.boot);
    *out = source;
    return VLT_OK;
}

/* Whose it is: what it shows says so. */
static enum vlt_status
source_of(struct draining *self, const struct store_view *view,
          struct intake_box *box, const struct source **out)
{
    self->claim = (struct pour_claim){
        .way = WAY_BEARER,
        .over = box->over == 0 ? SOURCE_OVER_UNSAID
                               : (enum source_over)(1U << (box->over - 1)),
    };
    if (box->way != INTAKE_WAY_TOKEN) {
        return source_of_device(self, view, box, out);
    }
    *out = identity_source_by_token(self->service->identity, box->proof);
    return *out != NULL ? VLT_OK : VLT_E_AUTH;
}

static enum vlt_status
read_box(struct draining *self, const struct store_view *view)
{
    const struct adapter *adapter;
    const struct source *source = NULL;
    struct intake_box box;
    enum vlt_status st;

    if (intake_box_decode(vlt_buf_slice(&self->plain), &box) != VLT_OK ||
        box.number != self->number) {
        return VLT_OK; /* dropped */
    }
    adapter = adapter_by_path(box.path);
    st = source_of(self, view, &box, &source);
    if (st != VLT_OK) {
        return st == VLT_E_AUTH ? VLT_OK : st;
    }
    if (adapter == NULL || source->state != IDENTITY_CONFIRMED) {
        source_release(source);
        return VLT_OK;
    }
    pour_free(self->pour);
    self->pour = pour_new(self->service, source);
    if (self->pour == NULL) {
        source_release(source);
        return VLT_E_NOMEM;
    }
    self->pour->claim = self->claim;
    self->verdict = ENTRY_STORE;
    return parse(self, &box, adapter);
}

static enum vlt_status
open_entry(struct draining *self, const struct store_view *view)
{
    uint64_t drained = 0;
    enum vlt_status st = store_inbox_drained(view, &drained);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_clear(&self->plain);
    st = store_inbox_open(view, self->from, &self->number, &self->plain);
    if (st == VLT_E_NOT_FOUND) {
        self->verdict = ENTRY_NONE;
        return VLT_OK;
    }
    if (st != VLT_OK && st != VLT_E_AUTH) {
        return st;
    }
    self->verdict = ENTRY_DROP;
    self->missing = self->number > drained + 1 ? self->number - drained - 1 : 0;
    if (st == VLT_E_AUTH || self->number <= drained) {
        return VLT_OK;
    }
    return read_box(self, view);
}

static enum vlt_status
prepare(struct job *job)
{
    struct draining *self = (struct draining *)job;
    struct store_read *read = NULL;
    enum vlt_status st = store_read_begin(self->service->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    st = open_entry(self, store_read_view(read));
    store_read_end(read);
    job->alone =
        st == VLT_OK && self->verdict == ENTRY_STORE && pour_makes(self->pour);
    return st;
}

/* ---- on the commit thread ---- */

static enum vlt_status
log_drained(const struct draining *self, struct turn *turn)
{
    struct guard_event event = { .type = AUDIT_RUN };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "inbox");
    vlt_put_uint(&json, "missing", self->lost);
    vlt_put_uint(&json, "refused", self->refused);
    vlt_put_uint(&json, "stored", self->stored);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

static enum vlt_status
drop(const struct draining *self, struct turn *turn)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    return st == VLT_OK ? store_inbox_drop(txn, self->number) : st;
}

/* Its rows belong beside a record that does not open; the disk is not what is
 * wrong.  All behind it must not wait for that. */
static bool
meets_damage(const struct turn *turn, enum vlt_status st)
{
    return st == VLT_E_STORAGE && turn->txn != NULL &&
           !store_txn_failed(turn->txn) &&
           store_txn_stop(turn->txn) == STORE_STOP_NONE;
}

static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    struct draining *self = (struct draining *)job;
    enum vlt_status st = VLT_OK;

    switch (self->verdict) {
    case ENTRY_NONE:
        return self->stored + self->refused > 0 ? log_drained(self, turn)
                                                : VLT_OK;
    case ENTRY_DROP:
        return drop(self, turn);
    case ENTRY_STORE:
        break;
    }
    st = pour_commit(self->pour, turn, &self->put);
    if (st == VLT_E_DENIED || st == VLT_E_AUTH) {
        self->verdict = ENTRY_DROP; /* blocked meanwhile */
        st = VLT_OK;
    }
    if (!self->whole && (st == VLT_E_LIMIT || meets_damage(turn, st))) {
        self->whole = true;
        guard_undo(turn);
        st = VLT_E_CONFLICT;
    }
    job->again = st == VLT_E_CONFLICT;
    return st == VLT_OK ? drop(self, turn) : st;
}

/* ---- on the loop ---- */

/* It counts to its source's day as a push does, when it is stored: before that
 * nobody could tell whose it is, or of how much.  What came before costs
 * nothing, since whoever has heard it can send it. */
static void
charge(const struct draining *self)
{
    const struct pour *pour = self->pour;
    int64_t boot = service_boot(self->service);
    struct peer *peer;

    if (self->verdict != ENTRY_STORE || self->put.duplicate) {
        return;
    }
    peer = peer_of_source(self->service, pour->source);
    if (peer != NULL) {
        peer_note_rows(peer, self->cost, boot);
        peer_note_count(
            peer, self->put.rows + self->put.equal + pour->bad_count, boot);
    }
}

static void
note(struct intake *intake, const struct draining *self)
{
    intake->missing += self->missing;
    intake->next = self->number + 1;
    intake->waits = false;
    if (self->verdict == ENTRY_STORE && !self->pour->below) {
        intake->stored++;
        return;
    }
    intake->refused++;
    log_warning("service", "an entry of the inbox is nobody's any more, "
                           "damaged, or was put back: it is dropped");
}

static void
end(struct intake *intake)
{
    if (intake->stored + intake->refused > 0) {
        log_info("service", "the inbox is drained");
    }
    if (intake->missing > 0) {
        log_warning("service", "entries of the inbox are missing: they were "
                               "taken out from outside");
    }
    intake->next = 0;
    intake->stored = 0;
    intake->refused = 0;
    intake->missing = 0;
}

/* It is tried again until it goes; whoever reads the log is told once why it
 * does not. */
static void
wait_for_better(struct intake *intake, enum vlt_status st)
{
    if (!intake->waits && st != VLT_E_BUSY) {
        log_warning("service",
                    "the inbox waits, since an entry cannot be stored: %s",
                    vlt_status_word(st));
        intake->waits = true;
    }
}

static void drain(struct service *service);

static void
done(struct job *job, enum vlt_status st)
{
    struct draining *self = (struct draining *)job;
    struct service *service = self->service;
    struct intake *intake = service->intake;

    intake->draining = false;
    if (st == VLT_OK && self->verdict == ENTRY_NONE) {
        end(intake);
    } else if (st == VLT_OK) {
        if (self->pour != NULL) {
            after_run(service, self->pour->after);
        }
        charge(self);
        note(intake, self);
        drain(service);
    } else if (st != VLT_E_LOCKED) {
        wait_for_better(intake, st);
        intake->due = service_boot(service) + DRAIN_AGAIN;
    }
    draining_free(self);
}

static void
drain(struct service *service)
{
    struct intake *intake = service->intake;
    struct draining *self;

    if (intake->draining || !service->unlocked || service->stopping) {
        return;
    }
    intake->due = INT64_MAX;
    self = calloc(1, sizeof *self);
    if (self == NULL) {
        intake->due = service_boot(service) + DRAIN_AGAIN;
        return;
    }
    self->service = service;
    self->from = intake->next;
    self->stored = intake->stored;
    self->refused = intake->refused;
    self->lost = intake->missing;
    vlt_buf_init_secret(&self->plain, STORE_INBOX_BOX);
    vlt_buf_init(&self->opened, ADAPTER_BODY);
    vlt_buf_init(&self->body, ADAPTER_INFLATED);
    self->job.lane = JOB_OTHERS;
    self->job.prepare = prepare;
    self->job.commit = commit;
    self->job.done = done;
    intake->draining = true;
    service_submit(service, &self->job);
}

void
intake_open(struct service *service)
{
    service->intake->known = false;
    if (store_inbox_count(service->store) > 0) {
        drain(service);
    }
}

bool
intake_holds(const struct service *service)
{
    return service->unlocked && store_inbox_count(service->store) > 0;
}

bool
intake_drains(const struct service *service)
{
    return intake_holds(service) && !service->intake->waits;
}

void
intake_run(struct service *service)
{
    if (service_boot(service) >= service->intake->due) {
        drain(service);
    }
}

int64_t
intake_due(const struct service *service)
{
    return service->unlocked ? service->intake->due : INT64_MAX;
}
