/*
 * bench_vault: a scratch vault, two firms, streams that they may get, and an
 * owner's rules.
 */
#ifndef TESTS_CONSENT_BENCH_VAULT_H
#define TESTS_CONSENT_BENCH_VAULT_H

#include "../store/fixture.h"

#include "base/time.h"
#include "consent/consent.h"
#include "crypto/sign.h"

enum { STREAMS = 4 };

/* 2027-01-15T08:00:00Z */
#define NOW (INT64_C(1800000000) * VLT_SECOND)

struct bench {
    struct vault vault;
    struct consent *consent;
    struct store_txn *txn;          /* between turn_begin() and its end */
    struct consent_changes changes; /* of the turn under way */
    struct consent_firm firm;
    struct consent_firm other;
    struct vlt_signer *signer;
    size_t streams;
    const struct consent_stream *stream;
    int64_t now;
    uint8_t requests; /* made so far */
    char said[400];   /* why the last answer was refused */
};

/* ---- streams ---- */

static inline void
each_stream(void *ctx, consent_stream_fn *fn, void *fn_ctx)
{
    const struct bench *b = ctx;

    for (size_t i = 0; i < b->streams && fn(fn_ctx, &b->stream[i]); i++) {
    }
}

static inline const struct consent_stream *
four_streams(void)
{
    static struct consent_stream stream[STREAMS];
    static const char *const names[] = { "gas", "heat", "power/a", "power/b" };
    static const char *const categories[] = { "energy.gas", "energy.heat",
                                              "energy.electricity",
                                              "energy.electricity" };

    for (size_t i = 0; i < STREAMS; i++) {
        stream[i].id[0] = (uint8_t)(i + 1);
        stream[i].name = vlt_slice_text(names[i]);
        stream[i].category =
            vocab_category_find(categories[i], strlen(categories[i]));
    }
    return stream;
}

/* ---- turns ---- */

static inline void
turn_begin(struct bench *b)
{
    b->txn = txn_begin(&b->vault);
}

static inline void
turn_commit(struct bench *b)
{
    txn_commit(b->txn);
    b->txn = NULL;
    consent_turn_end(b->consent, true);
    consent_changes_free(&b->changes);
}

static inline void
turn_abort(struct bench *b)
{
    store_txn_abort(b->txn);
    b->txn = NULL;
    consent_turn_end(b->consent, false);
    consent_changes_free(&b->changes);
}

/* ---- the vault ---- */

static inline void
bench_load(struct bench *b)
{
    struct store_read *read;

    assert_int_equal(consent_new(b->vault.store, &b->consent), VLT_OK);
    read = read_begin(&b->vault);
    assert_int_equal(consent_load(b->consent, store_read_view(read)), VLT_OK);
    store_read_end(read);
}

static inline void
make_firm(struct bench *b, const char *name, uint8_t mark,
          struct consent_firm *firm)
{
    struct store_key_about about = { .type = STORE_KEY_FIRM };

    *firm = (struct consent_firm){ .name = name, .confirmed = true };
    firm->id[0] = mark;
    memset(firm->key, mark, sizeof firm->key);
    memset(firm->vf1, mark, sizeof firm->vf1);
    memcpy(about.subject, firm->id, sizeof about.subject);
    assert_int_equal(store_txn_key(b->txn, &about, firm->kid), VLT_OK);
}

static inline void
bench_begin(struct bench *b)
{
    struct vlt_secret *seed;

    *b = (struct bench){ .now = NOW,
                         .streams = STREAMS,
                         .stream = four_streams() };
    vault_begin(&b->vault);
    bench_load(b);
    turn_begin(b);
    make_firm(b, "brightgrid", 7, &b->firm);
    make_firm(b, "shade", 9, &b->other);
    turn_commit(b);
    assert_int_equal(
        vlt_secret_copy(vlt_slice_text("a seed that signs all the tests."),
                        &seed),
        VLT_OK);
    assert_int_equal(vlt_signer_new(vlt_key_of(seed), &b->signer), VLT_OK);
    vlt_secret_free(seed);
}

static inline void
bench_end(struct bench *b)
{
    vlt_signer_free(b->signer);
    consent_free(b->consent);
    vault_end(&b->vault);
}

/* Close the vault and open it again. */
static inline void
bench_reopen(struct bench *b)
{
    consent_free(b->consent);
    vault_close(&b->vault);
    vault_open(&b->vault);
    bench_load(b);
}

/* ---- rules ---- */

static inline bool
find_bright(void *ctx, struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN])
{
    const struct bench *b = ctx;

    if (!vlt_slice_is(name, b->firm.name)) {
        return false;
    }
    memcpy(id, b->firm.vf1, POLICY_FIRM_LEN);
    return true;
}

static inline bool
facts_of(void *ctx, const uint8_t id[VLT_ID_LEN], struct consent_firm *out)
{
    const struct bench *b = ctx;
    bool own = memcmp(id, b->firm.id, VLT_ID_LEN) == 0;

    *out = own ? b->firm : b->other;
    return own || memcmp(id, b->other.id, VLT_ID_LEN) == 0;
}

static inline struct consent_facts
facts(struct bench *b)
{
    return (struct consent_facts){ .ctx = b, .firm = facts_of };
}

static inline struct consent_policy *
read_rules(struct bench *b, const char *text)
{
    struct policy_text_firms firms = { .ctx = b, .find = find_bright };
    struct consent_file file = { .name = vlt_slice_text("main.yaml"),
                                 .text = vlt_slice_text(text) };
    struct consent_files files = {
        .count = 1,
        .file = &file,
        .firms = &firms,
        .home = vocab_country_find("GB", 2),
    };
    struct consent_policy *policy = NULL;

    assert_int_equal(consent_policy_read(&files, NULL, NULL, &policy), VLT_OK);
    return policy;
}

static inline bool
knows_nobody(void *ctx, const uint8_t id[VLT_ID_LEN], struct consent_firm *out)
{
    (void)ctx, (void)id, (void)out;
    return false;
}

/* Put rules in force, in the turn under way. */
static inline void
apply_rules(struct bench *b, const char *text)
{
    struct consent_facts known = facts(b);
    struct consent_policy *policy = read_rules(b, text);

    assert_int_equal(consent_policy_apply(b->consent, b->txn, policy, &known,
                                          b->now, &b->changes),
                     VLT_OK);
    consent_policy_free(policy);
}

/* The same in a turn of its own. */
static inline void
set_rules(struct bench *b, const char *text)
{
    turn_begin(b);
    apply_rules(b, text);
    turn_commit(b);
}

/* Put rules in force that no grant is held to: its firm is not known then. */
static inline void
set_rules_unheld(struct bench *b, const char *text)
{
    struct consent_facts nobody = { .ctx = NULL, .firm = knows_nobody };
    struct consent_policy *policy = read_rules(b, text);

    turn_begin(b);
    assert_int_equal(consent_policy_apply(b->consent, b->txn, policy, &nobody,
                                          b->now, &b->changes),
                     VLT_OK);
    assert_int_equal(b->changes.count, 0);
    turn_commit(b);
    consent_policy_free(policy);
}

static const char permit_bill[] = "version: 1\n"
                                  "rules:\n"
                                  "  - name: bill\n"
                                  "    effect: permit\n"
                                  "    firm: brightgrid\n"
                                  "    purpose: service.billing\n"
                                  "    data: [energy.electricity, energy.gas]\n"
                                  "    detail: mean/15min\n";

static const char deny_gas[] = "version: 1\n"
                               "rules:\n"
                               "  - {name: no-gas, effect: deny, "
                               "data: energy.gas}\n";

static const char deny_all[] = "version: 1\n"
                               "rules:\n"
                               "  - {name: nothing, effect: deny}\n";

#endif
