/*
 * A push to a locked vault: sealed, unread, and acknowledged when it is there.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ingest/adapter.h"
#include "service/http_internal.h"
#include "service/intake_box.h"
#include "service/intake_internal.h"

/* A body on its way into the inbox. */
struct posting {
    struct job job; /* first */
    struct service *service;
    uint64_t connection;
    const struct adapter *adapter;
    struct intake_charge charge;
    struct vlt_buf parts; /* proof, path, query, body: what box points into */
    struct intake_box box;
};

static void
posting_free(struct posting *posting)
{
    vlt_buf_free(&posting->parts);
    free(posting);
}

static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    struct posting *posting = (struct posting *)job;
    struct store_txn *txn;
    struct vlt_buf plain;
    enum vlt_status st = guard_keyless(turn, &txn);

    if (st == VLT_OK && store_txn_stop(txn) != STORE_STOP_NONE) {
        st = VLT_E_STORAGE;
    }
    if (st == VLT_OK) {
        st = store_inbox_next(txn, &posting->box.number);
    }
    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init_secret(&plain, STORE_INBOX_BOX);
    st = intake_box_encode(&posting->box, &plain);
    if (st == VLT_OK) {
        st = store_inbox_put(txn, vlt_buf_slice(&plain));
    }
    vlt_buf_free(&plain);
    return st;
}

static void
done(struct job *job, enum vlt_status st)
{
    struct posting *posting = (struct posting *)job;
    struct service *service = posting->service;

    switch (st) {
    case VLT_OK:
        http_answer_taken(service, posting->connection, posting->adapter->done);
        break;
    case VLT_E_QUOTA:
        http_refuse(service, posting->connection, HTTP_REFUSED_INBOX);
        break;
    case VLT_E_STORAGE:
        http_refuse(service, posting->connection, HTTP_REFUSED_FULL);
        break;
    case VLT_E_LIMIT:
        http_refuse(service, posting->connection, HTTP_REFUSED_SIZE);
        break;
    default: /* busy, unknown */
        http_refuse(service, posting->connection, HTTP_REFUSED_BUSY);
        break;
    }
    if (st != VLT_OK) {
        intake_give_back(service->intake, &posting->charge);
    }
    if (st == VLT_OK && service->unlocked) {
        intake_open(service); /* it came behind the unlock */
    }
    posting_free(posting);
}

/* Copy a part; its place is set when all are there, since the copy moves. */
static size_t
keep(struct posting *posting, struct vlt_slice part)
{
    vlt_buf_put_slice(&posting->parts, part);
    return part.len;
}

static struct vlt_slice
text_of(const char *text)
{
    return vlt_slice_text(text != NULL ? text : "");
}

/* What is kept of how it shows whose it is. */
static struct vlt_slice
proof_of(const struct http_request *request, const struct http_claim *claim)
{
    return claim->way == WAY_BEARER ? claim->token
           : claim->way == WAY_MAC  ? text_of(request->device)
                                    : text_of("");
}

static void
set_way(struct intake_box *box, const struct http_request *request,
        const struct http_claim *claim)
{
    box->way = claim->way == WAY_BEARER ? INTAKE_WAY_TOKEN
               : claim->way == WAY_MAC  ? INTAKE_WAY_SIGNED
                                        : INTAKE_WAY_SEALED;
    box->over = (uint8_t)(request->over + 1);
    box->gzip = claim->way == WAY_BEARER && request->content_encoding != NULL &&
                strcasecmp(request->content_encoding, "gzip") == 0;
}

/* All that the request says, so that it can be done later as now. */
static enum vlt_status
fill(struct posting *posting, const struct http_request *request,
     const struct http_claim *claim)
{
    struct intake_box *box = &posting->box;
    size_t len[4];

    vlt_buf_init_secret(&posting->parts, INTAKE_PROOF + INTAKE_PATH +
                                             INTAKE_QUERY + INTAKE_BODY);
    len[0] = keep(posting, proof_of(request, claim));
    len[1] = keep(posting, text_of(request->path));
    len[2] = keep(posting, text_of(request->query));
    len[3] = keep(posting, request->body);
    if (vlt_buf_failed(&posting->parts)) {
        return vlt_buf_status(&posting->parts);
    }
    const uint8_t *at = posting->parts.at;

    box->proof = vlt_slice_of(at, len[0]);
    box->path = vlt_slice_of(at + len[0], len[1]);
    box->query = vlt_slice_of(at + len[0] + len[1], len[2]);
    box->body = vlt_slice_of(at + len[0] + len[1] + len[2], len[3]);
    box->received = service_effective(posting->service);
    set_way(box, request, claim);
    return VLT_OK;
}

/* It is charged what its entry takes. */
static bool
charge(struct posting *posting, size_t source)
{
    posting->charge = (struct intake_charge){
        .source = source,
        .proved = posting->box.way == INTAKE_WAY_TOKEN,
        .bytes = intake_box_stored(&posting->box),
    };
    return intake_charge(posting->service->intake, &posting->charge);
}

static void
take(struct service *service, uint64_t connection,
     const struct http_request *request, const struct http_waiting *push)
{
    struct posting *posting = calloc(1, sizeof *posting);
    enum vlt_status st = posting != NULL ? VLT_OK : VLT_E_NOMEM;

    if (st == VLT_OK) {
        posting->service = service;
        posting->connection = connection;
        posting->adapter = push->adapter;
        st = fill(posting, request, push->claim);
    }
    if (st == VLT_OK && !charge(posting, push->source)) {
        st = VLT_E_QUOTA;
    }
    if (st != VLT_OK) {
        http_refuse(service, connection,
                    st == VLT_E_QUOTA   ? HTTP_REFUSED_INBOX
                    : st == VLT_E_LIMIT ? HTTP_REFUSED_SIZE
                                        : HTTP_REFUSED_BUSY);
        if (posting != NULL) {
            posting_free(posting);
        }
        return;
    }
    posting->job.waiter = connection;
    posting->job.lane = JOB_OTHERS;
    posting->job.commit = commit;
    posting->job.done = done;
    service_submit(service, &posting->job);
}

/* Only what the vault will understand is taken, as far as that shows from
 * outside. */
static void
look(struct service *service, uint64_t connection,
     const struct http_request *request, const struct http_claim *claim)
{
    struct http_waiting push = {
        .adapter = adapter_by_path(vlt_slice_text(request->path)),
        .claim = claim,
        .source = intake_find(service->intake, claim),
    };
    bool token = claim->way == WAY_BEARER;
    int64_t precision;

    if (push.source == STORE_GATE_MAX || (push.adapter == NULL && !token)) {
        http_refuse(service, connection, HTTP_REFUSED_TOKEN);
    } else if (push.adapter == NULL) {
        http_answer_query(service, connection, request);
    } else if (adapter_precision(http_query_value(request->query, "precision"),
                                 &precision) != VLT_OK) {
        http_refuse(service, connection, HTTP_REFUSED_PRECISION);
    } else if (request->body.len == 0 && token) { /* a start-up probe */
        http_answer_taken(service, connection, push.adapter->done);
    } else {
        take(service, connection, request, &push);
    }
}

void
intake_post(struct service *service, uint64_t connection,
            const struct http_request *request)
{
    struct http_claim claim;
    struct vlt_buf room;
    enum vlt_status st;

    vlt_buf_init_secret(&room, HTTP_AUTHORIZATION_MAX);
    st = http_claim_of(request, &room, &claim);
    if (!service->intake->known) {
        /* The lock is under way, and who may come in not read yet: a sender
         * that is told 401 here would drop what it has. */
        http_refuse(service, connection, HTTP_REFUSED_BUSY);
    } else if (st != VLT_OK) {
        http_refuse_claim(service, connection, st);
    } else {
        look(service, connection, request, &claim);
    }
    vlt_buf_free(&room);
}
