#include <string.h>

#include "service/acks.h"
#include "service/asks.h"
#include "service/compact_run.h"
#include "service/erase.h"
#include "service/errand.h"
#include "service/intake.h"
#include "service/notices.h"
#include "service/reading_internal.h"
#include "util/stack.h"
#include "wire/address.h"
#include "wire/limits.h"

bool
lockstate_open(struct service *service)
{
    const struct vlt_signer *signer;

    /* Its turn may free the signer at any moment. */
    if (service->locks > 0) {
        return false;
    }
    signer = identity_vault_signer(service->identity);
    if (signer == NULL) {
        return false;
    }
    vlt_identity_of(VLT_IDENTITY_VAULT, vlt_signer_pk(signer),
                    service->vault_id);
    vlt_identity_print(VLT_IDENTITY_VAULT, service->vault_id,
                       service->vault_text);
    service->signer = signer;
    service->unlocked = true;
    clockwork_run(service);
    erase_run(service);
    intake_open(service);
    return true;
}

void
lockstate_tell(struct service *service, struct session *session,
               const char *why)
{
    struct vlt_json_out json;
    struct vlt_buf text;

    session_end_reads(service, session);
    vlt_buf_init(&text, VLT_LIMIT_TEXT);
    json = vlt_rpc_begin_notification(&text, "vault.locking");
    vlt_put_object(&json, "params");
    vlt_put_text(&json, "reason", why);
    vlt_put_end(&json);
    vlt_put_end(&json);
    reply_text(service, session->who.session, &text);
    vlt_buf_free(&text);
}

struct closing {
    struct service *service;
    const char *why;
};

static void
close_session(void *ctx, struct session *session)
{
    const struct closing *closing = ctx;
    struct service *service = closing->service;
    const struct service_sink *sink = &service->config.sink;

    lockstate_tell(service, session, closing->why);
    if (session->who.role != ROLE_OWNER) {
        sink->close(sink->ctx, session->who.session, VLT_CLOSE_GOING,
                    "the vault is locked", true);
    }
}

void
lockstate_close(struct service *service, const char *why)
{
    struct closing closing = { .service = service, .why = why };

    if (!service->unlocked) {
        return;
    }
    /* While it is unlocked, so that what has left is still logged. */
    session_each(service, close_session, &closing);
    compact_run_cancel(service);
    service->unlocked = false;
    service->signer = NULL;
    errand_cancel(service);
}

void
lockstate_begin(struct service *service)
{
    const struct service_sink *sink = &service->config.sink;
    struct silence cut;

    service->locks++;
    (void)atomic_add(&service->lock_asks, 1);
    /* Rows that wait for a slow firm would outlast the keys. */
    sink->silence(sink->ctx, NULL, &cut);
    lockstate_close(service, "owner");
}

void
lockstate_end(struct service *service)
{
    service->locks--;
}

void
lockstate_shut(struct service *service)
{
    service->unlocked = false;
    service->signer = NULL;
    vlt_secret_free(service->cursor_key);
    service->cursor_key = NULL;
    trail_forget_all(service);
    asks_clear(service->asks);
    acks_clear(service->acks);
    notices_clear(service->notices);
    intake_shut(service);
    stack_wipe();
}

bool
service_unlocked(const struct service *service)
{
    return service->unlocked;
}

const struct vlt_signer *
service_signer(const struct service *service)
{
    return service->signer;
}
