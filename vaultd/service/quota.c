#include "service/quota.h"

#include <inttypes.h>
#include <stdio.h>

#include "service/guard_internal.h"
#include "service/owed.h"
#include "store/record.h"
#include "util/log.h"

static const uint8_t setting[VLT_ID_LEN] = STORE_QUOTA_SETTING;

/* ---- the setting ---- */

static enum vlt_status
parse(struct vlt_slice json, uint64_t *out)
{
    struct vlt_json *document = NULL;
    enum vlt_status st = vlt_json_parse(json, json.len, 2, NULL, &document);
    struct vlt_walk walk;

    if (st != VLT_OK) {
        return st == VLT_E_FORMAT ? VLT_E_STORAGE : st;
    }
    vlt_walk_begin(&walk, document);
    (void)vlt_walk_any(&walk, "v");
    int64_t bytes =
        vlt_walk_int(&walk, "bytes", STORE_QUOTA_LEAST, STORE_QUOTA_MOST);

    st = vlt_walk_end(&walk);
    vlt_json_free(document);
    if (st != VLT_OK) {
        return VLT_E_STORAGE; /* sealed, so what we wrote is damaged */
    }
    *out = (uint64_t)bytes;
    return VLT_OK;
}

/* Of a vault from before there were quotas. */
static enum vlt_status
make(struct turn *turn, struct store_txn *txn, uint64_t *out)
{
    uint64_t bytes = store_quota_fitting(turn->service->store,
                                         store_file_bytes(store_txn_view(txn)));
    char json[64];

    (void)snprintf(json, sizeof json, "{\"bytes\":%" PRIu64 ",\"v\":1}", bytes);
    *out = bytes;
    return store_meta_put(txn, STORE_META_SETTING, setting, NULL,
                          vlt_slice_text(json));
}

static enum vlt_status
load(struct turn *turn, uint64_t *out)
{
    struct store_txn *txn;
    struct vlt_buf json;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&json, 0);
    st =
        store_meta_get(store_txn_view(txn), STORE_META_SETTING, setting, &json);
    if (st == VLT_OK) {
        st = parse(vlt_buf_slice(&json), out);
    } else if (st == VLT_E_NOT_FOUND) {
        st = make(turn, txn, out);
    }
    vlt_buf_free(&json);
    return st;
}

enum vlt_status
quota_load(struct turn *turn)
{
    struct service *service = turn->service;
    uint64_t bytes = service->config.quota;
    enum vlt_status st = bytes == 0 ? load(turn, &bytes) : VLT_OK;

    if (st == VLT_OK) {
        store_quota_set(service->store, bytes);
    }
    return st;
}

/* ---- what the owner is told ---- */

static void
tell_stop(const struct store_space *space, warning_fn *tell, void *ctx)
{
    char says[256];

    switch (space->stop) {
    case STORE_STOP_NONE:
        break;
    case STORE_STOP_QUOTA:
        (void)snprintf(says, sizeof says,
                       "Nine tenths of the quota of %" PRIu64 " MiB are used: "
                       "no rows are taken until it is raised (configuration: "
                       "quota).",
                       space->quota >> 20);
        tell(ctx, "quota", says);
        break;
    case STORE_STOP_DISK:
        (void)snprintf(says, sizeof says,
                       "Only %" PRIu64 " MiB of the disk are free: no rows are "
                       "taken until there is more.",
                       space->free >> 20);
        tell(ctx, "disk", says);
        break;
    }
}

void
quota_warnings(const struct service *service, uint64_t used, warning_fn *tell,
               void *ctx)
{
    struct store_space space;
    char says[256];

    if (store_space(service->store, used, &space) != VLT_OK) {
        tell(ctx, "disk", "The disk does not tell what is free.");
        return;
    }
    tell_stop(&space, tell, ctx);
    if (!space.ballast) {
        tell(ctx, "ballast",
             "The ballast, which is kept for a full disk, is spent or missing; "
             "it is made when there is room.");
    }
    if (!space.reserves) {
        tell(ctx, "reserve",
             "This file system cannot keep blocks ready, or writes copies: a "
             "disk that fills up may end the daemon within a commit.");
    }
    if (owed_count(service->owed) > 0) {
        (void)snprintf(says, sizeof says,
                       "%" PRIu64 " revocations are in force, but nothing can "
                       "be written, and a restart would forget them: make room "
                       "first.",
                       owed_count(service->owed));
        tell(ctx, "owed", says);
    }
}
