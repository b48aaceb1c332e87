#include "service/restored.h"

#include <stdio.h>

#include "service/guard.h"
#include "service/hold.h"
#include "service/service_internal.h"
#include "util/log.h"
#include "wire/entry.h"
#include "json/json_write.h"

static const uint8_t master[AUDIT_TREE_LEN] = { 0 };

struct last {
    bool known;
    uint32_t instance;
};

static bool
take(void *ctx, const struct audit_entry *entry)
{
    struct last *last = ctx;
    struct vlt_entry read;

    last->known = vlt_entry_decode(entry->entry, &read) == VLT_OK;
    last->instance = last->known ? read.instance : 0;
    return false;
}

static enum vlt_status
log_it(struct turn *turn, const struct audit_head *head, uint32_t instance)
{
    struct guard_event event = { .type = AUDIT_RESTORE };
    struct vlt_json_out json;
    struct vlt_buf detail;
    char before[9];
    enum vlt_status st;

    (void)snprintf(before, sizeof before, "%08x", (unsigned)instance);
    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "restored");
    vlt_put_hex(&json, "head", head->root, sizeof head->root);
    vlt_put_text(&json, "instance", before);
    vlt_put_uint(&json, "size", head->size);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

enum vlt_status
restored_note(struct service *service, struct turn *turn)
{
    struct audit_head head = { .size = 0 };
    struct last last = { .known = false };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = audit_head(service->audit, store_txn_view(txn), master, &head);
    }
    if (st == VLT_OK && head.size > 0) {
        st = audit_each(service->audit, store_txn_view(txn), master,
                        head.size - 1, 1, take, &last);
    }
    if (st != VLT_OK || !last.known ||
        last.instance == audit_instance(service->audit)) {
        return st;
    }
    log_warning("service",
                "the vault was restored from a backup: sharing is on "
                "hold; see vaultctl confirm");
    st = log_it(turn, &head, last.instance);
    return st == VLT_OK ? hold_restored(service, turn) : st;
}
