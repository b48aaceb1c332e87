/*
 * source.show, set, token and block: one source, by its owner (WIRE.md, 6.2).
 *
 * What lets it in less than before closes its sessions, which are asked who
 * they are when they begin alone; a body is held against its source in its own
 * turn.
 */
#include <string.h>

#include "crypto/secret.h"
#include "service/intake.h"
#include "service/source_internal.h"
#include "wire/limits.h"
#include "json/json_write.h"

static enum vlt_status
none(struct call *call)
{
    const struct source_asked *asked = call->state;

    return call_not_found(call, "source", "source", asked->name);
}

/* The entry of what was done with it. */
static enum vlt_status
log_change(struct turn *turn, const struct source *source, const char *what)
{
    struct guard_event event = { .type = AUDIT_RUN };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "source");
    vlt_put_text(&json, "source", source->name);
    vlt_put_text(&json, "what", what);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

static enum vlt_status
close_sessions(struct call *call, struct turn *turn,
               const struct source *source)
{
    return after_add(turn, &call->after, AFTER_CLOSE_FIRM, source->id) != NULL
               ? VLT_OK
               : VLT_E_NOMEM;
}

/* ---- show ---- */

enum vlt_status
source_name_check(struct call *call, struct vlt_walk *params)
{
    struct source_asked *asked = call_state(call, sizeof *asked);

    if (asked == NULL) {
        return VLT_E_NOMEM;
    }
    noun_copy(asked->name, sizeof asked->name,
              vlt_walk_text(params, "source", 1, IDENTITY_NAME_MAX));
    return VLT_OK;
}

enum vlt_status
source_show_prepare(struct call *call)
{
    const struct source_asked *asked = call->state;
    const struct source *source =
        identity_source_by_name(call->service->identity, asked->name);
    enum vlt_status st =
        source != NULL ? source_put_one(call, source) : none(call);

    source_release(source);
    return st;
}

/* ---- set ---- */

static void
read_category(struct vlt_walk *params, struct source_asked *asked)
{
    asked->says_category = vlt_walk_has(params, "category");
    noun_copy(asked->category, sizeof asked->category,
              vlt_walk_text_or(params, "category", 1, SERIES_CATEGORY_MAX,
                               vlt_slice_text("")));
    if (strcmp(asked->category, "none") == 0) {
        asked->category[0] = '\0';
    }
}

static void
read_rest(struct vlt_walk *params, struct source_asked *asked)
{
    asked->automatic = -1;
    if (vlt_walk_has(params, "streams")) {
        source_read_patterns(params, asked);
    }
    if (vlt_walk_has(params, "auto")) {
        asked->automatic = vlt_walk_bool(params, "auto");
    }
    if (vlt_walk_has(params, "window")) {
        source_read_window(params, asked);
    }
    asked->says_way = vlt_walk_has(params, "way");
    if (asked->says_way) {
        source_read_way(params, asked);
    }
    asked->says_quota = vlt_walk_has(params, "quota");
    source_read_quota(params, &asked->quota);
    asked->unblock = !vlt_walk_bool_or(params, "blocked", true);
    if (!asked->unblock && vlt_walk_has(params, "blocked")) {
        vlt_walk_fault(params, "blocked",
                       "is true, which is source.block; false lets it in "
                       "again");
    }
}

enum vlt_status
source_set_check(struct call *call, struct vlt_walk *params)
{
    enum vlt_status st = source_name_check(call, params);
    struct source_asked *asked = call->state;

    if (st != VLT_OK) {
        return st;
    }
    read_category(params, asked);
    read_rest(params, asked);
    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    if (asked->patterns == 0 && asked->automatic < 0 && asked->window == 0 &&
        !asked->says_category && !asked->says_way && !asked->says_quota &&
        !asked->unblock) {
        return call_refuse_at(call, "source",
                              "Nothing was said of it that is to change.");
    }
    return source_check_category(call, asked);
}

static enum vlt_status
change(struct call *call, struct store_txn *txn, const struct source **out)
{
    const struct source_asked *asked = call->state;
    struct source_change change = {
        .name = asked->name,
        .patterns = asked->patterns,
        .pattern = asked->list,
        .automatic = asked->automatic,
        .category = asked->says_category ? asked->category : NULL,
        .window = asked->window,
        .way = asked->says_way ? (int)asked->way : -1,
        .quota = asked->says_quota ? &asked->quota : NULL,
    };
    enum vlt_status st = VLT_OK;

    if (asked->unblock) {
        st = identity_source_set(call->service->identity, txn, asked->name,
                                 IDENTITY_CONFIRMED);
    }
    if (st == VLT_E_CONFLICT) {
        return call_refuse(call, st, "'%s' is not blocked.", asked->name);
    }
    if (st == VLT_OK) {
        st = identity_source_change(call->service->identity, txn, &change, out);
    }
    return st == VLT_E_NOT_FOUND ? none(call) : st;
}

enum vlt_status
source_set_commit(struct call *call, struct turn *turn)
{
    const struct source *source = NULL;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = change(call, txn, &source);
    }
    if (st == VLT_OK) {
        st = log_change(turn, source, "set");
    }
    if (st == VLT_OK) {
        st = close_sessions(call, turn, source);
    }
    if (st == VLT_OK) {
        st = source_put_one(call, source);
    }
    source_release(source);
    return st;
}

/* ---- token ---- */

enum { INBOX_AGAIN_MS = 1000 };

/* What a locked vault took and acknowledged is known by the token of then. */
enum vlt_status
source_token_check(struct call *call, struct vlt_walk *params)
{
    if (intake_holds(call->service)) {
        call->fault.retry_ms = INBOX_AGAIN_MS;
        return call_refuse(call, VLT_E_BUSY,
                           intake_drains(call->service)
                               ? "Rows that came while the vault was locked "
                                 "are being stored, by the tokens that they "
                                 "came with; try again in a second."
                               : "Rows that came while the vault was locked "
                                 "cannot be stored now, and are known by the "
                                 "tokens that they came with; see the "
                                 "warnings of vault.status. source.block keeps "
                                 "the source out at once, and gives up its "
                                 "rows that wait.");
    }
    /* The strict setting is not there yet; what it would take is accepted. */
    (void)vlt_walk_text_or(params, "passphrase", 1, VLT_LIMIT_PASSPHRASE,
                           vlt_slice_text(""));
    return source_name_check(call, params);
}

static void
put_token(struct call *call, const struct source *source, const char *token)
{
    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "source", source->name);
    vlt_put_text(&json, "token", token);
    vlt_put_end(&json);
}

enum vlt_status
source_token_commit(struct call *call, struct turn *turn)
{
    const struct source_asked *asked = call->state;
    const struct source *source = NULL;
    char token[IDENTITY_TOKEN_TEXT];
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = identity_source_renew(call->service->identity, txn, asked->name,
                                   token, &source);
    }
    if (st != VLT_OK) {
        return st == VLT_E_NOT_FOUND ? none(call) : st;
    }
    st = log_change(turn, source, "token");
    if (st == VLT_OK) {
        st = close_sessions(call, turn, source);
    }
    if (st == VLT_OK) {
        put_token(call, source, token);
    }
    vlt_wipe(token, sizeof token);
    source_release(source);
    return st;
}

/* ---- block ---- */

static void
put_blocked(struct call *call, const struct source *source)
{
    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "source", source->name);
    vlt_put_text(&json, "state", "blocked");
    vlt_put_end(&json);
}

static enum vlt_status
block(struct call *call, struct turn *turn)
{
    const struct source_asked *asked = call->state;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = identity_source_set(call->service->identity, txn, asked->name,
                                 IDENTITY_BLOCKED);
    }
    if (st == VLT_E_NOT_FOUND) {
        return none(call);
    }
    return st == VLT_E_CONFLICT
               ? call_refuse(call, st, "'%s' is blocked already.", asked->name)
               : st;
}

enum vlt_status
source_block_commit(struct call *call, struct turn *turn)
{
    const struct source_asked *asked = call->state;
    const struct source *source;
    enum vlt_status st = block(call, turn);

    if (st != VLT_OK) {
        return st;
    }
    source = identity_source_now(call->service->identity, asked->name);
    st = log_change(turn, source, "blocked");
    if (st == VLT_OK) {
        st = close_sessions(call, turn, source);
    }
    if (st == VLT_OK) {
        put_blocked(call, source);
    }
    source_release(source);
    return st;
}
