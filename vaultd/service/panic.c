/*
 * vault.panic: the keys are destroyed, at once and for good.
 *
 * The passphrase is tried first, then (loop) everybody is cut off as for a
 * lock, and a job of its own destroys the key files on the commit thread.  No
 * entry is written: nobody could read it, and it would cost time.
 */
#include <stdlib.h>

#include "service/guard_internal.h"
#include "service/panic_internal.h"
#include "service/reauth.h"
#include "store/slots.h"
#include "util/log.h"
#include "json/json_write.h"

struct panic {
    int64_t began; /* boot time, ns */
    struct vlt_buf why;
};

void
panic_clear(void *state)
{
    struct panic *panic = state;

    if (panic != NULL) {
        vlt_buf_free(&panic->why);
        free(panic);
    }
}

enum vlt_status
panic_check(struct call *call, struct vlt_walk *params)
{
    struct panic *panic = call_state(call, sizeof *panic);

    (void)params;
    if (panic == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_buf_init(&panic->why, CALL_DETAIL);
    return VLT_OK;
}

static enum vlt_status
destroy(struct job *job, struct turn *turn)
{
    struct call *call = (struct call *)job;
    struct panic *panic = call->state;
    struct service *service = call->service;
    enum vlt_status st = call->reauth != NULL ? reauth_still(call) : VLT_OK;

    if (st == VLT_OK) {
        st = store_panic(service->store, &panic->why);
        guard_lock_after(turn);
    }
    return st;
}

static void
tell(struct job *job, enum vlt_status st)
{
    struct call *call = (struct call *)job;
    struct panic *panic = call->state;
    struct service *service = call->service;

    lockstate_end(service);
    if (st != VLT_OK) {
        const char *why = vlt_buf_text(&panic->why);

        log_error("service", "panic: %s",
                  panic->why.len > 0 ? why : vlt_status_word(st));
        if (store_locked(service->store)) {
            lockstate_shut(service);
        } else {
            (void)lockstate_open(service);
        }
        if (panic->why.len > 0) {
            (void)call_refuse(call, st, "%s.", why);
        }
        call_fail(call, st);
        return;
    }
    lockstate_shut(service);
    log_warning("service", "the vault's keys were destroyed by vault.panic");

    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "state", "destroyed");
    vlt_put_double(&json, "took_ms",
                   (double)(service_boot(service) - panic->began) / 1e6);
    vlt_put_end(&json);
    call_answer(call);
}

/* The passphrase was right: the same job once more, for what it asked for. */
void
panic_done(struct call *call, enum vlt_status st)
{
    struct panic *panic = call->state;

    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }
    panic->began = service_boot(call->service);
    lockstate_begin(call->service);
    call->job.prepare = NULL;
    call->job.commit = destroy;
    call->job.done = tell;
    service_submit(call->service, &call->job);
}
