/*
 * backup.verify: open every piece of a backup and check what is in it.
 *
 * A damaged file can crash its reader, so none of that is done here: whoever
 * runs the service (service_config.verify) has it done in a process of its
 * own.  That gets the backup's key, which this vault unwraps by its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/backup_internal.h"
#include "service/service_internal.h"
#include "store/backup.h"

enum { SAYS = 4096 /* bytes of what the child says: what the hook takes */ };

struct verify {
    struct service *service;
    bool taken; /* the errand is ours */
    char file[BACKUP_PATH + 1];
    struct store_bundle *bundle;
    bool good;
    struct vlt_buf says; /* of the child, or why there is none */
};

void
backup_verify_clear(void *state)
{
    struct verify *verify = state;

    if (verify == NULL) {
        return;
    }
    store_bundle_free(verify->bundle);
    vlt_buf_free(&verify->says);
    if (verify->taken) {
        errand_drop(verify->service);
    }
    free(verify);
}

enum vlt_status
backup_verify_check(struct call *call, struct vlt_walk *params)
{
    struct verify *verify = call_state(call, sizeof *verify);
    enum vlt_status st;

    if (verify == NULL) {
        return VLT_E_NOMEM;
    }
    verify->service = call->service;
    vlt_buf_init(&verify->says, SAYS);
    st = backup_read_file(call, params, verify->file);
    if (st == VLT_OK && call->service->config.verify == NULL) {
        st = call_refuse(call, VLT_E_CONFLICT,
                         "This daemon cannot start a verification; type: "
                         "vaultd verify FILE.");
    }
    return st == VLT_OK ? errand_free(call) : st;
}

void
backup_verify_begin(struct call *call)
{
    struct verify *verify = call->state;

    errand_take(call->service);
    verify->taken = true;
}

/* A backup that is no backup is told as one that is bad, not as a fault of the
 * call. */
static enum vlt_status
open_bundle(struct call *call, struct verify *verify)
{
    enum vlt_status st =
        store_bundle_open(verify->file, &verify->says, &verify->bundle);

    if (st == VLT_E_NOT_FOUND) {
        return call_not_found(call, "file", "file", verify->file);
    }
    if (st == VLT_E_STORAGE) {
        return call_refuse(call, st, "%s.", vlt_buf_text(&verify->says));
    }
    return st == VLT_E_FORMAT ? VLT_OK : st;
}

enum vlt_status
backup_verify_prepare(struct call *call)
{
    struct verify *verify = call->state;
    struct store *store = call->service->store;
    enum vlt_status st = open_bundle(call, verify);

    if (st != VLT_OK || verify->bundle == NULL) {
        return st;
    }
    if (memcmp(store_bundle_vault(verify->bundle), store_vault_id(store),
               VLT_ID_LEN) != 0) {
        return call_refuse(call, VLT_E_CONFLICT,
                           "This backup is of another vault; type: vaultd "
                           "verify FILE.");
    }
    st = store_bundle_own(verify->bundle, store);
    return st == VLT_E_AUTH
               ? call_refuse(call, VLT_E_CONFLICT,
                             "No slot of this backup is one of the vault's "
                             "now, or its beginning is damaged; type: vaultd "
                             "verify FILE, with the passphrase of then.")
               : st;
}

/* ---- its errand ---- */

static enum vlt_status
have_it_read(struct call *call, struct errand *errand)
{
    struct verify *verify = call->state;
    const struct service_config *config = &call->service->config;

    (void)errand;
    return config->verify(config->verify_ctx, verify->file,
                          store_bundle_key(verify->bundle), &verify->says,
                          &verify->good);
}

static void
answer(struct call *call)
{
    struct verify *verify = call->state;
    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "file", verify->file);
    vlt_put_bool(&json, "ok", verify->good);
    vlt_put_slice(&json, "says", vlt_buf_slice(&verify->says));
    vlt_put_end(&json);
    call_answer(call);
}

static void
verify_ended(struct call *call, enum vlt_status ran, enum vlt_status st)
{
    struct verify *verify = call->state;

    (void)st;
    if (ran != VLT_OK) {
        (void)snprintf(call->fault.detail, sizeof call->fault.detail, "%.*s",
                       (int)verify->says.len, (const char *)verify->says.at);
        call_fail(call, call_refuse(call, ran,
                                    "The verification could not be run, which "
                                    "says nothing of the backup; type: vaultd "
                                    "verify FILE."));
        return;
    }
    answer(call);
}

void
backup_verify_done(struct call *call, enum vlt_status st)
{
    static const struct errand_steps steps = { .what = "verify",
                                               .run = have_it_read,
                                               .ended = verify_ended };
    struct verify *verify = call->state;

    if (st != VLT_OK) {
        call_fail(call, st);
    } else if (verify->bundle == NULL) {
        answer(call);
    } else {
        errand_start(call, &steps);
    }
}
