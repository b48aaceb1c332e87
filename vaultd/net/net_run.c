#include "net.h"

#include <string.h>

#include "net_internal.h"
#include "session_table.h"
#include "socket.h"
#include "util/log.h"
#include "wire/limits.h"

enum {
    MS = 1000000, /* ns */
    MINUTE_US = 60 * 1000000,
};

int64_t
net_now(const struct net *net)
{
    return clock_boot(net->config.clock);
}

/* ---- connections by id ---- */

enum vlt_status
net_register(struct net *net, struct conn *conn)
{
    for (size_t i = 0; i < net->slot_count; i++) {
        size_t slot = (net->next_slot + i) % net->slot_count;

        if (net->slots[slot] == NULL) {
            net->slots[slot] = conn;
            net->next_slot = slot + 1;
            conn->id = ++net->serial << SLOT_BITS | slot;
            return VLT_OK;
        }
    }
    return VLT_E_LIMIT;
}

void
net_forget(struct net *net, const struct conn *conn)
{
    size_t slot = conn->id & ((1U << SLOT_BITS) - 1);

    if (slot < net->slot_count && net->slots[slot] == conn) {
        net->slots[slot] = NULL;
    }
}

struct conn *
net_find(const struct net *net, uint64_t id)
{
    size_t slot = id & ((1U << SLOT_BITS) - 1);
    struct conn *conn = slot < net->slot_count ? net->slots[slot] : NULL;

    if (conn == NULL || conn->id != id || conn->link == NULL || conn->ended) {
        return NULL;
    }
    return conn;
}

void
net_to_bury(struct net *net, struct conn *conn)
{
    if (!conn->buried) {
        conn->buried = true;
        conn->next_buried = net->buried;
        net->buried = conn;
    }
}

void
net_bury(struct net *net)
{
    while (net->buried != NULL) {
        struct conn *conn = net->buried;

        net->buried = conn->next_buried;
        conn->buried = false;
        if (conn->opened && !conn->told && net->service != NULL) {
            conn->told = true;
            service_gone(net->service, conn->id);
        }
        /* Within service_gone() it may have been put back. */
        if (conn->link == NULL && !conn->buried) {
            conn_free(conn);
        }
    }
}

/* ---- timers ---- */

/* A timer of lws sleeps when the machine does; so it looks again at times. */
static void
arm_due(struct net *net)
{
    int64_t left = net->due_ns - net_now(net);
    int64_t us = left > 0 ? left / 1000 + 1 : 1;

    loop_timer_set(net->due, us < MINUTE_US ? us : MINUTE_US);
}

void
net_due_at(struct net *net, int64_t boot_ns)
{
    net->due_ns = boot_ns;
    if (boot_ns == INT64_MAX) {
        loop_timer_stop(net->due);
    } else {
        arm_due(net);
    }
}

void
net_due_fired(void *ctx)
{
    struct net *net = ctx;

    if (net->service == NULL || net->due_ns == INT64_MAX) {
        return;
    }
    if (net_now(net) < net->due_ns) {
        arm_due(net);
        return;
    }
    net->due_ns = INT64_MAX;
    service_due(net->service);
}

void
net_want_tick(struct net *net)
{
    if (!net->ticking) {
        net->ticking = true;
        loop_timer_set(net->tick, (MS - net_now(net) % MS) / 1000 + 1);
    }
}

void
net_tick_fired(void *ctx)
{
    struct net *net = ctx;

    net->ticking = false;
    for (size_t i = 0; i < net->slot_count; i++) {
        if (net->slots[i] != NULL) {
            socket_tick(net->slots[i]);
        }
    }
}

/* Strangers cost no line each, and no entry each of the vault's log.  While it
 * is locked they are counted on. */
static void
tell_strangers(struct net *net)
{
    const unsigned *refused = net->refused;
    struct strangers counts = { .full = refused[GATE_FULL],
                                .crowded = refused[GATE_CROWDED],
                                .address = refused[GATE_ADDRESS],
                                .refused = net->strangers_refused };

    if (net->service == NULL || !service_unlocked(net->service) ||
        counts.full + counts.crowded + counts.address + counts.refused == 0) {
        return;
    }
    log_info("net",
             "refused: full %u, crowded out %u, of one address %u, later %u",
             counts.full, counts.crowded, counts.address, counts.refused);
    service_strangers(net->service, &counts);
    memset(net->refused, 0, sizeof net->refused);
    net->strangers_refused = 0;
}

void
net_minute_fired(void *ctx)
{
    struct net *net = ctx;

    tell_strangers(net);
    loop_timer_set(net->minute, net->times.minute_ns / 1000);
}

/* ---- stop ---- */

void
net_stop_fired(void *ctx)
{
    struct net *net = ctx;

    net->stopped = true;
}

/* What becomes of a connection when the daemon stops: who is known is told,
 * who was heard is answered, all others are cut. */
static void
stop_conn(struct conn *conn)
{
    if (conn->phase == PHASE_SOCKET && conn->state >= SESSION_READY) {
        socket_close(conn, VLT_CLOSE_GOING, "the vault stops", true);
    } else if (conn->phase != PHASE_ASKED && conn->phase != PHASE_REPLY &&
               conn->phase != PHASE_LINGER) {
        conn_end(conn, false);
    }
}

static void
each_conn(struct net *net, void (*act)(struct conn *conn))
{
    for (size_t i = 0; i < net->slot_count; i++) {
        if (net->slots[i] != NULL && net->slots[i]->link != NULL) {
            act(net->slots[i]);
        }
    }
}

static void
begin_stop(struct net *net)
{
    net->stopping = true;
    dials_stop(net->dials);
    for (enum place i = 0; i < PLACES; i++) {
        loop_watch_free(net->listeners[i].watch);
        net->listeners[i].watch = NULL;
    }
    if (net->service != NULL) {
        tell_strangers(net);
        service_stopping(net->service);
    }
    each_conn(net, stop_conn);
    loop_timer_set(net->stop_timer, net->times.stop_ns / 1000);
}

static void
cut(struct conn *conn)
{
    conn_end(conn, false);
}

/* ---- the loop ---- */

void
net_woken(void *ctx)
{
    struct net *net = ctx;

    dials_woken(net->dials);
    if (net->service != NULL) {
        service_drain(net->service);
    }
}

void
net_run(struct net *net)
{
    loop_timer_set(net->minute, net->times.minute_ns / 1000);
    while (!net->stopped && !(net->stopping && net->conns == 0)) {
        if (!loop_turn(net->loop)) {
            log_error("net", "the loop cannot go on");
            break;
        }
        if (atomic_get(&net->stop) != 0 && !net->stopping) {
            begin_stop(net);
        }
        net_bury(net);
        service_flush(net->service);
        if (net->buried != NULL) {
            loop_wake(net->loop);
        }
    }
    each_conn(net, cut);
    net_bury(net);
    service_flush(net->service);
    loop_timer_stop(net->minute);
    loop_timer_stop(net->due);
}

void
net_wake(void *ctx)
{
    struct net *net = ctx;

    loop_wake(net->loop);
}

void
net_stop_soon(struct net *net)
{
    atomic_set(&net->stop, 1);
    loop_wake(net->loop);
}

void
net_serve(struct net *net, struct service *service)
{
    net->service = service;
}
