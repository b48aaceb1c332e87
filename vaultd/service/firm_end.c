/*
 * firm.block and firm.forget: the end of a firm, or of all that is between it
 * and the owner.
 *
 * Both end its grants, deny what it asks and close its sessions.  A firm that
 * is blocked stays known, and out.  One that is forgotten is a stranger again,
 * whose name and key may come by an invitation as another; what the log and the
 * records have of it stays.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/deletion.h"
#include "service/firm_internal.h"
#include "service/guard_internal.h"
#include "wire/limits.h"
#include "json/json_write.h"

struct parting {
    char firm[NOUN_FIRM];
    enum identity_state to;
    char name[IDENTITY_NAME_MAX + 1];
    struct noun_ends ends;
    int64_t delete_by; /* ns: the last of what it holds; 0: nothing */
};

void
firm_part_clear(void *state)
{
    struct parting *parting = state;

    noun_ends_free(&parting->ends);
    free(parting);
}

static enum vlt_status
check(struct call *call, struct vlt_walk *params, enum identity_state to)
{
    struct parting *parting = call_state(call, sizeof *parting);

    if (parting == NULL) {
        return VLT_E_NOMEM;
    }
    parting->to = to;
    noun_read_firm(params, true, parting->firm);
    return VLT_OK;
}

enum vlt_status
firm_block_check(struct call *call, struct vlt_walk *params)
{
    return check(call, params, IDENTITY_BLOCKED);
}

enum vlt_status
firm_forget_check(struct call *call, struct vlt_walk *params)
{
    enum vlt_status st = check(call, params, IDENTITY_FORGOTTEN);
    bool now = vlt_walk_bool_or(params, "now", false);

    /* The strict setting is not there yet; what it would take is accepted. */
    (void)vlt_walk_text_or(params, "passphrase", 1, VLT_LIMIT_PASSPHRASE,
                           vlt_slice_text(""));
    return now ? call_refuse_at(call, "now",
                                "What is known of a firm cannot be destroyed "
                                "yet; forget it without now.")
               : st;
}

/* ---- the end ---- */

/* All of them are over, so that each of its pending requests is denied as those
 * of a blocked firm are. */
struct as_blocked {
    struct consent_facts facts;
    const uint8_t *firm;
};

static bool
facts_as_blocked(void *ctx, const uint8_t id[VLT_ID_LEN],
                 struct consent_firm *out)
{
    const struct as_blocked *as = ctx;
    bool found = as->facts.firm(as->facts.ctx, id, out);

    out->blocked = out->blocked || memcmp(id, as->firm, VLT_ID_LEN) == 0;
    return found;
}

enum vlt_status
firm_cut_off(struct call *call, struct turn *turn, const struct firm *firm,
             struct noun_ends *ends)
{
    struct service *service = turn->service;
    struct as_blocked as = { noun_facts(turn), firm->id };
    struct consent_facts facts = { .ctx = &as, .firm = facts_as_blocked };
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = noun_end_all(turn, firm->id, CONSENT_REVOKED, &changes);
    }
    if (st == VLT_OK) {
        st = consent_review(service->consent, txn, &facts, turn->now, &changes);
    }
    if (st == VLT_OK) {
        st = consent_moved(service->consent, txn);
    }
    if (st == VLT_OK) {
        st = noun_note_ends(ends, &changes);
    }
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &call->after);
    }
    consent_changes_free(&changes);
    if (st == VLT_OK &&
        after_add(turn, &call->after, AFTER_CLOSE_FIRM, firm->id) == NULL) {
        st = VLT_E_NOMEM;
    }
    return st;
}

struct holding {
    struct parting *parting;
    const uint8_t *firm;
};

/* The last of what the firm holds of it. */
static bool
note_held(void *ctx, const struct grant *grant)
{
    const struct holding *holding = ctx;
    struct consent_held held[CONSENT_HELD];
    size_t count = 0;

    if (memcmp(grant->firm, holding->firm, VLT_ID_LEN) == 0) {
        count = consent_held(grant, held);
    }
    if (count > 0 && held[count - 1].delete_by > holding->parting->delete_by) {
        holding->parting->delete_by = held[count - 1].delete_by;
    }
    return true;
}

static const char *
word_of(const struct parting *parting)
{
    return parting->to == IDENTITY_BLOCKED ? "blocked" : "forgotten";
}

static void
put_parted(struct call *call, double silence)
{
    const struct parting *parting = call->state;
    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "firm", parting->name);
    vlt_put_text(&json, "state", word_of(parting));
    vlt_put_list(&json, "grants");
    for (size_t i = 0; i < parting->ends.count; i++) {
        vlt_put_ulid(&json, NULL, parting->ends.at[i].grant);
    }
    vlt_put_end(&json);
    if (parting->delete_by != 0) {
        vlt_put_time(&json, "delete_by", parting->delete_by);
    } else {
        vlt_put_null(&json, "delete_by");
    }
    vlt_put_double(&json, "silence_ms", silence);
    vlt_put_end(&json);
}

/* Found and moved; the caller releases *out. */
static enum vlt_status
move(struct call *call, struct turn *turn, const struct firm **out)
{
    struct parting *parting = call->state;
    const struct firm *found = NULL;
    struct store_txn *txn;
    enum vlt_status st = noun_need_firm(call, parting->firm, &found);

    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    /* By its id one is found whose name another firm may have by now. */
    if (st == VLT_OK && found->state == IDENTITY_FORGOTTEN) {
        st = VLT_E_CONFLICT;
    }
    if (st == VLT_OK) {
        st = identity_firm_set(call->service->identity, txn, found->name,
                               parting->to, out);
    }
    if (st == VLT_E_CONFLICT) {
        st = call_refuse(call, st, "'%s' is %s already.", found->name,
                         found->state == IDENTITY_FORGOTTEN ? "forgotten"
                                                            : "blocked");
    }
    firm_release(found);
    return st;
}

enum vlt_status
firm_part_commit(struct call *call, struct turn *turn)
{
    struct parting *parting = call->state;
    const struct firm *firm = NULL;
    enum vlt_status st = move(call, turn, &firm);

    if (st != VLT_OK) {
        return st;
    }
    noun_ends_free(&parting->ends); /* of a turn that was undone */
    parting->ends = (struct noun_ends){ .count = 0 };
    memcpy(parting->name, firm->name, sizeof parting->name);
    st = noun_log_firm(turn, firm, word_of(parting));
    if (st == VLT_OK) {
        st = firm_cut_off(call, turn, firm, &parting->ends);
    }
    if (st == VLT_OK) {
        struct holding holding = { parting, firm->id };

        st = consent_grants_now(call->service->consent, note_held, &holding);
    }
    firm_release(firm);
    if (st == VLT_OK) {
        put_parted(call, 0); /* kept for a repetition */
    }
    return st;
}

void
firm_part_done(struct call *call, enum vlt_status st)
{
    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }
    put_parted(call, noun_silence(call->after));
    call_answer(call);
}
