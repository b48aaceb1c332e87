/*
 * handshake_internal: the four messages as bytes, the transcript, and the
 * order of steps, which both machines share.
 */
#ifndef VLT_HANDSHAKE_INTERNAL_H
#define VLT_HANDSHAKE_INTERNAL_H

#include "wire/handshake.h"

enum {
    VLT_TRANSCRIPT_LEN = 32,
    VLT_CHALLENGE_SIGNED = VLT_CHALLENGE_LEN - VLT_SIGN_LEN,
    VLT_HEAD_AT = 26,  /* in M4 */
    VLT_HEAD_LEN = 48, /* size, root, time */
};

/* What moves a machine from state to state. */
enum vlt_handshake_event {
    VLT_HANDSHAKE_HELLO,
    VLT_HANDSHAKE_CHALLENGE,
    VLT_HANDSHAKE_AUTH,
    VLT_HANDSHAKE_DONE,
};

struct vlt_handshake_row {
    enum vlt_handshake_state from;
    enum vlt_handshake_event event;
    enum vlt_handshake_state to;
};

/* The state behind this event; VLT_HANDSHAKE_ENDED where there is no row. */
enum vlt_handshake_state
vlt_handshake_next(const struct vlt_handshake_row *rows, size_t count,
                   enum vlt_handshake_state from,
                   enum vlt_handshake_event event);

/* TH0 of a connection. */
void vlt_transcript_begin(const struct vlt_channel *channel,
                          uint8_t hash[VLT_TRANSCRIPT_LEN]);

/* hash becomes SHA-256(hash ‖ u32 len ‖ message). */
void vlt_transcript_add(uint8_t hash[VLT_TRANSCRIPT_LEN],
                        struct vlt_slice message);

/* What is signed in M2 and M3: the hash as if `head`, the message without its
 * signature, were added. */
void vlt_transcript_peek(const uint8_t hash[VLT_TRANSCRIPT_LEN],
                         struct vlt_slice head,
                         uint8_t out[VLT_TRANSCRIPT_LEN]);

struct vlt_hello {
    struct vlt_slice versions; /* borrowed: one byte each, ascending */
    struct vlt_slice vault;    /* borrowed, 32 bytes */
    struct vlt_slice nonce;    /* borrowed, 32 bytes */
};

struct vlt_challenge {
    uint8_t version;
    struct vlt_slice pk;    /* borrowed, 32 bytes */
    struct vlt_slice nonce; /* borrowed, 32 bytes */
    struct vlt_session_limits limits;
    struct vlt_slice head;      /* borrowed: what sigV covers */
    struct vlt_slice signature; /* borrowed, 64 bytes */
};

struct vlt_auth_message {
    enum vlt_role role;
    enum vlt_enrol_kind enrol;
    struct vlt_slice pk;        /* borrowed, 32 bytes */
    struct vlt_slice data;      /* borrowed; fits its kind */
    struct vlt_slice head;      /* borrowed: what sigC covers */
    struct vlt_slice signature; /* borrowed, 64 bytes */
};

/* Each reads a whole message; VLT_E_FORMAT: anything else. */
VLT_MUST_USE enum vlt_status vlt_hello_decode(struct vlt_slice bytes,
                                              struct vlt_hello *out);
VLT_MUST_USE enum vlt_status vlt_challenge_decode(struct vlt_slice bytes,
                                                  struct vlt_challenge *out);
VLT_MUST_USE enum vlt_status vlt_auth_decode(struct vlt_slice bytes,
                                             struct vlt_auth_message *out);
VLT_MUST_USE enum vlt_status vlt_ready_decode(struct vlt_slice bytes,
                                              struct vlt_ready *out);

/* Do these data fit this kind of enrolment? */
bool vlt_enrol_fits(enum vlt_enrol_kind kind, struct vlt_slice data);

/* Each writes the message up to its signature, and returns its length. */
size_t vlt_challenge_encode(const uint8_t pk[VLT_SIGN_PK],
                            const uint8_t nonce[VLT_HELLO_NONCE],
                            const struct vlt_session_limits *limits,
                            uint8_t out[VLT_CHALLENGE_LEN]);
size_t vlt_auth_encode(const uint8_t pk[VLT_SIGN_PK],
                       const struct vlt_auth *auth, uint8_t out[VLT_AUTH_MAX]);
size_t vlt_ready_encode(const struct vlt_ready *ready,
                        uint8_t out[VLT_READY_LEN]);

/* What is signed in M4: vault id ‖ C's id ‖ bytes 26 to 73. */
enum { VLT_HEAD_SIGNED = 2 * VLT_IDENTITY_LEN + VLT_HEAD_LEN };
void vlt_head_message(const uint8_t vault[VLT_IDENTITY_LEN],
                      const uint8_t peer[VLT_IDENTITY_LEN],
                      const uint8_t m4[VLT_READY_LEN],
                      uint8_t out[VLT_HEAD_SIGNED]);

#endif
