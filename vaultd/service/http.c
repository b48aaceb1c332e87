/*
 * http: what sources push over HTTP (INGEST.md).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crypto/secret.h"
#include "ingest/gunzip.h"
#include "service/http_internal.h"
#include "service/intake.h"
#include "service/pour_internal.h"

enum { DAY_S = 86400 };

/* A body on its way in. */
struct push {
    struct job job; /* first */
    struct service *service;
    uint64_t connection;
    const struct adapter *adapter;
    bool gzip;
    struct peer *peer; /* its source, borrowed; its bodies count this one */
    size_t charged;    /* bytes, to its source */
    size_t cost;       /* bytes that it was in the end */
    struct adapter_input input;
    struct vlt_buf body;
    struct pour *pour;
    struct series_stored stored;
};

static void
push_free(struct push *push)
{
    pour_free(push->pour);
    vlt_buf_free(&push->body);
    free(push);
}

/* The words of INGEST.md: what was bad first, and the counts. */
static void
put_counts(const struct push *push, struct vlt_buf *out)
{
    const struct pour_bad *bad =
        push->pour->bad_count > 0 ? &push->pour->bad[0] : NULL;
    struct vlt_json_out json = vlt_json_out(out);
    char says[320];

    vlt_put_object(&json, NULL);
    if (bad != NULL) {
        (void)snprintf(says, sizeof says, "line %zu, byte %zu: %s", bad->line,
                       bad->byte, bad->says);
        vlt_put_text(&json, "code", "invalid");
        vlt_put_text(&json, "error", says);
        vlt_put_text(&json, "message", says);
        vlt_put_uint(&json, "line", bad->line);
        vlt_put_uint(&json, "byte", bad->byte);
    }
    vlt_put_uint(&json, "accepted", push->stored.rows);
    vlt_put_uint(&json, "duplicates", push->stored.equal);
    vlt_put_uint(&json, "quarantined", push->pour->bad_count);
    vlt_put_end(&json);
}

static void
answer_done(struct push *push)
{
    struct http_answer out = { .status = push->adapter->done };

    vlt_buf_init(&out.body, 0);
    if (push->pour->bad_count > 0) {
        out.status = 400;
    }
    if (out.status != 204) {
        out.content_type = "application/json";
        put_counts(push, &out.body);
    }
    http_answer(push->service, push->connection, &out);
}

/* ---- what a source may push ---- */

static struct peer *
peer_of_source(struct service *service, const struct source *source)
{
    struct peer_share share = { service->config.source_daily, DAY_S };

    return peer_of(service, source->id, share);
}

static void
note(struct service *service, struct peer *peer, size_t bytes)
{
    int64_t boot = service_boot(service);

    peer_note_rows(peer, bytes, boot);
    peer_note_pushed(peer, bytes, boot);
}

/* May the source push more, today and now?  Answers when it may not: NULL. */
static struct peer *
charge(struct service *service, uint64_t connection,
       const struct source *source, size_t bytes)
{
    int64_t boot = service_boot(service);
    struct peer *peer = peer_of_source(service, source);

    if (peer == NULL) {
        http_refuse(service, connection, HTTP_REFUSED_BUSY);
        return NULL;
    }
    int64_t day_ms = peer_rows_ms(peer, boot);
    int64_t ms = peer_pushed_ms(peer, boot);

    if (day_ms > 0 || ms > 0) {
        http_refuse_wait(service, connection,
                         day_ms > 0 ? HTTP_REFUSED_SPENT : HTTP_REFUSED_FAST,
                         day_ms > 0 ? day_ms : ms);
        return NULL;
    }
    if (peer->bodies >= PEER_BODIES) {
        http_refuse(service, connection, HTTP_REFUSED_MANY);
        return NULL;
    }
    note(service, peer, bytes);
    return peer;
}

/* What the body was beyond what came of it over the wire; it is under way no
 * more. */
static void
settle(const struct push *push)
{
    push->peer->bodies--;
    if (push->cost > push->charged) {
        note(push->service, push->peer, push->cost - push->charged);
    }
}

/* ---- the job ---- */

static enum vlt_status
prepare(struct job *job)
{
    struct push *push = (struct push *)job;
    struct vlt_buf inflated;
    enum vlt_status st = VLT_OK;

    if (push->gzip) {
        vlt_buf_init(&inflated, ADAPTER_INFLATED);
        st = gunzip(vlt_buf_slice(&push->body), ADAPTER_INFLATED, &inflated);
        vlt_buf_free(&push->body);
        push->body = inflated;
        push->gzip = false;
        /* What fails took no one knows how long: it counts as the most. */
        push->cost = st == VLT_OK ? inflated.len : ADAPTER_INFLATED;
    }
    if (st != VLT_OK) {
        return st;
    }
    push->input.body = vlt_buf_slice(&push->body);

    st = pour_body(push->pour, push->adapter, &push->input);
    job->alone = pour_makes(push->pour);
    return st;
}

static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    struct push *push = (struct push *)job;
    enum vlt_status st = pour_commit(push->pour, turn, &push->stored);

    job->again = st == VLT_E_CONFLICT;
    return st;
}

static void
done(struct job *job, enum vlt_status st)
{
    struct push *push = (struct push *)job;

    settle(push);
    switch (st) {
    case VLT_OK:
        after_run(push->service, push->pour->after);
        answer_done(push);
        break;
    case VLT_E_LIMIT:
        http_refuse(push->service, push->connection, HTTP_REFUSED_SIZE);
        break;
    case VLT_E_FORMAT:
        http_refuse(push->service, push->connection,
                    push->pour->misplaced ? HTTP_REFUSED_MISPLACED
                                          : HTTP_REFUSED_BODY);
        break;
    case VLT_E_DENIED:
    case VLT_E_AUTH:
        http_refuse(push->service, push->connection, HTTP_REFUSED_SOURCE);
        break;
    case VLT_E_LOCKED:
        http_refuse(push->service, push->connection, HTTP_REFUSED_LOCKED);
        break;
    case VLT_E_STORAGE:
        http_refuse(push->service, push->connection, HTTP_REFUSED_FULL);
        break;
    default: /* busy, unknown */
        http_refuse(push->service, push->connection, HTTP_REFUSED_BUSY);
        break;
    }
    push_free(push);
}

/* ---- who ---- */

static const struct source *
who_pushes(struct service *service, const struct http_request *request)
{
    const struct source *source;
    struct vlt_buf room;

    vlt_buf_init_secret(&room, HTTP_AUTHORIZATION_MAX);
    source = identity_source_by_token(service->identity,
                                      http_token_of(request, &room));
    vlt_buf_free(&room);
    return source;
}

/* ---- what ---- */

/* Takes source. */
static void
push(struct service *service, uint64_t connection,
     const struct http_request *request, const struct adapter *adapter,
     const struct source *source)
{
    struct push *push = calloc(1, sizeof *push);
    struct peer *peer;
    int64_t precision;

    if (adapter_precision(http_query_value(request->query, "precision"),
                          &precision) != VLT_OK) {
        free(push);
        source_release(source);
        http_refuse(service, connection, HTTP_REFUSED_PRECISION);
        return;
    }
    peer = charge(service, connection, source, request->body.len);
    if (peer == NULL) {
        free(push);
        source_release(source);
        return;
    }
    if (push != NULL) {
        push->pour = pour_new(service, source);
    }
    if (push == NULL || push->pour == NULL) {
        free(push);
        source_release(source);
        http_refuse(service, connection, HTTP_REFUSED_BUSY);
        return;
    }
    push->service = service;
    push->connection = connection;
    push->adapter = adapter;
    push->charged = push->cost = request->body.len;
    push->gzip = request->content_encoding != NULL &&
                 strcasecmp(request->content_encoding, "gzip") == 0;
    push->input.precision = precision;
    push->input.received = service_effective(service);
    vlt_buf_init(&push->body, ADAPTER_BODY);
    vlt_buf_put_slice(&push->body, request->body);
    /* However many bodies at once: of all sources one each in turn. */
    push->job.waiter = principal_waiter_of(source->id);
    push->job.lane = JOB_OTHERS;
    push->job.prepare = prepare;
    push->job.commit = commit;
    push->job.done = done;
    if (vlt_buf_failed(&push->body)) {
        push_free(push);
        http_refuse(service, connection, HTTP_REFUSED_SIZE);
        return;
    }
    push->peer = peer;
    peer->bodies++;
    service_submit(service, &push->job);
}

/* What needs no token. */
static bool
answered_openly(struct service *service, uint64_t connection,
                const struct http_request *request)
{
    bool get = strcmp(request->method, "GET") == 0 ||
               strcmp(request->method, "HEAD") == 0;

    if (get && strcmp(request->path, "/ping") == 0) {
        http_answer_empty(service, connection, 204);
        return true;
    }
    if (get && strcmp(request->path, "/health") == 0) {
        http_answer_json(service, connection,
                         "{\"name\":\"vaultd\",\"status\":\"pass\"}");
        return true;
    }
    return false;
}

static void
on_post(struct service *service, uint64_t connection,
        const struct http_request *request)
{
    const struct adapter *adapter =
        adapter_by_path(vlt_slice_text(request->path));
    bool query = strcmp(request->path, "/query") == 0;
    const struct source *source;

    if (adapter == NULL && !query) {
        http_refuse(service, connection, HTTP_REFUSED_ADDRESS);
        return;
    }
    source = who_pushes(service, request);
    if (source == NULL) {
        http_refuse(service, connection, HTTP_REFUSED_TOKEN);
        return;
    }
    if (source->state != IDENTITY_CONFIRMED) {
        source_release(source);
        http_refuse(service, connection, HTTP_REFUSED_SOURCE);
        return;
    }
    if (query) {
        source_release(source);
        http_answer_query(service, connection, request);
        return;
    }
    if (request->body.len == 0) { /* a start-up probe */
        source_release(source);
        http_answer_empty(service, connection, adapter->done);
        return;
    }
    push(service, connection, request, adapter, source);
}

/* While locked only the gate knows who may push. */
static void
on_locked_post(struct service *service, uint64_t connection,
               const struct http_request *request)
{
    if (adapter_by_path(vlt_slice_text(request->path)) == NULL &&
        strcmp(request->path, "/query") != 0) {
        http_refuse(service, connection, HTTP_REFUSED_ADDRESS);
        return;
    }
    intake_post(service, connection, request);
}

void
service_http(struct service *service, uint64_t connection,
             const struct http_request *request)
{
    if (answered_openly(service, connection, request)) {
        return;
    }
    if (strcmp(request->method, "POST") != 0) {
        http_refuse(service, connection, HTTP_REFUSED_ADDRESS);
        return;
    }
    if (service->stopping) {
        http_refuse(service, connection, HTTP_REFUSED_LOCKED);
        return;
    }
    if (!service->unlocked) {
        on_locked_post(service, connection, request);
        return;
    }
    on_post(service, connection, request);
}
