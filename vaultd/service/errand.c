#include "service/errand.h"

#include <stdlib.h>

#include "service/service_internal.h"
#include "util/thread.h"

#define TELL_EVERY (VLT_SECOND / 5)

struct errand {
    struct job job; /* first: its end */
    struct call *call;
    struct service *service;
    const struct errand_steps *steps;
    struct thread *thread;
    enum vlt_status ran;
    int64_t told; /* boot time, ns; the thread's */
};

/* A notification on its way to the loop. */
struct telling {
    struct job job; /* first */
    struct service *service;
    uint64_t session;
    struct vlt_rpc_id id; /* of the call */
    uint64_t done, size;
};

enum vlt_status
errand_free(struct call *call)
{
    return call->service->errand_taken
               ? call_refuse(call, VLT_E_CONFLICT,
                             "A backup is being made or verified; wait for "
                             "its end.")
               : VLT_OK;
}

void
errand_take(struct service *service)
{
    service->errand_taken = true;
}

void
errand_drop(struct service *service)
{
    service->errand_taken = false;
}

/* ---- its end ---- */

static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    struct errand *errand = (struct errand *)job;

    return errand->steps->commit(errand->call, turn, errand->ran);
}

static void
done(struct job *job, enum vlt_status st)
{
    struct errand *errand = (struct errand *)job;

    thread_join(errand->thread);
    errand->service->errand = NULL;
    errand->steps->ended(errand->call, errand->ran, st);
    free(errand);
}

static void
run(void *ctx)
{
    struct errand *errand = ctx;

    errand->ran = errand->steps->run(errand->call, errand);
    exec_submit(errand->service->exec, &errand->job);
}

void
errand_cancel(struct service *service)
{
    struct errand *errand = service->errand;

    if (errand != NULL && errand->steps->cancel != NULL) {
        errand->steps->cancel(errand->call);
    }
}

void
errand_start(struct call *call, const struct errand_steps *steps)
{
    struct service *service = call->service;
    struct errand *errand;

    if (service->stopping) { /* nobody would wait for its thread */
        steps->ended(call, VLT_E_BUSY, VLT_E_BUSY);
        return;
    }
    errand = calloc(1, sizeof *errand);
    if (errand == NULL) {
        steps->ended(call, VLT_E_NOMEM, VLT_E_NOMEM);
        return;
    }
    errand->call = call;
    errand->service = service;
    errand->steps = steps;
    errand->job.control = true;
    errand->job.alone = steps->alone;
    errand->job.commit = steps->commit != NULL ? commit : NULL;
    errand->job.done = done;
    service->errand = errand;
    if (!service->unlocked) {
        errand_cancel(service); /* a lock came between the turn and this */
    }

    /* What the thread says is its own to write, from here on. */
    enum vlt_status st =
        thread_start(steps->what, run, errand, &errand->thread);

    if (st != VLT_OK) {
        errand->ran = st;
        service_submit(service, &errand->job);
    }
}

void
errand_stop(struct service *service)
{
    struct errand *errand = service->errand;

    if (errand != NULL) {
        errand_cancel(service);
        thread_join(errand->thread);
        errand->thread = NULL;
    }
}

/* ---- how far it is ---- */

/* A job is named by the request that began it. */
static void
put_id(struct vlt_json_out *json, const struct vlt_rpc_id *id)
{
    if (id->kind == VLT_RPC_ID_TEXT) {
        vlt_put_text(json, "job", id->text);
    } else {
        vlt_put_int(json, "job", id->number);
    }
}

static void
tell(struct job *job, enum vlt_status st)
{
    struct telling *telling = (struct telling *)job;
    struct vlt_json_out json;
    struct vlt_buf text;

    (void)st;
    vlt_buf_init(&text, 0);
    json = vlt_rpc_begin_notification(&text, "job.progress");
    vlt_put_object(&json, "params");
    put_id(&json, &telling->id);
    vlt_put_uint(&json, "done", telling->done);
    vlt_put_uint(&json, "all", telling->size);
    vlt_put_text(&json, "unit", "bytes");
    vlt_put_end(&json);
    vlt_put_end(&json);
    reply_text(telling->service, telling->session, &text);
    vlt_buf_free(&text);
    free(telling);
}

void
errand_tell(struct errand *errand, uint64_t bytes, uint64_t size)
{
    int64_t now = service_boot(errand->service);
    struct telling *telling;

    if (now - errand->told < TELL_EVERY) {
        return;
    }
    errand->told = now;
    telling = calloc(1, sizeof *telling);
    if (telling == NULL) {
        return; /* it is told the next time */
    }
    telling->service = errand->service;
    telling->session = errand->call->who.session;
    telling->id = errand->call->id;
    telling->done = bytes;
    telling->size = size;
    telling->job.control = true;
    telling->job.done = tell;
    exec_submit(errand->service->exec, &telling->job);
}
