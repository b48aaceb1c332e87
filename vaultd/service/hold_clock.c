/*
 * hold_clock: a clock that jumped.
 *
 * Boot time is never set, so between two turns of one run the wall clock should
 * have gone as far.  At the first turn after an unlock there is only the
 * highest time that was ever written to hold it against; so a hold is kept in
 * the vault, and in memory through a lock, until the owner has confirmed.
 */
#include <inttypes.h>

#include "service/guard_internal.h"
#include "service/hold.h"
#include "store/record.h"
#include "util/log.h"
#include "json/json_write.h"

/* The setting that says that the clock is doubted. */
static const uint8_t kept[VLT_ID_LEN] = "clock hold";

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

/* ---- what the vault keeps of it ---- */

enum vlt_status
hold_clock_forget(struct turn *turn)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = store_meta_delete(txn, STORE_META_SETTING, kept);
    }
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

static enum vlt_status
keep(struct turn *turn)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    return st == VLT_OK
               ? store_meta_put(txn, STORE_META_SETTING, kept, NULL,
                                vlt_slice_text("{\"hold\":\"clock\",\"v\":1}"))
               : st;
}

enum vlt_status
hold_clock_kept(struct service *service, struct turn *turn)
{
    struct store_txn *txn;
    struct vlt_buf json;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&json, 0);
    st = store_meta_get(store_txn_view(txn), STORE_META_SETTING, kept, &json);
    vlt_buf_free(&json);
    if (st == VLT_OK) {
        hold_set(service, HOLD_CLOCK);
    }
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

/* A hold began, which the owner has not confirmed in this very turn. */
static enum vlt_status
note_begun(struct turn *turn)
{
    enum vlt_status st = log_clock(turn, "begun", turn->service->reckoning.by);

    return st == VLT_OK && (turn->hold_ends & HOLD_CLOCK) == 0 ? keep(turn)
                                                               : st;
}

static enum vlt_status
note_ended(struct turn *turn)
{
    enum vlt_status st = log_clock(turn, "synchronised", 0);

    return st == VLT_OK && !hold_has(turn->service, HOLD_CLOCK)
               ? hold_clock_forget(turn)
               : st;
}

/* That it is not logged changes nothing: it is in force, and is logged by the
 * next turn that can. */
void
hold_clock_log(struct turn *turn)
{
    const struct hold_reckoning *last = &turn->service->reckoning;
    enum vlt_status st = VLT_OK;

    if (last->begun) {
        st = note_begun(turn);
    }
    if (st == VLT_OK && last->ended) {
        st = note_ended(turn);
    }
    if (st == VLT_OK && (last->begun || last->ended)) {
        st = consent_moved(turn->service->consent, turn->txn);
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
