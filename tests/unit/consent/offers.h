/*
 * offers: a rule that offers, and both sides of a counter-offer.
 */
#ifndef TESTS_CONSENT_OFFERS_H
#define TESTS_CONSENT_OFFERS_H

#include "bench.h"

#include "consent/counter.h"
#include "wire/offer.h"

static const char offers[] = "version: 1\n"
                             "rules:\n"
                             "  - name: bill\n"
                             "    effect: permit\n"
                             "    firm: brightgrid\n"
                             "    purpose: service.billing\n"
                             "    data: energy.electricity\n"
                             "    detail: mean/1h\n"
                             "    keep: 7d\n"
                             "    offer: yes\n";

static const struct asked bill = { .uses = NULL };

/* What the service does with an offer: it signs it and brings it back. */
static inline void
sign_offers(struct bench *b)
{
    for (size_t i = 0; i < b->changes.count; i++) {
        const struct consent_change *change = &b->changes.at[i];
        struct vlt_offer offer = { .iat = b->now / VLT_SECOND };
        struct vlt_buf payload = { 0 };
        struct vlt_buf jws = { 0 };

        if (change->offer == NULL) {
            continue;
        }
        offer.exp = offer.iat + CONSENT_OFFER_DAYS * 86400;
        offer.by_hand = change->by == CONSENT_BY_OWNER;
        memcpy(offer.request, change->request, sizeof offer.request);
        offer.left_out = change->left_out;
        offer.terms = *change->offer;
        vlt_offer_put(&offer, change->offer, &payload);
        assert_int_equal(vlt_jws_sign(b->signer, VLT_TYP_OFFER,
                                      vlt_buf_slice(&payload), &jws),
                         VLT_OK);
        assert_int_equal(consent_offer_put(b->consent, b->txn, change->request,
                                           change->part, vlt_buf_slice(&jws)),
                         VLT_OK);
        vlt_buf_free(&payload);
        vlt_buf_free(&jws);
    }
}

/* Ask for the bill, in a turn of its own. */
static inline void
ask(struct bench *b, uint8_t id[VLT_ID_LEN])
{
    turn_begin(b);
    submit(b, &bill, id);
    sign_offers(b);
    turn_commit(b);
}

static inline enum vlt_status
counter(struct bench *b, const uint8_t id[VLT_ID_LEN], unsigned items,
        const struct consent_narrow *narrow)
{
    struct consent_countering countering = {
        .purpose = vocab_purpose_find("service.billing", 15),
        .items = items,
        .narrow = narrow,
        .firm = &b->firm,
        .now = b->now,
    };
    struct vlt_buf why;
    enum vlt_status st;

    memcpy(countering.request, id, VLT_ID_LEN);
    vlt_buf_init(&why, 0);
    turn_begin(b);
    st = consent_counter(b->consent, b->txn, &countering, &why, &b->changes);
    if (st == VLT_OK) {
        assert_change(b, 0, ROW_COUNTERED, CONSENT_COUNTERED,
                      CONSENT_NO_RECEIPT);
        sign_offers(b);
    }
    assert_true(st == VLT_OK || why.len > 0);
    turn_commit(b);
    vlt_buf_free(&why);
    return st;
}

static inline struct consent_narrow
keep_for(int64_t seconds)
{
    struct consent_narrow narrow = { .axes = 1U << TERMS_KEEP,
                                     .until = INT64_MAX,
                                     .ask_each = -1,
                                     .notify = -1 };

    narrow.limits.at[TERMS_KEEP] = seconds;
    return narrow;
}

/* The firm's answer, as a row (0: it was refused). */
static inline int
answer(struct bench *b, const uint8_t id[VLT_ID_LEN], bool accepts,
       const struct grant **grant)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_answering answering = {
        .purpose = vocab_purpose_find("service.billing", 15),
        .accepts = accepts,
        .firm = &b->firm,
        .world = &world,
        .now = b->now,
    };
    int row = 0;

    memcpy(answering.request, id, VLT_ID_LEN);
    turn_begin(b);
    if (consent_answer(b->consent, b->txn, &answering, &b->changes) == VLT_OK) {
        row = (int)b->changes.at[0].row;
        if (grant != NULL && b->changes.at[0].grant != NULL) {
            *grant = grant_hold(b->changes.at[0].grant);
        }
    }
    turn_commit(b);
    return row;
}

/* The state of a request for so fine a bucket, kept so long. */
static inline enum consent_state
ask_for(struct bench *b, const char *items, int keep_s)
{
    struct asked again = { .items = items, .keep_s = keep_s };
    enum consent_state state;
    uint8_t id[VLT_ID_LEN];

    turn_begin(b);
    submit(b, &again, id);
    state = b->changes.at[0].state;
    sign_offers(b);
    turn_commit(b);
    return state;
}

#endif
