/*
 * What opens the vault: list, add, remove.  key.rotate is key_rotate.c.
 *
 * Each change asks for the passphrase, which gives the root key that a slot
 * wraps; it is logged before it happens (guard_then()).
 */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/secret.h"
#include "keys/kek.h"
#include "service/guard_internal.h"
#include "service/key_internal.h"
#include "service/nouns.h"
#include "service/reauth.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum { ANY = -1 };

static const char *const types[] = { "passphrase", "recovery", "credential",
                                     NULL };

/* In the order of the words. */
static const enum store_slot_type slot_types[] = {
    STORE_SLOT_PASSPHRASE,
    STORE_SLOT_WORDS,
    STORE_SLOT_KEY_FILE,
};

/* ---- list ---- */

void
key_put_slots(struct vlt_json_out *json, const struct store *store)
{
    struct store_slot slots[STORE_SLOTS];
    size_t count = store_slots(store, slots);

    vlt_put_list(json, "slots");
    for (size_t i = 0; i < count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_uint(json, "slot", slots[i].number);
        vlt_put_text(json, "type", store_slot_word(slots[i].type));
        if (slots[i].type == STORE_SLOT_PASSPHRASE) {
            vlt_put_uint(json, "passes", slots[i].t);
            vlt_put_uint(json, "memory_kib", slots[i].m_kib);
        }
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static enum vlt_status
list_prepare(struct call *call)
{
    struct vlt_json_out json = call_result(call);

    key_put_slots(&json, call->service->store);
    vlt_put_end(&json);
    return VLT_OK;
}

/* ---- add and remove ---- */

struct change {
    enum store_slot_type type; /* of the slot that comes */
    struct vlt_secret *secret; /* of it, until the draft is made; NULL: words
                                  are drawn */
    struct store_draft *draft;
    struct store_slot_change slots;
    enum vlt_status st; /* of what came after the commit */
    struct vlt_buf why;
};

static void
change_clear(void *state)
{
    struct change *change = state;

    if (change != NULL) {
        vlt_secret_free(change->secret);
        store_draft_free(change->draft);
        vlt_buf_free(&change->why);
        free(change);
    }
}

static struct change *
change_new(struct call *call)
{
    struct change *change = call_state(call, sizeof *change);

    if (change != NULL) {
        vlt_buf_init(&change->why, CALL_DETAIL);
        change->st = VLT_E_STORAGE;
    }
    return change;
}

static enum vlt_status
add_check(struct call *call, struct vlt_walk *params)
{
    struct change *change = change_new(call);

    if (change == NULL) {
        return VLT_E_NOMEM;
    }
    int64_t replaced =
        vlt_walk_int_or(params, "replace", 0, STORE_SLOTS - 1, ANY);
    int type = vlt_walk_word(params, "type", types);

    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    change->type = slot_types[type];
    change->slots.removes = replaced != ANY;
    change->slots.number = replaced != ANY ? (unsigned)replaced : 0;
    switch (change->type) {
    case STORE_SLOT_PASSPHRASE:
        return reauth_text(params, "new_passphrase", &change->secret);
    case STORE_SLOT_KEY_FILE:
        return reauth_key(params, "new_key", &change->secret);
    case STORE_SLOT_WORDS:
        break;
    }
    return VLT_OK;
}

/* A new passphrase costs what the dearest one did: the owner chose that, and a
 * change is not to take it back.  Without any, what is usual. */
static enum vlt_status
draft_passphrase(const struct store *store, const struct vlt_secret *secret,
                 struct store_draft **out)
{
    struct store_slot slots[STORE_SLOTS];
    struct kek_cost cost = { .t = 0 };
    size_t count = store_slots(store, slots);

    for (size_t i = 0; i < count; i++) {
        if (slots[i].m_kib > cost.m_kib) {
            cost =
                (struct kek_cost){ .t = slots[i].t, .m_kib = slots[i].m_kib };
        }
    }
    return store_draft_passphrase(secret, cost.m_kib > 0 ? &cost : NULL, out);
}

enum vlt_status
key_draft(struct call *call, enum store_slot_type type,
          const struct vlt_secret *secret, struct store_draft **out)
{
    switch (type) {
    case STORE_SLOT_PASSPHRASE:
        return draft_passphrase(call->service->store, secret, out);
    case STORE_SLOT_WORDS:
        return store_draft_words(secret, out);
    case STORE_SLOT_KEY_FILE:
        break;
    }
    return store_draft_key_file(secret, out);
}

enum vlt_status
key_refuse_draft(struct call *call, const char *at, enum vlt_status st)
{
    switch (st) {
    case VLT_E_LIMIT:
        return call_refuse_at(call, at, "%s has the wrong length.", at);
    case VLT_E_FORMAT:
        return call_refuse_at(call, at, "%s is not 24 words of the list.", at);
    case VLT_E_AUTH:
        return call_refuse_at(
            call, at, "%s has a word that is another one on the paper.", at);
    default:
        return st;
    }
}

/* Of a passphrase Argon2id, a second time. */
static enum vlt_status
add_prepare(struct call *call)
{
    struct change *change = call->state;
    enum vlt_status st =
        key_draft(call, change->type, change->secret, &change->draft);

    vlt_secret_free(change->secret);
    change->secret = NULL;
    change->slots.add = change->draft;
    return key_refuse_draft(
        call,
        change->type == STORE_SLOT_KEY_FILE ? "new_key" : "new_passphrase", st);
}

static enum vlt_status
remove_check(struct call *call, struct vlt_walk *params)
{
    struct change *change = change_new(call);

    if (change == NULL) {
        return VLT_E_NOMEM;
    }
    change->slots.removes = true;
    change->slots.number =
        (unsigned)vlt_walk_int(params, "slot", 0, STORE_SLOTS - 1);
    return vlt_walk_failed(params) ? VLT_E_FORMAT : VLT_OK;
}

enum vlt_status
key_log(struct turn *turn, const struct key_event *what)
{
    struct guard_event event = { .type = AUDIT_KEY };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", what->event);
    if (what->opened != NULL) {
        vlt_put_uint(&json, "opened_by", what->opened->slot.number);
    }
    if (what->slot != KEY_NO_SLOT) {
        vlt_put_int(&json, "slot", what->slot);
    }
    if (what->type != NULL) {
        vlt_put_text(&json, "type", what->type);
    }
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

static enum vlt_status
refuse_plan(struct call *call, enum vlt_status st)
{
    struct change *change = call->state;
    const char *why = vlt_buf_text(&change->why);

    if (st == VLT_E_NOT_FOUND) {
        char number[12];

        (void)snprintf(number, sizeof number, "%u", change->slots.number);
        return call_not_found(call, "slot", "slot", number);
    }
    /* All slots are taken: no parameter is at fault. */
    return call_refuse(call, st == VLT_E_LIMIT ? VLT_E_CONFLICT : st, "%s",
                       why != NULL ? why : "That cannot be done.");
}

/* When the entry stands: the header. */
static enum vlt_status
change_then(struct call *call)
{
    struct change *change = call->state;
    const struct store_opened *opened = reauth_opened(call);

    change->st = store_slot_apply(call->service->store, opened->root_key,
                                  &change->slots, &change->why);
    return change->st;
}

void
key_put_words(struct vlt_json_out *json, const struct store_draft *draft)
{
    const struct vlt_secret *words =
        draft != NULL ? store_draft_words_made(draft) : NULL;

    if (words == NULL) {
        vlt_put_null(json, "words");
    } else {
        vlt_put_slice(
            json, "words",
            vlt_slice_of(vlt_secret_peek(words), vlt_secret_len(words)));
    }
}

/* The answer; the one that is kept has no words. */
static void
put_result(struct call *call, bool kept)
{
    const struct change *change = call->state;
    struct vlt_json_out json = call_result(call);

    vlt_put_uint(&json, "slot", change->slots.number);
    if (change->draft != NULL) {
        vlt_put_text(&json, "type", store_slot_word(change->type));
        key_put_words(&json, kept ? NULL : change->draft);
    }
    vlt_put_end(&json);
}

static enum vlt_status
change_commit(struct call *call, struct turn *turn)
{
    struct change *change = call->state;
    struct key_event event = { .event = change->draft == NULL   ? "remove"
                                        : change->slots.removes ? "replace"
                                                                : "add",
                               .opened = reauth_opened(call),
                               .type = change->draft != NULL
                                           ? store_slot_word(change->type)
                                           : NULL };
    struct store_txn *txn;
    enum vlt_status st =
        store_slot_plan(call->service->store, &change->slots, &change->why);

    if (st != VLT_OK) {
        return refuse_plan(call, st);
    }
    event.slot = (int)change->slots.number;
    st = guard_txn(turn, &txn);
    if (st == VLT_OK) {
        st = key_log(turn, &event);
    }
    if (st == VLT_OK) {
        st = store_slot_prepare(txn, &change->slots);
    }
    if (st == VLT_OK) {
        put_result(call, true);
        guard_then(turn, call, change_then);
    }
    return st;
}

enum vlt_status
key_refuse_then(struct call *call, enum vlt_status st, struct vlt_buf *why)
{
    const char *text = vlt_buf_text(why);

    if (st == VLT_OK || text == NULL || text[0] == '\0') {
        return st;
    }
    return call_refuse(call, st, "%s; what opens the vault is as it was.",
                       text);
}

static void
change_done(struct call *call, enum vlt_status st)
{
    struct change *change = call->state;

    if (st == VLT_OK) {
        st = key_refuse_then(call, change->st, &change->why);
    }
    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }
    call_keep_secret(call);
    put_result(call, false);
    call_answer(call);
}

const struct method op_key[] = {
    { .name = "key.list",
      .roles = ROLE_OWNER,
      .flags = METHOD_LOCKED,
      .prepare = list_prepare },
    { .name = "key.add",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_REAUTH | METHOD_ALONE,
      .check = add_check,
      .prepare = add_prepare,
      .commit = change_commit,
      .done = change_done,
      .clear = change_clear },
    { .name = "key.remove",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_REAUTH | METHOD_ALONE,
      .check = remove_check,
      .commit = change_commit,
      .done = change_done,
      .clear = change_clear },
    { .name = "key.rotate",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_REAUTH | METHOD_ALONE,
      .check = key_rotate_check,
      .prepare = key_rotate_prepare,
      .commit = key_rotate_commit,
      .done = key_rotate_done,
      .clear = key_rotate_clear },
    { .name = NULL },
};
