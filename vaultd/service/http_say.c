/*
 * http_say: what pushes are answered (INGEST.md).
 */
#include "service/http_internal.h"
#include "service/service_internal.h"
#include "json/json_write.h"

enum {
    RETRY_LOCKED_S = 30,
    RETRY_BUSY_S = 1,
    RETRY_FULL_S = 60,
};

void
http_answer(struct service *service, uint64_t connection,
            struct http_answer *answer)
{
    const struct service_sink *sink = &service->config.sink;

    sink->answered(sink->ctx, connection, answer);
    vlt_buf_free(&answer->body);
}

void
http_answer_empty(struct service *service, uint64_t connection, int status)
{
    struct http_answer out = { .status = status };

    http_answer(service, connection, &out);
}

void
http_answer_json(struct service *service, uint64_t connection, const char *json)
{
    struct http_answer out = { .status = 200,
                               .content_type = "application/json" };

    vlt_buf_init(&out.body, 0);
    vlt_buf_put_text(&out.body, json);
    http_answer(service, connection, &out);
}

/* The codes are InfluxDB's, whose clients show code and message. */
static const struct {
    int status;
    int retry_after_s;
    const char *code;
    const char *says;
} refusals[] = {
    [HTTP_REFUSED_ADDRESS] = { 404, 0, "not found",
                               "There is nothing at this address." },
    [HTTP_REFUSED_TOKEN] = { 401, 0, "unauthorized",
                             "The token of a source is needed, in the header "
                             "Authorization and not in the address; or what "
                             "its device signed or sealed for this address." },
    [HTTP_REFUSED_SOURCE] = { 403, 0, "forbidden",
                              "The source is blocked, or came in another way "
                              "before." },
    [HTTP_REFUSED_PRECISION] = { 400, 0, "invalid",
                                 "The precision is none of ns, us, ms, s, m, "
                                 "h." },
    [HTTP_REFUSED_QUERY] = { 400, 0, "invalid",
                             "No query is answered here but CREATE DATABASE." },
    [HTTP_REFUSED_BODY] = { 400, 0, "invalid",
                            "The body cannot be read: it is not in the form "
                            "that "
                            "its address or its encoding says." },
    [HTTP_REFUSED_SIZE] = { 413, 0, "request too large",
                            "The body is too large, or brings more bad lines "
                            "or "
                            "new streams than are taken; nothing was stored." },
    [HTTP_REFUSED_LOCKED] = { 503, RETRY_LOCKED_S, "unavailable",
                              "The vault is locked, or stops; nothing was "
                              "stored." },
    [HTTP_REFUSED_BUSY] = { 503, RETRY_BUSY_S, "unavailable",
                            "The vault cannot store this now; repeating it "
                            "stores "
                            "nothing twice." },
    [HTTP_REFUSED_FULL] = { 503, RETRY_FULL_S, "unavailable",
                            "The vault's disk or its quota is full; nothing "
                            "was "
                            "stored." },
    [HTTP_REFUSED_INBOX] = { 503, RETRY_FULL_S, "unavailable",
                             "The vault is locked, and as much waits for it "
                             "as may; nothing was stored." },
    [HTTP_REFUSED_MISPLACED] = { 500, 0, "internal error",
                                 "A part is bad, and a stream with other "
                                 "columns "
                                 "has the name of the source's quarantine; "
                                 "nothing "
                                 "was stored." },
    [HTTP_REFUSED_SPENT] = { 429, 1, "too many requests",
                             "The source has pushed as much as it may in a "
                             "day; nothing was stored." },
    [HTTP_REFUSED_FAST] = { 429, 1, "too many requests",
                            "The source pushes over 8 MiB a second, inflated; "
                            "nothing was stored." },
    [HTTP_REFUSED_MANY] = { 429, 1, "too many requests",
                            "16 bodies of the source are under way; nothing "
                            "was stored." },
    [HTTP_REFUSED_PLAIN] = { 403, 0, "forbidden",
                             "Here everybody on the network reads what is "
                             "sent: only what a device has sealed is taken, "
                             "no token." },
    [HTTP_REFUSED_BELOW] = { 409, 0, "conflict",
                             "The message's counter lies over 64 below the "
                             "highest of its boot, or its boot gave way to "
                             "newer ones: nothing was stored now, and nobody "
                             "can tell whether it was before." },
};

static void
refuse(struct service *service, uint64_t connection, enum http_refusal why,
       int retry_after_s)
{
    struct http_answer out = { .status = refusals[why].status,
                               .retry_after_s = retry_after_s,
                               .challenge = why == HTTP_REFUSED_TOKEN,
                               .content_type = "application/json" };

    vlt_buf_init(&out.body, 0);

    struct vlt_json_out json = vlt_json_out(&out.body);

    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "code", refusals[why].code);
    vlt_put_text(&json, "message", refusals[why].says);
    vlt_put_end(&json);
    http_answer(service, connection, &out);
}

void
http_refuse(struct service *service, uint64_t connection, enum http_refusal why)
{
    refuse(service, connection, why, refusals[why].retry_after_s);
}

void
http_refuse_claim(struct service *service, uint64_t connection,
                  enum vlt_status st)
{
    http_refuse(service, connection,
                st == VLT_E_DENIED ? HTTP_REFUSED_PLAIN : HTTP_REFUSED_TOKEN);
}

void
http_refuse_wait(struct service *service, uint64_t connection,
                 enum http_refusal why, int64_t wait_ms)
{
    refuse(service, connection, why, (int)(wait_ms / 1000) + 1);
}

void
http_answer_taken(struct service *service, uint64_t connection, int status)
{
    if (status == 204) {
        http_answer_empty(service, connection, status);
    } else {
        http_answer_json(service, connection, "{\"inbox\":true}");
    }
}
