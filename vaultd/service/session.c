#include <stdlib.h>

#include "service/service_internal.h"
#include "wire/limits.h"

enum { HOUR_S = 3600, DAY_S = 86400 };

struct session *
session_find(struct service *service, uint64_t number)
{
    return map_get(service->sessions, &number);
}

struct peer *
peer_of(struct service *service, const uint8_t id[VLT_ID_LEN],
        struct peer_share share)
{
    struct peer *peer = map_get(service->peers, id);

    if (peer != NULL) {
        return peer;
    }
    peer = peer_new(id, share, service_boot(service));
    if (peer != NULL && map_put(service->peers, id, peer) != VLT_OK) {
        free(peer);
        peer = NULL;
    }
    return peer;
}

struct peer *
peer_of_source(struct service *service, const struct source *source)
{
    const struct source_quota *quota = &source->quota;
    struct peer_share share = { .bytes = quota->bytes != 0
                                             ? quota->bytes
                                             : service->config.source_daily,
                                .seconds = DAY_S,
                                .chunks = service->config.firm_chunks,
                                .rows = quota->rows };

    struct peer *peer = peer_of(service, source->id, share);

    if (peer != NULL) {
        peer_set_share(peer, share, service_boot(service));
    }
    return peer;
}

/* Whoever calls, but the owner.  NULL: no memory, or gone meanwhile. */
static struct peer *
peer_of_caller(struct service *service, const struct principal *who)
{
    struct peer_share firm = { .bytes = service->config.firm_hourly,
                               .seconds = HOUR_S,
                               .chunks = service->config.firm_chunks };
    const struct source *source;
    struct peer *peer = NULL;

    if (who->role != ROLE_SOURCE) {
        return peer_of(service, who->id, firm);
    }
    source = identity_source_by_id(service->identity, who->id);
    if (source != NULL) {
        peer = peer_of_source(service, source);
    }
    source_release(source);
    return peer;
}

void
service_opened(struct service *service, const struct principal *who)
{
    const struct service_sink *sink = &service->config.sink;
    struct session *session = calloc(1, sizeof *session);

    if (session == NULL) {
        sink->close(sink->ctx, who->session, VLT_CLOSE_GOING, "no memory",
                    false);
        return;
    }
    session->who = *who;
    session->next_sub = 1;
    if (who->role != ROLE_OWNER) {
        session->peer = peer_of_caller(service, who);
    }
    if ((who->role != ROLE_OWNER && session->peer == NULL) ||
        map_put(service->sessions, &who->session, session) != VLT_OK) {
        free(session);
        sink->close(sink->ctx, who->session, VLT_CLOSE_GOING, "no memory",
                    false);
        return;
    }
    if (session->peer != NULL &&
        ++session->peer->sessions > VLT_LIMIT_CONNECTIONS) {
        sink->close(sink->ctx, who->session, VLT_CLOSE_BUSY,
                    "too many sessions of this key", true);
    }
}

void
service_gone(struct service *service, uint64_t number)
{
    struct session *session = map_get(service->sessions, &number);

    if (session == NULL) {
        return;
    }
    session_end_reads(service, session);
    if (session->block_call != NULL) {
        struct call *call = session->block_call;

        session->block_call = NULL;
        call_free(call);
    }
    (void)map_take(service->sessions, &number);
    if (session->peer != NULL) {
        session->peer->sessions--;
    }
    free(session);
}

void
session_each(struct service *service, session_fn *fn, void *ctx)
{
    size_t at = 0;
    void *session;

    while (map_next(service->sessions, &at, NULL, &session)) {
        fn(ctx, session);
    }
}
