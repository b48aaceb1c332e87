#include "identity/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "identity/record_internal.h"
#include "identity/roster_internal.h"
#include "store/inbox.h"
#include "store/record.h"
#include "wire/address.h"

enum {
    WINDOW_UNSAID_H = 48,
};

const struct source *
identity_source_by_name(struct identity *identity, const char *name)
{
    struct roster *roster = identity_published(identity);
    const struct source *source = roster_source_by_name(roster, name);

    if (source != NULL) {
        source_hold(source);
    }
    roster_release(roster);
    return source;
}

const struct source *
identity_source_by_id(struct identity *identity, const uint8_t id[VLT_ID_LEN])
{
    struct roster *roster = identity_published(identity);
    const struct source *found = NULL;

    for (size_t i = 0; found == NULL && i < roster->sources; i++) {
        if (memcmp(roster->source[i]->id, id, VLT_ID_LEN) == 0) {
            found = source_hold(roster->source[i]);
        }
    }
    roster_release(roster);
    return found;
}

const struct source *
identity_source_by_number(struct identity *identity, uint32_t number)
{
    struct roster *roster = identity_published(identity);
    const struct source *found = NULL;

    for (size_t i = 0; found == NULL && i < roster->sources; i++) {
        if (roster->source[i]->number == number) {
            found = source_hold(roster->source[i]);
        }
    }
    roster_release(roster);
    return found;
}

const struct source *
identity_source_by_token_id(struct identity *identity,
                            const uint8_t id[VLT_SOURCE_TOKEN_ID])
{
    struct roster *roster = identity_published(identity);
    const struct source *found = NULL;

    for (size_t i = 0; found == NULL && i < roster->sources; i++) {
        if (memcmp(roster->source[i]->token_id, id, VLT_SOURCE_TOKEN_ID) == 0) {
            found = source_hold(roster->source[i]);
        }
    }
    roster_release(roster);
    return found;
}

enum vlt_status
identity_source_secret(const struct store_view *view,
                       const uint8_t id[VLT_ID_LEN], struct vlt_secret **out)
{
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init_secret(&json, 0);
    st = store_meta_get(view, STORE_META_SOURCE, id, &json);
    if (st == VLT_OK) {
        st = record_get_secret(vlt_buf_slice(&json), out);
    }
    vlt_buf_free(&json);
    return st;
}

/* The secret is compared by its hash, whoever it is said to be of. */
static bool
token_is_of(const struct source *source, const uint8_t id[8],
            const uint8_t hash[32])
{
    const struct source_box *box = (const struct source_box *)source;

    return memcmp(source->token_id, id, 8) == 0 &&
           vlt_equal(box->token_hash, hash, sizeof box->token_hash);
}

const struct source *
identity_source_by_token(struct identity *identity, struct vlt_slice token)
{
    struct vlt_secret *secret = NULL;
    uint8_t id[VLT_SOURCE_TOKEN_ID];
    uint8_t hash[32];

    if (vlt_source_token_parse(token, id, &secret) != VLT_OK) {
        return NULL;
    }
    struct vlt_slice part =
        vlt_slice_of(vlt_secret_peek(secret), vlt_secret_len(secret));

    vlt_hash(&part, 1, hash);
    vlt_secret_free(secret);

    struct roster *roster = identity_published(identity);
    const struct source *found = NULL;

    for (size_t i = 0; found == NULL && i < roster->sources; i++) {
        if (token_is_of(roster->source[i], id, hash)) {
            found = source_hold(roster->source[i]);
        }
    }
    roster_release(roster);
    return found;
}

bool
identity_changes(const struct identity *identity)
{
    return identity->turn != NULL;
}

enum vlt_status
identity_gate(const struct identity *identity, struct store_gate *out)
{
    const struct roster *roster = identity_now(identity);
    struct store_gate gate = { .count = 0 };

    gate.at = calloc(roster->sources + 1, sizeof *gate.at);
    if (gate.at == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < roster->sources; i++) {
        const struct source *source = roster->source[i];
        const struct source_box *box = (const struct source_box *)source;
        struct store_gate_entry *entry = &gate.at[gate.count];

        if (source->state != IDENTITY_CONFIRMED) {
            continue;
        }
        memcpy(entry->token, source->token_id, sizeof entry->token);
        memcpy(entry->hash, box->token_hash, sizeof entry->hash);
        gate.count++;
    }
    store_gate_sort(&gate);
    *out = gate;
    return VLT_OK;
}

void
identity_sources(struct identity *identity, identity_source_fn *fn, void *ctx)
{
    struct roster *roster = identity_published(identity);

    for (size_t i = 0; i < roster->sources && fn(ctx, roster->source[i]); i++) {
    }
    roster_release(roster);
}

bool
source_quarantine(struct vlt_slice name)
{
    static const char word[] = "quarantine";
    const size_t len = sizeof word - 1;

    return name.len >= len && memcmp(name.at, word, len) == 0 &&
           (name.len == len || name.at[len] == '/');
}

bool
source_covers(const struct source *source, struct vlt_slice stream)
{
    if (source_quarantine(stream)) {
        return false;
    }
    for (size_t i = 0; i < source->patterns; i++) {
        if (vlt_pattern_matches(vlt_slice_text(source->pattern[i]), stream)) {
            return true;
        }
    }
    return false;
}

enum vlt_status
identity_source_write(struct roster *roster, struct store_txn *txn,
                      const struct source *source,
                      const struct vlt_secret *secret)
{
    const struct source *copy = NULL;
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init_secret(&json, 0);
    record_put_source(&json, source, secret);
    st = vlt_buf_status(&json);
    if (st == VLT_OK) {
        st = record_get_source(source->id, vlt_buf_slice(&json), &copy);
    }
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_SOURCE, source->id, NULL,
                            vlt_buf_slice(&json));
    }
    vlt_buf_free(&json);
    if (st != VLT_OK) {
        source_release(copy);
        return st;
    }
    return roster_put_source(roster, copy);
}

static bool
wish_valid(const struct source_wish *wish)
{
    if (!identity_name_valid(wish->name) || wish->patterns == 0) {
        return false;
    }
    for (size_t i = 0; i < wish->patterns; i++) {
        if (!vlt_pattern_valid(vlt_slice_text(wish->pattern[i]))) {
            return false;
        }
    }
    return true;
}

/* One above the highest; sources are never taken out, so none comes twice. */
static uint32_t
next_number(const struct roster *roster)
{
    uint32_t highest = 0;

    for (size_t i = 0; i < roster->sources; i++) {
        if (roster->source[i]->number > highest) {
            highest = roster->source[i]->number;
        }
    }
    return highest + 1;
}

enum vlt_status
identity_source_add(struct identity *identity, struct store_txn *txn,
                    const struct source_wish *wish,
                    char token[IDENTITY_TOKEN_TEXT])
{
    struct roster *roster = identity_turn(identity);
    struct vlt_secret *secret = NULL;
    enum vlt_status st;

    if (roster == NULL) {
        return VLT_E_NOMEM;
    }
    if (wish->patterns > IDENTITY_PATTERNS_MAX ||
        roster->sources == IDENTITY_SOURCES_MAX) {
        return VLT_E_LIMIT;
    }
    if (!wish_valid(wish)) {
        return VLT_E_FORMAT;
    }
    if (roster_source_by_name(roster, wish->name) != NULL) {
        return VLT_E_CONFLICT;
    }
    struct source source = {
        .number = next_number(roster),
        .state = IDENTITY_CONFIRMED,
        .automatic = wish->automatic,
        .category = wish->category != NULL ? wish->category : "",
        .window = wish->window != 0 ? wish->window : WINDOW_UNSAID_H * VLT_HOUR,
        .way = wish->way,
        .patterns = wish->patterns,
        .pattern = wish->pattern,
        .quota = wish->quota,
        .added = store_txn_now(txn),
    };

    memcpy(source.name, wish->name, strlen(wish->name) + 1);
    vlt_random(source.id, sizeof source.id);
    vlt_random(source.token_id, sizeof source.token_id);
    st = vlt_secret_random(VLT_KEY_LEN, &secret);
    if (st == VLT_OK) {
        st = identity_source_write(roster, txn, &source, secret);
    }
    if (st == VLT_OK) {
        vlt_source_token_print(source.token_id, secret, token);
    }
    vlt_secret_free(secret);
    return st;
}

enum vlt_status
identity_source_put(struct identity *identity, struct store_txn *txn,
                    const struct source *source)
{
    struct roster *roster = identity_turn(identity);
    struct vlt_secret *secret = NULL;
    enum vlt_status st;

    if (roster == NULL) {
        return VLT_E_NOMEM;
    }
    st = identity_source_secret(store_txn_view(txn), source->id, &secret);
    if (st == VLT_OK) {
        st = identity_source_write(roster, txn, source, secret);
    }
    vlt_secret_free(secret);
    return st;
}

enum vlt_status
identity_source_set(struct identity *identity, struct store_txn *txn,
                    const char *name, enum identity_state state)
{
    const struct source *found =
        roster_source_by_name(identity_now(identity), name);

    if (found == NULL) {
        return VLT_E_NOT_FOUND;
    }
    if (found->state == state || state == IDENTITY_PENDING) {
        return VLT_E_CONFLICT;
    }
    struct source source = *found;

    source.state = state;
    return identity_source_put(identity, txn, &source);
}

enum vlt_status
identity_source_way(struct identity *identity, struct store_txn *txn,
                    const uint8_t id[VLT_ID_LEN], unsigned way,
                    enum source_over over)
{
    const struct roster *roster = identity_now(identity);

    for (size_t i = 0; i < roster->sources; i++) {
        struct source source = *roster->source[i];

        if (memcmp(source.id, id, VLT_ID_LEN) != 0) {
            continue;
        }
        if (source.way != 0 && source.way != way + 1) {
            return VLT_E_AUTH;
        }
        if (source.way != 0 && (source.over & over) != 0) {
            return VLT_OK;
        }
        source.way = way + 1;
        source.over |= over;
        return identity_source_put(identity, txn, &source);
    }
    return VLT_E_NOT_FOUND;
}
