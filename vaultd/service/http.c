/*
 * http: what sources push over HTTP (INGEST.md).
 */
#include <string.h>

#include "ingest/adapter.h"
#include "service/http_internal.h"
#include "service/intake.h"
#include "service/service_internal.h"

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

/* A request with a token, which says at once whose it is. */
static void
on_token(struct service *service, uint64_t connection,
         struct http_bringing *bringing)
{
    const struct source *source =
        identity_source_by_token(service->identity, bringing->claim->token);

    if (source == NULL) {
        http_refuse(service, connection, HTTP_REFUSED_TOKEN);
        return;
    }
    if (source->state != IDENTITY_CONFIRMED) {
        source_release(source);
        http_refuse(service, connection, HTTP_REFUSED_SOURCE);
        return;
    }
    if (bringing->adapter == NULL) {
        source_release(source);
        http_answer_query(service, connection, bringing->request);
        return;
    }
    if (bringing->request->body.len == 0) { /* a start-up probe */
        source_release(source);
        http_answer_empty(service, connection, bringing->adapter->done);
        return;
    }
    bringing->source = source;
    http_push(service, connection, bringing);
}

/* One of a device: whether it is, a worker finds out. */
static void
on_device(struct service *service, uint64_t connection,
          struct http_bringing *bringing)
{
    if (bringing->adapter == NULL) { /* nobody asks a query like this */
        http_refuse(service, connection, HTTP_REFUSED_TOKEN);
        return;
    }
    bringing->source = identity_source_by_token_id(
        service->identity, bringing->claim->device.head.device);
    http_push(service, connection, bringing);
}

/* A POST to an address that takes one. */
static void
on_post(struct service *service, uint64_t connection,
        const struct http_request *request, const struct adapter *adapter)
{
    struct http_claim claim;
    struct http_bringing bringing = { .request = request,
                                      .claim = &claim,
                                      .adapter = adapter };
    struct vlt_buf room;
    enum vlt_status st;

    vlt_buf_init_secret(&room, HTTP_AUTHORIZATION_MAX);
    st = http_claim_of(request, &room, &claim);
    if (st != VLT_OK) {
        http_refuse_claim(service, connection, st);
    } else if (claim.way == WAY_BEARER) {
        on_token(service, connection, &bringing);
    } else {
        on_device(service, connection, &bringing);
    }
    vlt_buf_free(&room);
}

void
service_http(struct service *service, uint64_t connection,
             const struct http_request *request)
{
    const struct adapter *adapter;

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
    adapter = adapter_by_path(vlt_slice_text(request->path));
    if (adapter == NULL && strcmp(request->path, "/query") != 0) {
        http_refuse(service, connection, HTTP_REFUSED_ADDRESS);
    } else if (service->unlocked) {
        on_post(service, connection, request, adapter);
    } else { /* only the gate knows who may push */
        intake_post(service, connection, request);
    }
}
