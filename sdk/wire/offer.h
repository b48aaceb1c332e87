/*
 * offer: the counter-offer of a vault, for one part of a request.
 *
 * A JWS (jws.h, typ VLT_TYP_OFFER) of the vault's receipt key for this firm.
 * The firm accepts by a JWS of its own over the same payload bytes, typ
 * VLT_TYP_ACCEPT.  Members of the payload:
 *
 *     iss aud sub jti iat exp by request part left_out
 *     basis action channels items rate uses life_s keep_s onward where
 *     profiling automated training gatekeeper
 *     diff
 *
 * The terms are whole; diff says, for people, where they are less than what was
 * asked.
 *
 * Times are whole seconds since 1970.  Texts in a struct are borrowed.
 * Source: WIRE.md, 8.6.  Pure.  Threads: any.
 */
#ifndef VLT_OFFER_H
#define VLT_OFFER_H

#include "base/buf.h"
#include "terms/terms.h"
#include "wire/address.h"
#include "wire/jws.h"
#include "json/json.h"

enum {
    VLT_OFFER_MAX = 24576, /* bytes of a payload */
    VLT_OFFER_JWS = 33024, /* bytes of its JWS */
};

struct vlt_offer {
    uint8_t iss[VLT_IDENTITY_LEN]; /* the receipt key */
    uint8_t aud[VLT_IDENTITY_LEN]; /* the firm */
    uint8_t sub[16];               /* pairwise subject, as in receipts */
    uint8_t jti[VLT_ID_LEN];
    int64_t iat;
    int64_t exp;  /* it can be accepted until then */
    bool by_hand; /* of the owner; else of a rule */
    uint8_t request[VLT_ID_LEN];
    uint8_t request_sha256[32]; /* of the request's payload */
    unsigned left_out;          /* bit n-1: item n was asked and is not there */
    struct terms terms;         /* its purpose is the part */
};

/* Append the payload.  asked: the part as the firm asked for it, which diff
 * compares with.  What is in the terms must be of the vocabulary. */
void vlt_offer_put(const struct vlt_offer *offer, const struct terms *asked,
                   struct vlt_buf *out);

/*
 * Read a payload: every member, none else, none twice.
 * The caller owns *document, whose texts *out borrows.
 * VLT_E_LIMIT: over VLT_OFFER_MAX bytes.  VLT_E_FORMAT: it is none.
 */
VLT_MUST_USE enum vlt_status vlt_offer_read(struct vlt_slice payload,
                                            struct vlt_json **document,
                                            struct vlt_offer *out);

#endif
