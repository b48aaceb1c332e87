/*
 * hold_clock: a clock that jumped.
 *
 * Boot time is never set, so between two turns of one run the wall clock should
 * have gone as far.  At the first turn after an unlock there is only the
 * highest time that was ever written to hold it against.
 */
#include <inttypes.h>

#include "service/guard_internal.h"
#include "service/hold.h"
#include "util/log.h"
#include "json/json_write.h"

bool
hold_clock_jumped(int64_t by)
{
    return by < -HOLD_BACK || by > HOLD_AHEAD;
}

static enum vlt_status
log_clock(struct turn *turn, const char *what, int64_t by)
{
    struct guard_event event = { .type = AUDIT_HOLD };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_int(&json, "by_s", by / VLT_SECOND);
    vlt_put_text(&json, "event", what);
    vlt_put_text(&json, "hold", "clock");
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

/* That it is not logged changes nothing: it is in force, and is logged by the
 * next turn that can. */
void
hold_clock_log(struct turn *turn)
{
    const struct hold_reckoning *last = &turn->service->reckoning;
    enum vlt_status st = VLT_OK;

    if (last->begun) {
        st = log_clock(turn, "begun", last->by);
    }
    if (st == VLT_OK && last->ended) {
        st = log_clock(turn, "synchronised", 0);
    }
    turn->hold_logged = st == VLT_OK;
}

void
hold_clock_logged(struct turn *turn)
{
    if (turn->hold_logged) {
        turn->service->reckoning.begun = false;
        turn->service->reckoning.ended = false;
    }
}

/* How far it is from where it should be, ns. */
static int64_t
moved_by(const struct hold_reckoning *last, int64_t wall, int64_t boot,
         int64_t highest)
{
    int64_t should = last->known ? last->wall + (boot - last->boot) : highest;

    /* Without a last turn nobody knows how long it was off. */
    return !last->known && wall > should ? 0 : wall - should;
}

static void
look(struct service *service, int64_t highest)
{
    struct hold_reckoning *last = &service->reckoning;
    int64_t wall = service_wall(service);
    int64_t boot = service_boot(service);
    int64_t by = moved_by(last, wall, boot, highest);
    bool was = hold_has(service, HOLD_CLOCK);

    last->known = true;
    last->wall = wall;
    last->boot = boot;
    if (hold_clock_jumped(by) && !clock_synchronised()) {
        hold_set(service, HOLD_CLOCK);
        if (!was) {
            last->begun = true;
            last->by = by;
            log_warning("service",
                        "sharing is on hold: the clock jumped by %" PRId64
                        " s; see vaultctl confirm",
                        by / VLT_SECOND);
        }
    } else if (was && clock_synchronised()) {
        hold_drop(service, HOLD_CLOCK);
        last->ended = true;
        log_info("service", "the clock is synchronised: sharing goes on");
    }
}

void
hold_clock_first(struct service *service, int64_t highest)
{
    if (!service->reckoning.known) {
        look(service, highest);
    }
}

void
hold_clock_look(struct service *service)
{
    if (service->reckoning.known) {
        look(service, 0);
    }
}
