/*
 * A body that a source pushed to an unlocked vault, on its way in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ingest/gunzip.h"
#include "service/http_internal.h"
#include "service/pour_internal.h"

struct push {
    struct job job; /* first */
    struct service *service;
    uint64_t connection;
    const struct adapter *adapter;
    struct pour_claim claim;
    struct pour *pour;          /* NULL: it claims to be what nobody is */
    bool proved;                /* that it is of its source */
    struct device_claim device; /* where it is not yet */
    struct vlt_buf target;      /* that the device signed or bound */
    bool gzip;
    struct peer *peer; /* its source, borrowed; NULL: none */
    bool counted;      /* its source's bodies count this one */
    int64_t wait_ms;   /* until the source may push again; 0: it may */
    enum http_refusal wait_why;
    size_t charged; /* bytes, to its source */
    size_t cost;    /* bytes that it was in the end */
    struct adapter_input input;
    struct vlt_buf body;
    struct series_stored stored;
};

static void
push_free(struct push *push)
{
    pour_free(push->pour);
    vlt_buf_free(&push->target);
    vlt_buf_free(&push->body);
    free(push);
}

/* ---- what it is told ---- */

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

/* A message that came again: what of it was bad was told then. */
static void
answer_known(struct push *push)
{
    if (push->pour->below) {
        http_refuse(push->service, push->connection, HTTP_REFUSED_BELOW);
    } else {
        http_answer_json(push->service, push->connection,
                         "{\"duplicate\":true}");
    }
}

static void
answer(struct push *push)
{
    if (push->stored.duplicate) {
        answer_known(push);
    } else {
        after_run(push->service, push->pour->after);
        answer_done(push);
    }
}

static void
refuse(struct push *push, enum http_refusal why)
{
    http_refuse(push->service, push->connection, why);
}

/* ---- what a source may push ---- */

static void
note(struct push *push, size_t bytes)
{
    int64_t boot = service_boot(push->service);

    peer_note_rows(push->peer, bytes, boot);
    peer_note_pushed(push->peer, bytes, boot);
}

/*
 * May the source push more, today and now?  Then it is charged, and the body
 * has one of the places for what is unpacked and read.  What has still to be
 * proved does not come here: whoever names a device is told nothing of it,
 * costs it nothing, and takes none of its places.
 */
static enum vlt_status
begin_charge(struct push *push)
{
    int64_t boot = service_boot(push->service);
    int64_t day_ms = peer_day_ms(push->peer, boot);
    int64_t ms = peer_pushed_ms(push->peer, boot);

    push->wait_ms = day_ms > 0 ? day_ms : ms;
    push->wait_why = day_ms > 0 ? HTTP_REFUSED_SPENT : HTTP_REFUSED_FAST;
    if (push->wait_ms > 0) {
        return VLT_E_QUOTA;
    }
    if (push->peer->bodies >= PEER_BODIES) {
        push->wait_ms = 1;
        push->wait_why = HTTP_REFUSED_MANY;
        return VLT_E_QUOTA;
    }
    push->peer->bodies++;
    push->counted = true;
    push->charged = push->cost;
    note(push, push->charged);
    return VLT_OK;
}

/*
 * What the body was beyond what was charged when it came, and what rows it had;
 * it is under way no more.  A message that came again costs its source nothing
 * of the day: whoever has heard it can send it, and it proves itself each time.
 * What it took of the second stays taken, since it was unpacked and read.
 */
static void
settle(struct push *push, enum vlt_status st)
{
    int64_t boot = service_boot(push->service);

    if (!push->counted) {
        return;
    }
    push->peer->bodies--;
    if (push->cost > push->charged) {
        note(push, push->cost - push->charged);
        push->charged = push->cost;
    }
    if (st == VLT_OK && push->stored.duplicate) {
        peer_give_back(push->peer, push->charged, boot);
    } else if (st == VLT_OK) {
        peer_note_count(push->peer,
                        push->stored.rows + push->stored.equal +
                            push->pour->bad_count,
                        boot);
    }
}

/* ---- the job ---- */

/* Hold what a device says against its secret; its body is then what it said.
 * A job of its own, before the place that it takes: what is not proved has
 * none. */
static enum vlt_status
prove(struct job *job)
{
    struct push *push = (struct push *)job;
    const struct device_message message = {
        .method = vlt_slice_text("POST"),
        .target = vlt_buf_slice(&push->target),
        .body = vlt_buf_slice(&push->body),
    };
    const struct source *source =
        push->pour != NULL ? push->pour->source : NULL;
    struct store_read *read = NULL;
    struct vlt_buf opened;
    enum vlt_status st = store_read_begin(push->service->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&opened, ADAPTER_BODY);
    st = device_prove(store_read_view(read), source, &push->device, &message,
                      &opened);
    store_read_end(read);
    if (st == VLT_OK && push->device.way == WAY_SEALED) {
        vlt_buf_free(&push->body);
        push->body = opened;
        opened = (struct vlt_buf){ .len = 0 };
    }
    vlt_buf_free(&opened);
    if (st == VLT_OK) {
        push->proved = true;
        push->gzip = device_is_gzip(vlt_buf_slice(&push->body));
    }
    return st;
}

static enum vlt_status
inflate(struct push *push)
{
    struct vlt_buf inflated;
    enum vlt_status st;

    vlt_buf_init(&inflated, ADAPTER_INFLATED);
    st = gunzip(vlt_buf_slice(&push->body), ADAPTER_INFLATED, &inflated);
    vlt_buf_free(&push->body);
    push->body = inflated;
    push->gzip = false;
    /* What fails took no one knows how long: it counts as the most. */
    push->cost = st == VLT_OK ? inflated.len : ADAPTER_INFLATED;
    return st;
}

static enum vlt_status
prepare(struct job *job)
{
    struct push *push = (struct push *)job;
    enum vlt_status st = push->gzip ? inflate(push) : VLT_OK;

    if (st != VLT_OK) {
        return st;
    }
    push->input.body = vlt_buf_slice(&push->body);
    push->pour->claim = push->claim;
    if (push->body.len > 0) { /* else a probe, which has a number of its own */
        st = pour_body(push->pour, push->adapter, &push->input);
    }
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

    settle(push, st);
    switch (st) {
    case VLT_OK:
        answer(push);
        break;
    case VLT_E_LIMIT:
        refuse(push, HTTP_REFUSED_SIZE);
        break;
    case VLT_E_FORMAT:
        refuse(push, push->pour->misplaced ? HTTP_REFUSED_MISPLACED
                                           : HTTP_REFUSED_BODY);
        break;
    case VLT_E_DENIED:
    case VLT_E_AUTH:
        refuse(push, push->proved ? HTTP_REFUSED_SOURCE : HTTP_REFUSED_TOKEN);
        break;
    case VLT_E_QUOTA:
        http_refuse_wait(push->service, push->connection, push->wait_why,
                         push->wait_ms);
        break;
    case VLT_E_LOCKED:
        refuse(push, HTTP_REFUSED_LOCKED);
        break;
    case VLT_E_STORAGE:
        refuse(push, HTTP_REFUSED_FULL);
        break;
    default: /* busy, unknown */
        refuse(push, HTTP_REFUSED_BUSY);
        break;
    }
    push_free(push);
}

/* ---- beginning ---- */

/* It is its source's: unpack, read and store it, if the source may. */
static void
take(struct push *push)
{
    enum vlt_status st = begin_charge(push);

    if (st != VLT_OK) {
        done(&push->job, st);
        return;
    }
    /* However many bodies at once: of all sources one each in turn. */
    push->job.waiter = principal_waiter_of(push->pour->source->id);
    push->job.prepare = prepare;
    push->job.commit = commit;
    push->job.done = done;
    service_submit(push->service, &push->job);
}

static void
on_proof(struct job *job, enum vlt_status st)
{
    if (st == VLT_OK) {
        take((struct push *)job);
    } else {
        done(job, st);
    }
}

static struct vlt_slice
text_of(const char *text)
{
    return vlt_slice_text(text != NULL ? text : "");
}

static void
set_claim(struct push *push, const struct http_bringing *bringing)
{
    const struct http_claim *claim = bringing->claim;
    const struct http_request *request = bringing->request;

    push->claim.way = claim->way;
    push->claim.over = (enum source_over)(1U << request->over);
    if (claim->way == WAY_BEARER) {
        push->proved = true;
        push->gzip = request->content_encoding != NULL &&
                     strcasecmp(request->content_encoding, "gzip") == 0;
        return;
    }
    push->device = claim->device;
    push->claim.seq = claim->device.head.counter;
    memcpy(push->claim.boot, claim->device.head.boot, sizeof push->claim.boot);
    http_put_target(text_of(request->path), text_of(request->query),
                    &push->target);
}

/* Takes the source of the bringing. */
static enum vlt_status
fill(struct push *push, const struct http_bringing *bringing)
{
    struct service *service = push->service;
    const struct http_request *request = bringing->request;

    if (bringing->source != NULL) {
        push->pour = pour_new(service, bringing->source);
        if (push->pour == NULL) {
            source_release(bringing->source);
            return VLT_E_NOMEM;
        }
        push->peer = peer_of_source(service, bringing->source);
        if (push->peer == NULL) {
            return VLT_E_NOMEM;
        }
    }
    push->adapter = bringing->adapter;
    push->cost = request->body.len;
    push->input.received = service_effective(service);
    vlt_buf_init(&push->target, VLT_ENVELOPE_TARGET);
    vlt_buf_init(&push->body, ADAPTER_BODY);
    vlt_buf_put_slice(&push->body, request->body);
    set_claim(push, bringing);
    return vlt_buf_failed(&push->body) || vlt_buf_failed(&push->target)
               ? VLT_E_LIMIT
               : VLT_OK;
}

void
http_push(struct service *service, uint64_t connection,
          const struct http_bringing *bringing)
{
    struct push *push = calloc(1, sizeof *push);
    int64_t precision = 0;
    enum vlt_status st = adapter_precision(
        http_query_value(bringing->request->query, "precision"), &precision);

    if (push == NULL || st != VLT_OK) {
        free(push);
        source_release(bringing->source);
        http_refuse(service, connection,
                    st != VLT_OK ? HTTP_REFUSED_PRECISION : HTTP_REFUSED_BUSY);
        return;
    }
    push->service = service;
    push->connection = connection;
    push->input.precision = precision;
    st = fill(push, bringing);
    if (st != VLT_OK) {
        done(&push->job, st);
        return;
    }
    push->job.lane = JOB_OTHERS;
    if (push->proved) {
        take(push);
        return;
    }
    /* Not the source that it names: whoever names one would queue before it. */
    push->job.waiter = connection;
    push->job.prepare = prove;
    push->job.done = on_proof;
    service_submit(service, &push->job);
}
