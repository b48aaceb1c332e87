#include "service/service.h"
#include "service/acks.h"
#include "service/asks.h"
#include "service/compact_run.h"
#include "service/erase.h"
#include "service/errand.h"
#include "service/hold.h"
#include "service/intake.h"
#include "service/notices.h"
#include "service/owed.h"
#include "service/shared.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/aead.h"
#include "crypto/random.h"
#include "service/reading_internal.h"
#include "service/service_internal.h"
#include "service/wrong.h"
#include "vocab/vocab.h"

int64_t
service_boot(const struct service *service)
{
    return clock_boot(service->config.clock);
}

int64_t
service_wall(const struct service *service)
{
    return clock_wall(service->config.clock);
}

int64_t
service_sure(const struct service *service)
{
    return hold_has(service, HOLD_CLOCK) ? 0 : service_wall(service);
}

int64_t
service_effective(const struct service *service)
{
    int64_t wall = service_wall(service);
    int64_t highest = (int64_t)atomic_get(&service->highest);

    return wall > highest ? wall : highest;
}

static int64_t
running_at(const struct service *service, int64_t boot)
{
    int64_t effective = service_effective(service);
    int64_t ran = boot + (int64_t)atomic_get(&service->ahead);

    return effective > ran ? effective : ran;
}

int64_t
service_running(const struct service *service)
{
    return running_at(service, service_boot(service));
}

int64_t
service_reckon(struct service *service, int64_t now)
{
    int64_t boot = service_boot(service);

    atomic_set(&service->highest, (uint64_t)now);

    int64_t running = running_at(service, boot);

    atomic_set(&service->ahead, (uint64_t)(running - boot));
    return running;
}

/* ---- exec's other hooks ---- */

static void
wake(void *ctx)
{
    struct service *service = ctx;

    service->config.wake(service->config.wake_ctx);
}

static void
fatal(void *ctx)
{
    struct service *service = ctx;

    service->config.fatal(service->config.fatal_ctx);
}

static void
thread_ends(void *ctx)
{
    (void)ctx;
    vlt_aead_forget();
}

static enum vlt_status
start_exec(struct service *service)
{
    const struct exec_hooks hooks = {
        .ctx = service,
        .turn_begin = guard_turn_begin,
        .turn_commit = guard_turn_commit,
        .turn_abort = guard_turn_abort,
        .job_ran = guard_job_ran,
        .idle = guard_idle,
        .wake = wake,
        .fatal = fatal,
        .thread_ends = thread_ends,
    };
    const struct exec_limits limits = {
        .workers = service->config.workers,
        .linger_ms = service->config.linger_ms,
    };

    return exec_start(&hooks, &limits, &service->exec);
}

static enum vlt_status
make_rooms(struct service *service)
{
    struct store *store = service->store;
    enum vlt_status st = identity_new(store, &service->identity);

    if (st == VLT_OK) {
        st = series_new(store, &service->series);
    }
    if (st == VLT_OK) {
        st = series_pack_beside(service->series);
    }
    if (st == VLT_OK) {
        st = audit_new(store, &service->audit);
    }
    if (st == VLT_OK) {
        st = consent_new(store, &service->consent);
    }
    if (st == VLT_OK) {
        st = lock_new(&service->touch_lock);
    }
    if (st == VLT_OK) {
        st = owed_new(&service->owed);
    }
    if (st == VLT_OK) {
        st = asks_new(&service->asks);
    }
    if (st == VLT_OK) {
        st = acks_new(&service->acks);
    }
    if (st == VLT_OK) {
        st = notices_new(&service->notices);
    }
    if (st == VLT_OK) {
        st = shared_new(&service->shared);
    }
    return st == VLT_OK ? intake_new(&service->intake) : st;
}

enum vlt_status
service_new(const struct service_config *config, struct service **out)
{
    struct service *service = calloc(1, sizeof *service);
    uint8_t seed[MAP_SEED_LEN];
    enum vlt_status st;

    if (service == NULL) {
        return VLT_E_NOMEM;
    }
    service->config = *config;
    if (config->firm_hourly == 0) {
        service->config.firm_hourly = (uint64_t)VLT_LIMIT_ROWS_MIB << 20;
    }
    if (config->firm_chunks == 0) {
        service->config.firm_chunks = VLT_LIMIT_CHUNKS_S;
    }
    if (config->source_daily == 0) {
        service->config.source_daily = (uint64_t)VLT_LIMIT_PUSHED_MIB << 20;
    }
    service->store = config->store;
    service->last = &service->first;
    service->home = VOCAB_NONE;
    if (config->home != NULL) {
        service->home = vocab_country_find(config->home, strlen(config->home));
        if (service->home == VOCAB_NONE) {
            service_free(service);
            return VLT_E_FORMAT;
        }
    }
    service->due = INT64_MAX;
    service->clock_due = INT64_MAX;
    wrong_begin(service);
    vlt_random(seed, sizeof seed);
    st = map_new(sizeof(uint64_t), seed, &service->sessions);
    if (st == VLT_OK) {
        st = map_new(VLT_ID_LEN, seed, &service->peers);
    }
    if (st == VLT_OK) {
        st = make_rooms(service);
    }
    if (st == VLT_OK) {
        st = guard_new(service);
    }
    if (st == VLT_OK) {
        st = start_exec(service);
    }
    if (st != VLT_OK) {
        service_free(service);
        return st;
    }
    intake_shut(service);
    *out = service;
    return VLT_OK;
}

void
service_places(struct service *service, const char *socket, const char *listen,
               const char *http, const char *sealed)
{
    service->socket = socket;
    service->listen = listen;
    service->http = http;
    service->sealed = sealed;
}

static void
tell_stop(void *ctx, struct session *session)
{
    lockstate_tell(ctx, session, "stop");
}

void
service_stopping(struct service *service)
{
    session_each(service, tell_stop, service);
}

void
service_stop(struct service *service)
{
    lockstate_close(service, "stop");
    service_flush(service);
    service->stopping = true;
    errand_stop(service);
    compact_run_stop(service);
    exec_stop(service->exec);
    hold_before_lock(service);
}

static void
free_peers(struct map *peers)
{
    size_t at = 0;
    void *peer;

    while (peers != NULL && map_next(peers, &at, NULL, &peer)) {
        free(peer);
    }
    map_free(peers);
}

void
service_free(struct service *service)
{
    if (service == NULL) {
        return;
    }
    if (service->exec != NULL) {
        exec_stop(service->exec);
        exec_free(service->exec);
    }
    guard_free(service);
    consent_free(service->consent);
    audit_free(service->audit);
    series_free(service->series);
    identity_free(service->identity);
    trail_forget_all(service);
    intake_free(service->intake);
    owed_free(service->owed);
    asks_free(service->asks);
    acks_free(service->acks);
    notices_free(service->notices);
    shared_free(service->shared);
    lock_free(service->touch_lock);
    map_free(service->sessions);
    free_peers(service->peers);
    vlt_secret_free(service->cursor_key);
    free(service->touched);
    free(service);
}

void
service_flush(struct service *service)
{
    struct job *first = service->first;

    service->first = NULL;
    service->last = &service->first;
    if (first != NULL) {
        exec_submit(service->exec, first);
    }
}

void
service_drain(struct service *service)
{
    (void)exec_drain(service->exec);
    subscribe_touched(service);
    owed_run(service);
    intake_run(service);
    subscribe_arm(service);
    service_flush(service);
}

void
service_due(struct service *service)
{
    int64_t boot = service_boot(service);

    service->due = INT64_MAX;
    subscribe_due(service, boot);
    if (boot >= service->clock_due) {
        clockwork_run(service);
        erase_run(service);
    }
    owed_run(service);
    intake_run(service);
    subscribe_arm(service);
    service_flush(service);
}
