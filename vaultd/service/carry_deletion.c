/*
 * carry_deletion: a firm is to delete what it was given (commit thread).
 */
#include <string.h>

#include "base/time.h"
#include "consent/deletion.h"
#include "service/carry_internal.h"
#include "json/json_write.h"

void
carry_deletion_fill(struct vlt_receipt *receipt, const struct grant *grant)
{
    struct consent_held list[CONSENT_HELD];
    const struct consent_held *held = list;
    size_t count = consent_held(grant, list);

    _Static_assert((int)CONSENT_HELD - 1 <= (int)VLT_RECEIPT_DELETIONS,
                   "a receipt of an end names all that is held");
    /* With one too many what was asked for is one, by the earlier time. */
    if (count == CONSENT_HELD) {
        list[1].from = list[0].from;
        list[1].delete_by = list[0].delete_by;
        held = list + 1;
        count--;
    }
    receipt->has_deletion = true;
    receipt->deletion_count = count;
    for (size_t i = 0; i < count; i++) {
        receipt->deletion[i] = (struct vlt_receipt_deletion){
            .from = held[i].from,
            .to = held[i].to,
            .delete_by = vlt_floor_div(held[i].delete_by, VLT_SECOND),
        };
    }
}

/* All that is demanded, with the times of what was asked for last; or, of what
 * is overdue, that alone.  It is what is held first. */
static void
put_demand(struct vlt_json_out *json, const struct consent_change *change)
{
    struct consent_held held[CONSENT_HELD];
    size_t count = consent_held(change->grant, held);
    size_t last = change->row == ROW_DEMANDED && count > 1 && held[1].due != 0;

    if (count > 0) {
        vlt_put_list(json, "uses");
        vlt_put_uint(json, NULL, held[0].from);
        vlt_put_uint(json, NULL, held[last].to);
        vlt_put_end(json);
        vlt_put_time(json, "delete_by", held[last].delete_by);
        vlt_put_time(json, "due", held[last].due);
    }
}

static void
put_detail(const struct carrying *carrying, bool owner, struct vlt_buf *out)
{
    const struct consent_change *change = carrying->change;
    struct vlt_json_out json;

    vlt_buf_init(out, AUDIT_DETAIL_MAX);
    json = vlt_json_out(out);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event",
                 change->row == ROW_DEMANDED ? "asked" : "overdue");
    if (owner) {
        vlt_put_text(&json, "firm", carrying->firm->name);
    }
    vlt_put_ulid(&json, "grant", change->grant->id);
    put_demand(&json, change);
    vlt_put_end(&json);
}

enum vlt_status
carry_deletion_log(struct carrying *carrying)
{
    struct guard_event event = { .type = AUDIT_DELETION,
                                 .subject = carrying->change->grant->id,
                                 .firm = carrying->firm,
                                 .of_grant = true };
    struct vlt_buf firm;
    struct vlt_buf owner;
    enum vlt_status st;

    put_detail(carrying, false, &firm);
    put_detail(carrying, true, &owner);
    event.firm_detail = vlt_buf_slice(&firm);
    event.owner_detail = vlt_buf_slice(&owner);
    st = guard_log(carrying->turn, &event, NULL);
    vlt_buf_free(&firm);
    vlt_buf_free(&owner);
    return st;
}

void
carry_deletion_ask(struct carrying *carrying)
{
    const struct grant *grant = carrying->change->grant;
    struct after *after = after_add(carrying->turn, carrying->after,
                                    AFTER_NOTIFY_FIRM, carrying->firm->id);
    struct vlt_json_out json;

    if (after == NULL) {
        return; /* grant.show tells it all the same */
    }
    json = vlt_rpc_begin_notification(&after->text, "grant.changed");
    vlt_put_object(&json, "params");
    vlt_put_ulid(&json, "grant", grant->id);
    vlt_put_text(&json, "state", consent_state_word(grant->state));
    vlt_put_text(&json, "reason", "deletion_due");
    put_demand(&json, carrying->change);
    vlt_put_end(&json);
    vlt_put_end(&json);
}
