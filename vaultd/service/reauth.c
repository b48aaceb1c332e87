#include "service/reauth.h"

#include <stdlib.h>

#include "base/text.h"
#include "crypto/secret.h"
#include "service/service_internal.h"
#include "service/wrong.h"
#include "wire/limits.h"

enum {
    KEY_TEXT = 44, /* base64 of 32 bytes */
    KEY_ROOM = 64,
};

struct reauth {
    struct vlt_secret *typed;   /* NULL once it was tried */
    struct store_opened opened; /* its root key is owned; NULL before */
};

void
reauth_free(struct reauth *reauth)
{
    if (reauth != NULL) {
        vlt_secret_free(reauth->typed);
        vlt_secret_free(reauth->opened.root_key);
        free(reauth);
    }
}

/* ---- parameters ---- */

enum vlt_status
reauth_text(struct vlt_walk *params, const char *name, struct vlt_secret **out)
{
    struct vlt_slice text =
        vlt_walk_text(params, name, 1, VLT_LIMIT_PASSPHRASE);
    enum vlt_status st;

    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    st = vlt_secret_copy(text, out);
    vlt_wipe((void *)(uintptr_t)text.at, text.len);
    return st;
}

enum vlt_status
reauth_key(struct vlt_walk *params, const char *name, struct vlt_secret **out)
{
    struct vlt_slice text = vlt_walk_text(params, name, KEY_TEXT, KEY_TEXT);
    struct vlt_buf bytes;
    enum vlt_status st;

    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    vlt_buf_init_secret(&bytes, KEY_ROOM);
    st = vlt_base64_get(text, &bytes);
    if (st == VLT_OK) {
        st = vlt_secret_copy(vlt_buf_slice(&bytes), out);
    } else {
        vlt_walk_fault(params, name, "is not base64 of 32 bytes");
    }
    vlt_wipe((void *)(uintptr_t)text.at, text.len);
    vlt_buf_free(&bytes);
    return st;
}

enum vlt_status
reauth_text_or(struct vlt_walk *params, const char *name,
               struct vlt_secret **out)
{
    if (vlt_walk_has(params, name)) {
        return reauth_text(params, name, out);
    }
    vlt_walk_null(params, name);
    return VLT_OK;
}

enum vlt_status
reauth_key_or(struct vlt_walk *params, const char *name,
              struct vlt_secret **out)
{
    if (vlt_walk_has(params, name)) {
        return reauth_key(params, name, out);
    }
    vlt_walk_null(params, name);
    return VLT_OK;
}

/* ---- the steps ---- */

enum vlt_status
reauth_take(struct call *call, struct vlt_walk *params)
{
    if (!vlt_walk_has(params, "passphrase")) {
        vlt_walk_null(params, "passphrase");
        return VLT_OK; /* reauth_check() says so, when all else is good */
    }
    call->reauth = calloc(1, sizeof *call->reauth);
    return call->reauth != NULL
               ? reauth_text(params, "passphrase", &call->reauth->typed)
               : VLT_E_NOMEM;
}

enum vlt_status
reauth_check(struct call *call)
{
    if (call->reauth == NULL) {
        return call_refuse_as(call, VLT_RPC_REAUTH,
                              "This needs the vault's passphrase.");
    }
    return wrong_refuse(call);
}

enum vlt_status
reauth_prepare(struct call *call)
{
    struct reauth *reauth = call->reauth;
    struct service *service = call->service;

    if (reauth->opened.root_key != NULL) {
        return VLT_OK; /* a job that is prepared again */
    }
    /* Several may have waited for their turn. */
    enum vlt_status st = wrong_refuse(call);

    if (st != VLT_OK) {
        return st;
    }
    st = store_open_slot(service->store, STORE_TYPED, reauth->typed,
                         &reauth->opened);
    st = st == VLT_E_LIMIT ? VLT_E_AUTH : st;
    wrong_note(service, st);
    if (st == VLT_E_AUTH) {
        call->fault.retry_ms = wrong_wait(service);
        st = call_refuse(call, st, "That opens no slot of this vault.");
    }
    return st;
}

const struct vlt_secret *
reauth_typed(const struct call *call)
{
    return call->reauth->typed;
}

void
reauth_forget(struct call *call)
{
    vlt_secret_free(call->reauth->typed);
    call->reauth->typed = NULL;
}

enum vlt_status
reauth_still(struct call *call)
{
    const struct store_opened *opened = reauth_opened(call);

    return opened->version == store_slots_version(call->service->store)
               ? VLT_OK
               : call_refuse(call, VLT_E_CONFLICT,
                             "What opens the vault was changed meanwhile; try "
                             "again.");
}

const struct store_opened *
reauth_opened(const struct call *call)
{
    return call->reauth != NULL && call->reauth->opened.root_key != NULL
               ? &call->reauth->opened
               : NULL;
}
