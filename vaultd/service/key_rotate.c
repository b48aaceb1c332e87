/*
 * key.rotate: another root key, so that what opened the old one, wherever a
 * copy of it is kept, opens nothing that comes after.
 *
 * The slot that proved the owner is made again; the others if their secrets
 * come with the call, since the vault has none of them.
 */
#include <stdlib.h>

#include "crypto/secret.h"
#include "service/guard_internal.h"
#include "service/hold.h"
#include "service/key_internal.h"
#include "service/reauth.h"
#include "json/json_write.h"

enum { SECRETS = 3 }; /* by enum store_slot_type, less one */

struct rotate {
    struct vlt_secret *secret[SECRETS]; /* NULL: none is given */
    bool new_words;                     /* to be drawn */
    struct store_draft *draft[STORE_SLOTS];
    size_t count;
    size_t before; /* slots that there were */
    enum vlt_status st;
    struct vlt_buf why;
};

static struct vlt_secret **
secret_of(struct rotate *rotate, enum store_slot_type type)
{
    return &rotate->secret[type - STORE_SLOT_PASSPHRASE];
}

static void
wipe_secrets(struct rotate *rotate)
{
    for (size_t i = 0; i < SECRETS; i++) {
        vlt_secret_free(rotate->secret[i]);
        rotate->secret[i] = NULL;
    }
}

void
key_rotate_clear(void *state)
{
    struct rotate *rotate = state;

    if (rotate == NULL) {
        return;
    }
    wipe_secrets(rotate);
    for (size_t i = 0; i < rotate->count; i++) {
        store_draft_free(rotate->draft[i]);
    }
    vlt_buf_free(&rotate->why);
    free(rotate);
}

enum vlt_status
key_rotate_check(struct call *call, struct vlt_walk *params)
{
    struct rotate *rotate = call_state(call, sizeof *rotate);
    enum vlt_status st;

    if (rotate == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_buf_init(&rotate->why, CALL_DETAIL);
    rotate->st = VLT_E_STORAGE;
    rotate->new_words = vlt_walk_bool_or(params, "new_recovery", false);
    st = reauth_text_or(params, "new_passphrase",
                        secret_of(rotate, STORE_SLOT_PASSPHRASE));
    if (st == VLT_OK) {
        st = reauth_text_or(params, "recovery",
                            secret_of(rotate, STORE_SLOT_WORDS));
    }
    if (st == VLT_OK) {
        st = reauth_key_or(params, "new_key",
                           secret_of(rotate, STORE_SLOT_KEY_FILE));
    }
    if (st == VLT_OK && rotate->new_words &&
        *secret_of(rotate, STORE_SLOT_WORDS) != NULL) {
        return call_refuse_at(call, "recovery",
                              "Give recovery or new_recovery, not both.");
    }
    return st;
}

/* ---- drafts, on a worker ---- */

static enum vlt_status
add_draft(struct call *call, enum store_slot_type type,
          const struct vlt_secret *secret)
{
    struct rotate *rotate = call->state;
    enum vlt_status st =
        key_draft(call, type, secret, &rotate->draft[rotate->count]);

    rotate->count += st == VLT_OK;
    return st;
}

static enum vlt_status
draft_passphrase(struct call *call)
{
    struct rotate *rotate = call->state;
    const struct vlt_secret *given = *secret_of(rotate, STORE_SLOT_PASSPHRASE);

    if (given == NULL &&
        reauth_opened(call)->slot.type == STORE_SLOT_PASSPHRASE) {
        given = reauth_typed(call);
    }
    return given != NULL ? add_draft(call, STORE_SLOT_PASSPHRASE, given)
                         : VLT_OK;
}

static enum vlt_status
draft_words(struct call *call)
{
    struct rotate *rotate = call->state;
    const struct vlt_secret *given = *secret_of(rotate, STORE_SLOT_WORDS);

    if (given == NULL && !rotate->new_words &&
        reauth_opened(call)->slot.type == STORE_SLOT_WORDS) {
        given = reauth_typed(call);
    }
    return given != NULL || rotate->new_words
               ? add_draft(call, STORE_SLOT_WORDS, given)
               : VLT_OK;
}

enum vlt_status
key_rotate_prepare(struct call *call)
{
    struct rotate *rotate = call->state;
    const struct vlt_secret *key = *secret_of(rotate, STORE_SLOT_KEY_FILE);
    enum vlt_status st =
        key_refuse_draft(call, "new_passphrase", draft_passphrase(call));

    if (st == VLT_OK) {
        st = key_refuse_draft(call, "recovery", draft_words(call));
    }
    if (st == VLT_OK && key != NULL) {
        st = key_refuse_draft(call, "new_key",
                              add_draft(call, STORE_SLOT_KEY_FILE, key));
    }
    wipe_secrets(rotate);
    return st;
}

/* ---- doing it ---- */

static enum vlt_status
then(struct call *call)
{
    struct rotate *rotate = call->state;

    rotate->st =
        store_rotate(call->service->store, reauth_opened(call)->root_key,
                     rotate->draft, rotate->count, &rotate->why);
    return rotate->st;
}

static const struct store_draft *
draft_with_words(const struct rotate *rotate)
{
    for (size_t i = 0; i < rotate->count; i++) {
        if (store_draft_words_made(rotate->draft[i]) != NULL) {
            return rotate->draft[i];
        }
    }
    return NULL;
}

/* The answer; the one that is kept is made before it is done, and has no
 * words. */
static void
put_result(struct call *call, bool kept)
{
    const struct rotate *rotate = call->state;
    struct vlt_json_out json = call_result(call);

    vlt_put_uint(&json, "gone",
                 rotate->before > rotate->count ? rotate->before - rotate->count
                                                : 0);
    vlt_put_uint(&json, "slots", rotate->count);
    key_put_words(&json, kept ? NULL : draft_with_words(rotate));
    vlt_put_end(&json);
}

enum vlt_status
key_rotate_commit(struct call *call, struct turn *turn)
{
    struct rotate *rotate = call->state;
    struct service *service = call->service;
    struct key_event event = { .event = "rotate",
                               .opened = reauth_opened(call),
                               .slot = KEY_NO_SLOT };
    struct store_slot slots[STORE_SLOTS];

    if (hold_on(service)) {
        return call_refuse(call, VLT_E_CONFLICT,
                           "Sharing is on hold; confirm it first "
                           "(vault.confirm).");
    }
    rotate->before = store_slots(service->store, slots);
    enum vlt_status st = key_log(turn, &event);

    if (st == VLT_OK) {
        put_result(call, true);
        guard_then(turn, call, then);
    }
    return st;
}

void
key_rotate_done(struct call *call, enum vlt_status st)
{
    struct rotate *rotate = call->state;

    if (st == VLT_OK) {
        st = key_refuse_then(call, rotate->st, &rotate->why);
    }
    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }
    call_keep_secret(call);
    put_result(call, false);
    call_answer(call);
}
