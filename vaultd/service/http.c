/*
 * http: what sources push over HTTP (INGEST.md).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crypto/secret.h"
#include "ingest/gunzip.h"
#include "service/pour_internal.h"

enum {
    RETRY_LOCKED_S = 30,
    RETRY_BUSY_S = 1,
    RETRY_FULL_S = 60,
    AUTHORIZATION_MAX = 1024,
};

/* A body on its way in. */
struct push {
    struct job job; /* first */
    struct service *service;
    uint64_t connection;
    const struct adapter *adapter;
    bool gzip;
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

/* ---- answers ---- */

static void
answer(struct service *service, uint64_t connection, struct http_answer *answer)
{
    const struct service_sink *sink = &service->config.sink;

    sink->answered(sink->ctx, connection, answer);
    vlt_buf_free(&answer->body);
}

/* Done, and nothing to say. */
static void
answer_empty(struct service *service, uint64_t connection, int status)
{
    struct http_answer out = { .status = status };

    answer(service, connection, &out);
}

static void
answer_json(struct service *service, uint64_t connection, const char *json)
{
    struct http_answer out = { .status = 200,
                               .content_type = "application/json" };

    vlt_buf_init(&out.body, 0);
    vlt_buf_put_text(&out.body, json);
    answer(service, connection, &out);
}

/* Why nothing of a request was done. */
enum refusal {
    REFUSED_ADDRESS,
    REFUSED_TOKEN,
    REFUSED_SOURCE,
    REFUSED_PRECISION,
    REFUSED_QUERY,
    REFUSED_BODY,
    REFUSED_SIZE,
    REFUSED_LOCKED,
    REFUSED_BUSY,
    REFUSED_FULL,
    REFUSED_MISPLACED,
};

/* The codes are InfluxDB's, whose clients show code and message. */
static const struct {
    int status;
    int retry_after_s;
    const char *code;
    const char *says;
} refusals[] = {
    [REFUSED_ADDRESS] = { 404, 0, "not found",
                          "There is nothing at this address." },
    [REFUSED_TOKEN] = { 401, 0, "unauthorized",
                        "The token of a source is needed, in the header "
                        "Authorization and not in the address." },
    [REFUSED_SOURCE] = { 403, 0, "forbidden",
                         "The source is blocked, or came in another way "
                         "before." },
    [REFUSED_PRECISION] = { 400, 0, "invalid",
                            "The precision is none of ns, us, ms, s, m, h." },
    [REFUSED_QUERY] = { 400, 0, "invalid",
                        "No query is answered here but CREATE DATABASE." },
    [REFUSED_BODY] = { 400, 0, "invalid",
                       "The body cannot be read: it is not in the form that "
                       "its address or its encoding says." },
    [REFUSED_SIZE] = { 413, 0, "request too large",
                       "The body is too large, or brings more bad lines or "
                       "new streams than are taken; nothing was stored." },
    [REFUSED_LOCKED] = { 503, RETRY_LOCKED_S, "unavailable",
                         "The vault is locked, or stops; nothing was stored." },
    [REFUSED_BUSY] = { 503, RETRY_BUSY_S, "unavailable",
                       "The vault cannot store this now; repeating it stores "
                       "nothing twice." },
    [REFUSED_FULL] = { 503, RETRY_FULL_S, "unavailable",
                       "The vault's disk or its quota is full; nothing was "
                       "stored." },
    [REFUSED_MISPLACED] = { 500, 0, "internal error",
                            "A part is bad, and a stream with other columns "
                            "has the name of the source's quarantine; nothing "
                            "was stored." },
};

static void
refuse(struct service *service, uint64_t connection, enum refusal why)
{
    struct http_answer out = { .status = refusals[why].status,
                               .retry_after_s = refusals[why].retry_after_s,
                               .challenge = why == REFUSED_TOKEN,
                               .content_type = "application/json" };

    vlt_buf_init(&out.body, 0);

    struct vlt_json_out json = vlt_json_out(&out.body);

    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "code", refusals[why].code);
    vlt_put_text(&json, "message", refusals[why].says);
    vlt_put_end(&json);
    answer(service, connection, &out);
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
    answer(push->service, push->connection, &out);
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
    }
    if (st != VLT_OK) {
        return st;
    }
    push->input.body = vlt_buf_slice(&push->body);
    return pour_body(push->pour, push->adapter, &push->input);
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

    switch (st) {
    case VLT_OK:
        answer_done(push);
        break;
    case VLT_E_LIMIT:
        refuse(push->service, push->connection, REFUSED_SIZE);
        break;
    case VLT_E_FORMAT:
        refuse(push->service, push->connection,
               push->pour->misplaced ? REFUSED_MISPLACED : REFUSED_BODY);
        break;
    case VLT_E_DENIED:
    case VLT_E_AUTH:
        refuse(push->service, push->connection, REFUSED_SOURCE);
        break;
    case VLT_E_LOCKED:
        refuse(push->service, push->connection, REFUSED_LOCKED);
        break;
    case VLT_E_STORAGE:
        refuse(push->service, push->connection, REFUSED_FULL);
        break;
    default: /* busy, unknown */
        refuse(push->service, push->connection, REFUSED_BUSY);
        break;
    }
    push_free(push);
}

/* ---- who ---- */

/* The token in an Authorization header; empty: none.  Basic's is put into
 * room. */
static struct vlt_slice
token_of(const char *authorization, struct vlt_buf *room)
{
    struct vlt_slice none = { .len = 0 };
    const char *colon;

    if (strncmp(authorization, "Token ", 6) == 0) {
        return vlt_slice_text(authorization + 6);
    }
    if (strncmp(authorization, "Bearer ", 7) == 0) {
        return vlt_slice_text(authorization + 7);
    }
    if (strncmp(authorization, "Basic ", 6) != 0 ||
        vlt_base64_get(vlt_slice_text(authorization + 6), room) != VLT_OK) {
        return none;
    }
    colon = room->len > 0 ? memchr(room->at, ':', room->len) : NULL;
    if (colon == NULL) {
        return none;
    }
    size_t before = (size_t)(colon - (const char *)room->at) + 1;

    return vlt_slice_of(room->at + before, room->len - before);
}

static const struct source *
who_pushes(struct service *service, const struct http_request *request)
{
    const struct source *source;
    struct vlt_buf room;

    if (request->authorization == NULL ||
        strlen(request->authorization) > AUTHORIZATION_MAX) {
        return NULL;
    }
    vlt_buf_init(&room, AUTHORIZATION_MAX);
    source = identity_source_by_token(service->identity,
                                      token_of(request->authorization, &room));
    if (room.at != NULL) {
        vlt_wipe(room.at, room.cap);
    }
    vlt_buf_free(&room);
    return source;
}

/* ---- what ---- */

/* The value of a parameter of the query; empty: none. */
static struct vlt_slice
query_value(const char *query, const char *name)
{
    struct vlt_slice none = { .len = 0 };
    size_t len = strlen(name);

    while (query != NULL && *query != '\0') {
        const char *end = strchr(query, '&');
        size_t all = end != NULL ? (size_t)(end - query) : strlen(query);

        if (all > len && strncmp(query, name, len) == 0 && query[len] == '=') {
            return vlt_slice_of(query + len + 1, all - len - 1);
        }
        query = end != NULL ? end + 1 : NULL;
    }
    return none;
}

/* A token or password in a URL ends up in logs: refused. */
static bool
has_secret(const char *query)
{
    return query_value(query, "p").len > 0 || query_value(query, "u").len > 0;
}

static void
push(struct service *service, uint64_t connection,
     const struct http_request *request, const struct adapter *adapter,
     const struct source *source)
{
    struct push *push = calloc(1, sizeof *push);
    int64_t precision;

    if (adapter_precision(query_value(request->query, "precision"),
                          &precision) != VLT_OK) {
        free(push);
        source_release(source);
        refuse(service, connection, REFUSED_PRECISION);
        return;
    }
    if (push != NULL) {
        push->pour = pour_new(service, source);
    }
    if (push == NULL || push->pour == NULL) {
        free(push);
        source_release(source);
        refuse(service, connection, REFUSED_BUSY);
        return;
    }
    push->service = service;
    push->connection = connection;
    push->adapter = adapter;
    push->gzip = request->content_encoding != NULL &&
                 strcasecmp(request->content_encoding, "gzip") == 0;
    push->input.precision = precision;
    push->input.received = service_effective(service);
    vlt_buf_init(&push->body, ADAPTER_BODY);
    vlt_buf_put_slice(&push->body, request->body);
    push->job.waiter = connection;
    push->job.lane = JOB_OTHERS;
    push->job.prepare = prepare;
    push->job.commit = commit;
    push->job.done = done;
    if (vlt_buf_failed(&push->body)) {
        push_free(push);
        refuse(service, connection, REFUSED_SIZE);
        return;
    }
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
        answer_empty(service, connection, 204);
        return true;
    }
    if (get && strcmp(request->path, "/health") == 0) {
        answer_json(service, connection,
                    "{\"name\":\"vaultd\",\"status\":\"pass\"}");
        return true;
    }
    return false;
}

/* Telegraf makes its database at start. */
static bool
is_create_database(const struct http_request *request)
{
    static const char *const forms[] = { "q=CREATE+DATABASE",
                                         "q=CREATE%20DATABASE",
                                         "q=CREATE DATABASE" };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t len = strlen(forms[i]);

        if (request->body.len > len &&
            memcmp(request->body.at, forms[i], len) == 0) {
            return true;
        }
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
        refuse(service, connection, REFUSED_ADDRESS);
        return;
    }
    source = has_secret(request->query) ? NULL : who_pushes(service, request);
    if (source == NULL) {
        refuse(service, connection, REFUSED_TOKEN);
        return;
    }
    if (source->state != IDENTITY_CONFIRMED) {
        source_release(source);
        refuse(service, connection, REFUSED_SOURCE);
        return;
    }
    if (query) {
        source_release(source);
        if (is_create_database(request)) {
            answer_json(service, connection,
                        "{\"results\":[{\"statement_id\":0}]}");
        } else {
            refuse(service, connection, REFUSED_QUERY);
        }
        return;
    }
    if (request->body.len == 0) { /* a start-up probe */
        source_release(source);
        answer_empty(service, connection, adapter->done);
        return;
    }
    push(service, connection, request, adapter, source);
}

void
service_http(struct service *service, uint64_t connection,
             const struct http_request *request)
{
    if (answered_openly(service, connection, request)) {
        return;
    }
    if (strcmp(request->method, "POST") != 0) {
        refuse(service, connection, REFUSED_ADDRESS);
        return;
    }
    if (!service->unlocked || service->stopping) {
        refuse(service, connection, REFUSED_LOCKED);
        return;
    }
    on_post(service, connection, request);
}
