/*
 * address: who somebody is, and how that is written.
 *
 * An identity is an Ed25519 key; its id is SHA-256(label ‖ key).  Texts are
 * base32 (RFC 4648, lower case, no padding, leftover bits zero):
 *
 *     vault          vd1:<52>            "vd1 vault id"
 *     with a place   vd1:<52>@host:port
 *     firm           vf1:<52>            "vd1 firm id"
 *     source         vs1:<52>            "vd1 source id"
 *     owner's device vo1:<52>            "vd1 owner id"
 *     receipt key    vr1:<52>            "vd1 receipt id"
 *     invitation     vault://host:port/<52 vault id>#<26 token>
 *     source token   vt1:<13 id>.<52 secret>
 *
 * A host is a DNS name (letters, digits, hyphens, full stops), an IPv4
 * address, or an IPv6 address in brackets; a port is 1 to 65535.
 * Source: WIRE.md, 1 and 3.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_ADDRESS_H
#define VLT_ADDRESS_H

#include "crypto/secret.h"
#include "crypto/sign.h"

enum {
    VLT_IDENTITY_LEN = 32,
    VLT_IDENTITY_TEXT = 4 + 52 + 1, /* vf1:<52> and the zero */
    VLT_FINGERPRINT_TEXT = 5 * 5,   /* five groups of four, and the zero */
    VLT_HOST_TEXT = 255 + 1,        /* host and the zero */
    VLT_ADDRESS_TEXT = VLT_IDENTITY_TEXT + VLT_HOST_TEXT + 7,
    VLT_INVITE_TOKEN = 16, /* bytes */
    VLT_INVITE_TEXT = VLT_HOST_TEXT + 100,
    VLT_SOURCE_TOKEN_ID = 8, /* bytes */
    VLT_RENDEZVOUS = 16,     /* bytes */
    VLT_RENDEZVOUS_TEXT = 26 + 1,
    VLT_MEETING_TEXT = VLT_HOST_TEXT + 50,
    VLT_SOURCE_TOKEN_TEXT = 4 + 13 + 1 + 52 + 1,
};

enum vlt_identity_kind {
    VLT_IDENTITY_VAULT,
    VLT_IDENTITY_FIRM,
    VLT_IDENTITY_SOURCE,
    VLT_IDENTITY_OWNER,
    VLT_IDENTITY_RECEIPT,
};

/* The id of a key of this kind. */
void vlt_identity_of(enum vlt_identity_kind kind, const uint8_t pk[VLT_SIGN_PK],
                     uint8_t out[VLT_IDENTITY_LEN]);

/* An id as text, "vf1:…".  Returns out. */
const char *vlt_identity_print(enum vlt_identity_kind kind,
                               const uint8_t id[VLT_IDENTITY_LEN],
                               char out[VLT_IDENTITY_TEXT]);

/* Read the whole text as an id of this kind.  VLT_E_FORMAT: it is none. */
VLT_MUST_USE enum vlt_status vlt_identity_parse(enum vlt_identity_kind kind,
                                                struct vlt_slice text,
                                                uint8_t out[VLT_IDENTITY_LEN]);

/* What people compare: the first 20 characters of the base32 in groups of
 * four with blanks between, "nyh6 jdrt v5gc bnww lrd3".  Returns out. */
const char *vlt_fingerprint_print(const uint8_t id[VLT_IDENTITY_LEN],
                                  char out[VLT_FINGERPRINT_TEXT]);

/* A vault and where it is. */
struct vlt_address {
    uint8_t vault[VLT_IDENTITY_LEN]; /* vault id */
    char host[VLT_HOST_TEXT];        /* IPv6 without its brackets */
    uint16_t port;
};

/* Read "vd1:<52>@host:port".  VLT_E_FORMAT: not that. */
VLT_MUST_USE enum vlt_status vlt_address_parse(struct vlt_slice text,
                                               struct vlt_address *out);

/* Print as vlt_address_parse() reads.  Returns out. */
const char *vlt_address_print(const struct vlt_address *address,
                              char out[VLT_ADDRESS_TEXT]);

/*
 * Read "vault://host:port/<52>#<26>".
 * The caller owns *token (16 bytes) and frees it with vlt_secret_free(); the
 * text that was read stays the caller's to wipe.
 * VLT_E_FORMAT: not that.  VLT_E_NOMEM as vlt_secret_new().
 */
VLT_MUST_USE enum vlt_status vlt_invite_parse(struct vlt_slice text,
                                              struct vlt_address *out,
                                              struct vlt_secret **token);

/* Print as vlt_invite_parse() reads; the caller wipes out.  Returns out. */
const char *vlt_invite_print(const struct vlt_address *address,
                             const struct vlt_secret *token,
                             char out[VLT_INVITE_TEXT]);

/* By what a firm knows which vault dials it: 26 characters of base32.
 * VLT_E_FORMAT: not that. */
VLT_MUST_USE enum vlt_status vlt_rendezvous_parse(struct vlt_slice text,
                                                  uint8_t out[VLT_RENDEZVOUS]);

/* Returns out. */
const char *vlt_rendezvous_print(const uint8_t rendezvous[VLT_RENDEZVOUS],
                                 char out[VLT_RENDEZVOUS_TEXT]);

/* Where a vault that dials out meets a firm: "wss://host:port/v/<26>". */
struct vlt_meeting {
    char host[VLT_HOST_TEXT]; /* IPv6 without its brackets */
    uint16_t port;
    uint8_t rendezvous[VLT_RENDEZVOUS];
};

/* VLT_E_FORMAT: not that. */
VLT_MUST_USE enum vlt_status vlt_meeting_parse(struct vlt_slice text,
                                               struct vlt_meeting *out);

/* Print as vlt_meeting_parse() reads.  Returns out. */
const char *vlt_meeting_print(const struct vlt_meeting *meeting,
                              char out[VLT_MEETING_TEXT]);

/* Read "vt1:<13>.<52>": the token's id, and its secret of 32 bytes, which the
 * caller owns.  VLT_E_FORMAT: not that.  VLT_E_NOMEM as vlt_secret_new(). */
VLT_MUST_USE enum vlt_status
vlt_source_token_parse(struct vlt_slice text, uint8_t id[VLT_SOURCE_TOKEN_ID],
                       struct vlt_secret **out);

/* Print as vlt_source_token_parse() reads; the caller wipes out. */
const char *vlt_source_token_print(const uint8_t id[VLT_SOURCE_TOKEN_ID],
                                   const struct vlt_secret *secret,
                                   char out[VLT_SOURCE_TOKEN_TEXT]);

#endif
