/*
 * strangers: who was refused at the door, summed up, as an entry of the log.
 *
 * Each for itself would let anybody fill the log.
 */
#include <stdlib.h>

#include "service/guard.h"
#include "service/service_internal.h"
#include "json/json_write.h"

struct strangers_job {
    struct job job; /* first */
    struct strangers counts;
};

static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    const struct strangers *counts = &((struct strangers_job *)job)->counts;
    struct guard_event event = { .type = AUDIT_RUN };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_uint(&json, "address", counts->address);
    vlt_put_uint(&json, "crowded", counts->crowded);
    vlt_put_text(&json, "event", "strangers");
    vlt_put_uint(&json, "full", counts->full);
    vlt_put_uint(&json, "refused", counts->refused);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

static void
done(struct job *job, enum vlt_status st)
{
    (void)st; /* it was logged where it failed; they are not counted again */
    free(job);
}

void
service_strangers(struct service *service, const struct strangers *counts)
{
    struct strangers_job *self = calloc(1, sizeof *self);

    if (self == NULL) {
        return;
    }
    self->counts = *counts;
    self->job.lane = JOB_OTHERS;
    self->job.commit = commit;
    self->job.done = done;
    service_submit(service, &self->job);
}
