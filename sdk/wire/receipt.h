/*
 * receipt: the signed statement of one event in the life of a part or grant.
 *
 * A receipt is a JWS (jws.h, typ VLT_TYP_RECEIPT) of the vault's receipt key
 * for this firm; the firm countersigns the same payload bytes with typ
 * VLT_TYP_COUNTERSIGN.  The payload's members stand in the order of WIRE.md,
 * 8.3; an earlier receipt is never changed, a later one names it by `prev`.
 *
 * Times are whole seconds since 1970.  Texts in a struct are borrowed: who
 * fills it says how long they stay.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_RECEIPT_H
#define VLT_RECEIPT_H

#include "terms/terms.h"
#include "wire/address.h"
#include "wire/checkpoint.h"
#include "wire/jws.h"
#include "json/json.h"

enum {
    VLT_RECEIPT_REFUSED = TERMS_PURPOSES * (TERMS_ITEMS + 1),
    VLT_RECEIPT_DELETIONS = 64,
    VLT_RECEIPT_MAX = 49152, /* bytes of a payload */
};

enum vlt_receipt_event {
    VLT_RECEIPT_GIVEN,
    VLT_RECEIPT_REFUSED_EVENT,
    VLT_RECEIPT_LAPSED,
    VLT_RECEIPT_RENEWED,
    VLT_RECEIPT_SUSPENDED,
    VLT_RECEIPT_RESUMED,
    VLT_RECEIPT_NARROWED,
    VLT_RECEIPT_ADMITTED,
    VLT_RECEIPT_WITHDRAWN,
    VLT_RECEIPT_REVOKED,
    VLT_RECEIPT_ENDED,
    VLT_RECEIPT_INVALIDATED,
    VLT_RECEIPT_EXPIRED,
    VLT_RECEIPT_EXHAUSTED,
    VLT_RECEIPT_REPLACED,
};

enum vlt_receipt_by {
    VLT_RECEIPT_BY_OWNER,
    VLT_RECEIPT_BY_FIRM,
    VLT_RECEIPT_BY_VAULT,
    VLT_RECEIPT_BY_CLOCK,
};

/* An atom that was asked and not allowed; n 0: the action contact. */
struct vlt_receipt_refused {
    int purpose;
    int n;
};

/* Uses of which the firm still holds what it got. */
struct vlt_receipt_deletion {
    uint64_t from; /* first use, by use_seq */
    uint64_t to;   /* last, not below from */
    int64_t delete_by;
};

struct vlt_receipt {
    uint8_t iss[VLT_IDENTITY_LEN]; /* id of the receipt key */
    uint8_t aud[VLT_IDENTITY_LEN]; /* the firm's id */
    uint8_t sub[16];               /* pairwise subject */
    uint8_t jti[VLT_ID_LEN];
    int64_t iat;
    int64_t nbf;
    int64_t exp;
    int64_t fresh_until;
    enum vlt_receipt_event event;
    enum vlt_receipt_by by;
    bool by_hand; /* method: hand, else rule */
    bool has_grant;
    uint8_t grant[VLT_ID_LEN];
    uint64_t seq; /* from 1 */
    bool has_prev;
    uint8_t prev[32]; /* SHA-256 of the predecessor's payload */

    uint8_t request[VLT_ID_LEN];
    uint8_t request_sha256[32]; /* of the request's payload */
    bool has_agreement;
    struct vlt_slice agreement_id;
    uint8_t agreement_sha256[32];
    struct vlt_slice controller_name;
    struct vlt_slice controller_contact;
    struct vlt_slice controller_address;
    int controller_country;
    bool has_behalf;
    struct vlt_slice behalf_name;
    int behalf_country;

    struct terms terms; /* life_s is not in a receipt */
    struct vlt_slice purpose_text;
    struct vlt_slice lang;
    bool is_explicit;
    struct vlt_slice notice_uri;
    uint8_t notice_sha256[32];
    struct vlt_slice notice_lang;
    size_t refused_count;
    struct vlt_receipt_refused refused[VLT_RECEIPT_REFUSED];

    bool ask_each; /* obligations of the vault */
    int64_t min_readings;
    bool names_show;
    bool new_streams_include;
    struct vlt_slice benefit; /* empty: null */
    bool gpc;
    struct vlt_slice rights;
    struct vlt_slice authority;
    int jurisdiction;   /* country */
    uint8_t policy[32]; /* HMAC-SHA-256(salt of the grant, policy hash) */

    struct vlt_origin log; /* the firm's tree before this entry */
    uint64_t log_size;
    uint8_t log_root[32];

    /* In receipts of an end only. */
    bool has_deletion;
    size_t deletion_count;
    struct vlt_receipt_deletion deletion[VLT_RECEIPT_DELETIONS];
};

/* The event as a word, "given". */
const char *vlt_receipt_word(enum vlt_receipt_event event);

/* Does a grant give data after this event: given, renewed, resumed, narrowed,
 * admitted? */
bool vlt_receipt_in_force(enum vlt_receipt_event event);

/* Append the payload.  Purposes, categories and countries must be those of the
 * vocabulary, which is asserted. */
void vlt_receipt_put(const struct vlt_receipt *receipt, struct vlt_buf *out);

/*
 * Read a payload: every claim of vault-receipt/1, none else, none twice.
 * The caller owns *document, whose texts *out borrows.
 * VLT_E_LIMIT   over VLT_RECEIPT_MAX bytes
 * VLT_E_FORMAT  it is none; says (of VLT_WALK_SAYS bytes, may be NULL) tells
 *               which claim and why
 */
VLT_MUST_USE enum vlt_status vlt_receipt_read(struct vlt_slice payload,
                                              struct vlt_json **document,
                                              struct vlt_receipt *out,
                                              char says[VLT_WALK_SAYS]);

/* Sign a payload as the vault, or countersign it as the firm; appended in
 * compact form. */
VLT_MUST_USE enum vlt_status vlt_receipt_sign(const struct vlt_signer *vault,
                                              struct vlt_slice payload,
                                              struct vlt_buf *out);
VLT_MUST_USE enum vlt_status
vlt_receipt_countersign(const struct vlt_signer *firm, struct vlt_slice payload,
                        struct vlt_buf *out);

/* The detail that the firm's tree commits to: {"event","grant","receipt",
 * "state"}, where receipt is the SHA-256 of the payload and state (a word of
 * WIRE.md, 6.6) the caller's. */
void vlt_receipt_detail(const struct vlt_receipt *receipt,
                        const uint8_t payload_sha256[32], const char *state,
                        struct vlt_buf *out);

#endif
