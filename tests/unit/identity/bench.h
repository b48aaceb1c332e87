/*
 * bench: firms and sources in a scratch vault.
 */
#ifndef TESTS_IDENTITY_BENCH_H
#define TESTS_IDENTITY_BENCH_H

#include "../store/fixture.h"

#include "base/time.h"
#include "identity/identity.h"
#include "wire/address.h"
#include "wire/enrol.h"

struct bench {
    struct vault vault;
    struct identity *identity;
    struct store_txn *txn; /* between turn_begin() and its end */
    int64_t now;
};

static inline void
bench_load(struct bench *b)
{
    struct store_read *read;

    assert_int_equal(identity_new(b->vault.store, &b->identity), VLT_OK);
    read = read_begin(&b->vault);
    assert_int_equal(identity_load(b->identity, store_read_view(read)), VLT_OK);
    store_read_end(read);
}

static inline void
bench_begin(struct bench *b)
{
    *b = (struct bench){ .now = 2 * FIXTURE_NOW };
    vault_begin(&b->vault);
    bench_load(b);
}

static inline void
bench_end(struct bench *b)
{
    identity_free(b->identity);
    vault_end(&b->vault);
}

/* Close the vault and open it again. */
static inline void
bench_reopen(struct bench *b)
{
    identity_free(b->identity);
    vault_close(&b->vault);
    vault_open(&b->vault);
    bench_load(b);
}

static inline void
turn_begin(struct bench *b)
{
    struct store_turn turn = { .now_ns = b->now };

    assert_int_equal(store_txn_begin(b->vault.store, turn, &b->txn), VLT_OK);
}

static inline void
turn_commit(struct bench *b)
{
    txn_commit(b->txn);
    b->txn = NULL;
    identity_turn_end(b->identity, true);
}

static inline void
turn_abort(struct bench *b)
{
    store_txn_abort(b->txn);
    b->txn = NULL;
    identity_turn_end(b->identity, false);
}

/* ---- firms ---- */

/* Who shows an invitation's token under a key, on a connection. */
struct comer {
    uint8_t key;
    uint8_t connection;
};

static inline void
show_token(const struct vlt_secret *token, struct comer comer,
           uint8_t data[VLT_ENROL_TOKEN_LEN], struct vlt_peer *peer)
{
    struct vlt_enrol_token shown = { .with = VLT_ENROL_WITH_INVITE,
                                     .token = token };

    *peer = (struct vlt_peer){ .enrol = VLT_ENROL_TOKEN };
    memset(peer->pk, comer.key, sizeof peer->pk);
    memset(peer->binding, comer.connection, sizeof peer->binding);
    vlt_invite_id(token, shown.id);
    vlt_enrol_token_write(&shown, peer->binding, peer->pk, data);
    peer->data = vlt_slice_of(data, VLT_ENROL_TOKEN_LEN);
}

static inline enum vlt_status
try_spend(struct bench *b, const struct vlt_peer *peer)
{
    const struct firm *firm = NULL;
    enum vlt_status st = identity_spend(b->identity, b->txn, peer, &firm);

    assert_int_equal(firm != NULL, st == VLT_OK);
    firm_release(firm);
    return st;
}

static inline enum vlt_status
spend_as(struct bench *b, const struct vlt_secret *token, uint8_t key)
{
    struct comer comer = { .key = key, .connection = 3 };
    uint8_t data[VLT_ENROL_TOKEN_LEN];
    struct vlt_peer peer;

    show_token(token, comer, data, &peer);
    return try_spend(b, &peer);
}

static inline struct vlt_secret *
invite(struct bench *b, const char *name)
{
    struct vlt_secret *token = NULL;

    assert_int_equal(
        identity_invite(b->identity, b->txn, name, b->now + VLT_DAY, &token),
        VLT_OK);
    assert_int_equal(vlt_secret_len(token), VLT_INVITE_TOKEN);
    return token;
}

/* Enrol a firm, in a turn of its own. */
static inline void
enrol(struct bench *b, const char *name, uint8_t key)
{
    struct vlt_secret *token;

    turn_begin(b);
    token = invite(b, name);
    assert_int_equal(spend_as(b, token, key), VLT_OK);
    turn_commit(b);
    vlt_secret_free(token);
}

/* The committed state of a firm; 0: there is none. */
static inline int
state_of(struct bench *b, const char *name)
{
    const struct firm *firm = identity_firm_by_name(b->identity, name);
    int state = firm != NULL ? (int)firm->state : 0;

    firm_release(firm);
    return state;
}

#endif
