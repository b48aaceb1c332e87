/*
 * grant.suspend and grant.resume: of one grant, all of a firm, or all.
 *
 * What is queued or live of a grant that is suspended is cut before the
 * suspension is answered, as with revoking; of one that is hidden what has rows
 * of that time, by the epoch of each frame.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/lifecycle.h"
#include "service/grant_internal.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum {
    /* What a row writes, generously: its record, receipt and entries. */
    ROW_BYTES = 16 << 10,
    ROWS_OF_A_TURN = 128,
};

/* One that could not be suspended so, of many. */
struct left_out {
    uint8_t grant[VLT_ID_LEN];
    enum consent_state state;
    const char *why; /* static */
    int64_t until;   /* 0: no time is set */
};

struct pause {
    uint8_t grant[VLT_ID_LEN];
    char firm[NOUN_FIRM];
    bool one; /* a grant; else of a firm, or all */
    bool release_gap;
    struct consent_pause how; /* of a suspension */
    struct noun_ends changed;
    size_t left_count;
    struct left_out *left; /* owned; of a suspension of many */
};

void
pause_clear(void *state)
{
    struct pause *pause = state;

    noun_ends_free(&pause->changed);
    free(pause->left);
    free(pause);
}

/* Of which grants. */
static enum vlt_status
read_which(struct call *call, struct vlt_walk *params)
{
    struct pause *pause = call_state(call, sizeof *pause);
    bool all;

    if (pause == NULL) {
        return VLT_E_NOMEM;
    }
    pause->one = noun_ulid(params, "grant", pause->grant);
    noun_read_firm(params, false, pause->firm);
    all = vlt_walk_bool_or(params, "all", false);
    if (pause->one + (pause->firm[0] != '\0') + all != 1) {
        vlt_walk_fault(params, "grant",
                       "or firm or all must be there, and one of them alone");
    }
    return VLT_OK;
}

enum vlt_status
suspend_check(struct call *call, struct vlt_walk *params)
{
    enum vlt_status st = read_which(call, params);

    if (st == VLT_OK) {
        struct pause *pause = call->state;

        pause->how.from = vlt_walk_time_or(params, "from", 0);
        pause->how.until = vlt_walk_time_or(params, "until", 0);
        pause->how.hidden = vlt_walk_bool_or(params, "hide", false);
    }
    return st;
}

enum vlt_status
resume_check(struct call *call, struct vlt_walk *params)
{
    enum vlt_status st = read_which(call, params);

    if (st == VLT_OK) {
        struct pause *pause = call->state;

        pause->release_gap = vlt_walk_bool_or(params, "release_gap", false);
    }
    return st;
}

/* ---- in the turn ---- */

typedef enum vlt_status row_fn(const struct pause *pause, struct turn *turn,
                               struct store_txn *txn,
                               const struct consent_at *at,
                               struct consent_changes *changes);

static enum vlt_status
suspend_one(const struct pause *pause, struct turn *turn, struct store_txn *txn,
            const struct consent_at *at, struct consent_changes *changes)
{
    return consent_pause(turn->service->consent, txn, at, &pause->how, changes);
}

static enum vlt_status
resume_one(const struct pause *pause, struct turn *turn, struct store_txn *txn,
           const struct consent_at *at, struct consent_changes *changes)
{
    return consent_resume(turn->service->consent, txn, at, pause->release_gap,
                          changes);
}

struct many {
    struct pause *pause;
    struct turn *turn;
    struct store_txn *txn;
    const uint8_t *firm; /* NULL: all */
    row_fn *row;
    size_t count;
    struct consent_changes *changes;
    enum vlt_status st;
};

static bool
concerns(const struct many *many, const struct grant *grant)
{
    return many->firm == NULL ||
           memcmp(grant->firm, many->firm, VLT_ID_LEN) == 0;
}

static bool
count_one(void *ctx, const struct grant *grant)
{
    struct many *many = ctx;

    many->count += concerns(many, grant);
    return true;
}

static const char *
why_left(const struct grant *grant, const struct consent_pause *how,
         int64_t now)
{
    if (grant->exp <= (how->from != 0 ? how->from : now)) {
        return "over";
    }
    if (grant->pause_until != 0) {
        return "until";
    }
    return grant->hidden ? "hidden" : "suspended";
}

/* Those in another state stay as they are; of a suspension those are told that
 * are not over. */
static void
leave_out(struct many *many, const struct grant *grant)
{
    struct pause *pause = many->pause;

    if (pause->left == NULL || grant_over(grant)) {
        return;
    }
    struct left_out *left = &pause->left[pause->left_count++];

    left->state = grant->state;
    left->why = why_left(grant, &pause->how, many->turn->now);
    left->until = grant->pause_until;
    memcpy(left->grant, grant->id, sizeof left->grant);
}

static bool
take_one(void *ctx, const struct grant *grant)
{
    struct many *many = ctx;
    struct consent_at at = { .now = many->turn->now, .sure = many->turn->sure };

    if (concerns(many, grant)) {
        memcpy(at.grant, grant->id, sizeof at.grant);
        many->st =
            many->row(many->pause, many->turn, many->txn, &at, many->changes);
        if (many->st == VLT_E_CONFLICT) {
            leave_out(many, grant);
            many->st = VLT_OK;
        }
    }
    return many->st == VLT_OK;
}

/* Room for as many as there are. */
static enum vlt_status
make_left(struct many *many)
{
    struct pause *pause = many->pause;

    free(pause->left);
    pause->left_count = 0;
    pause->left = calloc(many->count + 1, sizeof *pause->left);
    return pause->left != NULL ? VLT_OK : VLT_E_NOMEM;
}

static enum vlt_status
take_many(struct call *call, struct many *many)
{
    struct consent *consent = many->turn->service->consent;
    const struct firm *firm = NULL;
    enum vlt_status st = VLT_OK;

    if (many->pause->firm[0] != '\0') {
        st = noun_need_firm(call, many->pause->firm, &firm);
        many->firm = firm != NULL ? firm->id : NULL;
    }
    if (st == VLT_OK) {
        st = consent_grants_now(consent, count_one, many);
    }
    if (st == VLT_OK && many->row == suspend_one) {
        st = make_left(many);
    }
    if (st == VLT_OK && many->count > ROWS_OF_A_TURN) {
        st = store_txn_reserve(many->txn, many->count * ROW_BYTES);
    }
    if (st == VLT_OK) {
        st = consent_grants_now(consent, take_one, many);
    }
    firm_release(firm);
    return st == VLT_OK ? many->st : st;
}

/* The last row of each: others may have been due before. */
static void
put_each(struct vlt_json_out *json, const struct noun_ends *changed)
{
    for (size_t i = 0; i < changed->count && i < VLT_LIMIT_LIST; i++) {
        const struct noun_end *at = &changed->at[i];

        if (i + 1 < changed->count &&
            memcmp(at[0].grant, at[1].grant, sizeof at->grant) == 0) {
            continue;
        }
        vlt_put_object(json, NULL);
        vlt_put_ulid(json, "grant", at->grant);
        vlt_put_text(json, "state", consent_state_word(at->state));
        vlt_put_end(json);
    }
}

static void
put_left(struct vlt_json_out *json, const struct pause *pause)
{
    vlt_put_list(json, "left_out");
    for (size_t i = 0; i < pause->left_count && i < VLT_LIMIT_LIST; i++) {
        const struct left_out *left = &pause->left[i];

        vlt_put_object(json, NULL);
        vlt_put_ulid(json, "grant", left->grant);
        vlt_put_text(json, "state", consent_state_word(left->state));
        vlt_put_text(json, "why", left->why);
        if (left->until != 0) {
            vlt_put_time(json, "until", left->until);
        }
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static void
put_changed(struct call *call)
{
    const struct pause *pause = call->state;
    const struct noun_ends *changed = &pause->changed;
    struct vlt_json_out json = call_result(call);

    if (pause->one) {
        vlt_put_ulid(&json, "grant", pause->grant);
        vlt_put_text(&json, "state",
                     consent_state_word(changed->at[changed->count - 1].state));
    } else {
        vlt_put_list(&json, "grants");
        put_each(&json, changed);
        vlt_put_end(&json);
        if (pause->left != NULL) {
            put_left(&json, pause);
        }
    }
    if (pause->how.from != 0) {
        vlt_put_time(&json, "from", pause->how.from);
    }
    if (pause->how.until != 0) {
        vlt_put_time(&json, "until", pause->how.until);
    }
    vlt_put_end(&json);
}

/* Nothing begins or ends in the past. */
static enum vlt_status
check_times(struct call *call, const struct consent_pause *how, int64_t now)
{
    if (how->from != 0 && how->from <= now) {
        return call_refuse_at(call, "from",
                              "That time has come; leave it out to suspend "
                              "now.");
    }
    if (how->until != 0 && how->until <= (how->from != 0 ? how->from : now)) {
        return call_refuse_at(call, "until",
                              "It must end later than it begins.");
    }
    return VLT_OK;
}

static enum vlt_status
take(struct call *call, struct turn *turn, row_fn *row, const char *says)
{
    struct pause *pause = call->state;
    struct consent_changes changes = { .count = 0 };
    struct many many = { .pause = pause,
                         .turn = turn,
                         .row = row,
                         .changes = &changes,
                         .st = VLT_OK };
    struct consent_at at = { .now = 0 };
    char text[VLT_ULID_TEXT];
    enum vlt_status st = guard_now(turn, &at.now);

    if (st == VLT_OK) {
        st = guard_txn(turn, &many.txn);
    }
    if (st == VLT_OK) {
        at.sure = turn->sure;
        st = check_times(call, &pause->how, at.now);
    }
    if (st == VLT_OK && pause->one) {
        memcpy(at.grant, pause->grant, sizeof at.grant);
        st = row(pause, turn, many.txn, &at, &changes);
    } else if (st == VLT_OK) {
        st = take_many(call, &many);
    }
    if (st == VLT_E_CONFLICT) {
        st = call_refuse(call, st, "%s", says);
    } else if (st == VLT_E_NOT_FOUND && pause->one) {
        st = call_not_found(call, "grant", "grant",
                            vlt_ulid_print(pause->grant, text));
    }
    if (st == VLT_OK) {
        st = noun_note_changed(&pause->changed, &changes);
    }
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &call->after);
    }
    consent_changes_free(&changes);
    if (st == VLT_OK) {
        put_changed(call);
    }
    return st;
}

enum vlt_status
suspend_commit(struct call *call, struct turn *turn)
{
    return take(call, turn, suspend_one,
                "Only a grant that is active then can be suspended, or one "
                "that is suspended until a time, or hidden, anew.");
}

enum vlt_status
resume_commit(struct call *call, struct turn *turn)
{
    return take(call, turn, resume_one,
                "Only a grant that is suspended, or is to be, can be "
                "resumed.");
}
