#include <stdlib.h>

#include "service/service_internal.h"
#include "wire/limits.h"

struct session *
session_find(struct service *service, uint64_t number)
{
    return map_get(service->sessions, &number);
}

int64_t
session_take(struct service *service, struct session *session)
{
    const int64_t burst = INT64_C(1000) * VLT_LIMIT_REQUESTS_BURST;
    int64_t now = service_boot(service);
    int64_t passed = (now - session->filled) / 1000000; /* ms */

    if (session->who.role == ROLE_OWNER) {
        return 0;
    }
    if (passed > burst) {
        passed = burst;
    }
    session->tokens += passed * VLT_LIMIT_REQUESTS_S;
    session->filled += passed * 1000000;
    if (session->tokens >= burst) {
        session->tokens = burst;
        session->filled = now;
    }
    if (session->tokens < 1000) {
        return (1000 - session->tokens) / VLT_LIMIT_REQUESTS_S + 1;
    }
    session->tokens -= 1000;
    return 0;
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
    session->filled = service_boot(service);
    session->tokens = INT64_C(1000) * VLT_LIMIT_REQUESTS_BURST;
    session->next_sub = 1;
    if (map_put(service->sessions, &who->session, session) != VLT_OK) {
        free(session);
        sink->close(sink->ctx, who->session, VLT_CLOSE_GOING, "no memory",
                    false);
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
