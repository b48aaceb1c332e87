/*
 * handshake: who is there, on both ends of one TLS connection.
 *
 * Four binary messages, big-endian; C is the firm, source or owner's device,
 * V the vault, whoever dialled (WIRE.md, 3.3):
 *
 *     M1 HELLO, C to V          offset  bytes  field
 *                                    0      1  0x01
 *                                    1      1  n, 1 to 8
 *                                    2      n  versions, ascending
 *                                  2+n     32  wanted vault id
 *                                 34+n     32  Nc
 *     M2 CHALLENGE, V to C           0      1  0x02
 *                                    1      1  version
 *                                    2     32  vault's key
 *                                   34     32  Nv
 *                                   66     12  u32 largest text, largest
 *                                              binary frame, calls in flight
 *                                   78     64  sigV
 *     M3 AUTH, C to V                0      1  0x03
 *                                    1      1  role: 1 firm, 2 source, 3 owner
 *                                    2     32  C's key
 *                                   34      1  enrolment: 0 none, 1 invitation
 *                                              or source token, 2 open
 *                                   35      2  L, 0 to 512
 *                                   37      L  enrolment data
 *                                 37+L      2  length of options = 0
 *                                 39+L     64  sigC
 *     M4 READY, V to C               0      1  0x04
 *                                    1      1  status: 0 ready, 1 refused,
 *                                              2 enrolled, waits for the owner
 *                                    2     16  session id = TH3[0..15]
 *                                   18      8  server time, ns
 *                                   26     48  head: u64 size, root, i64 time
 *                                   74     64  signature over the head
 *
 *     TH0  = SHA-256("vd1 handshake v1" ‖ 00 ‖ u8 binding ‖ u8 dialled ‖ EKM)
 *     TH1  = SHA-256(TH0 ‖ u32 len ‖ M1), TH2, TH3 likewise over M2, M3
 *     sigV over SHA-256(TH1 ‖ u32 len ‖ M2 without sigV)
 *     sigC over SHA-256(TH2 ‖ u32 len ‖ M3 without sigC)
 *     head over vault id ‖ C's id ‖ bytes 26..73; all zero for a source
 *
 * Both ends are plain values that are stepped by the bytes received and write
 * the bytes to send into memory of the caller's.  A step that fails, or comes
 * out of turn, ends the machine for good: no later step succeeds.  What the
 * machines borrow (signer) must outlive them.
 *
 * Nothing here draws randomness, reads a clock or knows a key store: nonces,
 * times and verdicts come in as values.
 *
 * Threads: a machine belongs to one.
 */
#ifndef VLT_HANDSHAKE_H
#define VLT_HANDSHAKE_H

#include "wire/address.h"

enum {
    VLT_HANDSHAKE_VERSION = 1,
    VLT_HANDSHAKE_VERSIONS = 8, /* most in one HELLO */
    VLT_HELLO_NONCE = 32,
    VLT_EKM_LEN = 32,
    VLT_SESSION_LEN = 16,
    VLT_ENROL_MAX = 512,
    VLT_HELLO_MAX = 2 + VLT_HANDSHAKE_VERSIONS + 32 + 32,
    VLT_CHALLENGE_LEN = 142,
    VLT_AUTH_MAX = 39 + VLT_ENROL_MAX + 64,
    VLT_READY_LEN = 138,
};

enum vlt_role {
    VLT_ROLE_FIRM = 1,
    VLT_ROLE_SOURCE = 2,
    VLT_ROLE_OWNER = 3, /* an owner's device */
};

enum vlt_enrol_kind {
    VLT_ENROL_NONE = 0,
    VLT_ENROL_TOKEN = 1, /* invitation or source token: enrol.h */
    VLT_ENROL_OPEN = 2,  /* name and contact: enrol.h */
};

enum vlt_ready_status {
    VLT_READY_OK = 0,
    VLT_READY_REFUSED = 1,
    VLT_READY_WAITING = 2, /* enrolled; the owner has to confirm */
};

/* What both ends know of the connection itself. */
struct vlt_channel {
    bool vault_dialled;       /* false: C dialled */
    uint8_t ekm[VLT_EKM_LEN]; /* TLS exporter, "EXPORTER-Channel-Binding" */
};

/* What V allows in a session (limits.h). */
struct vlt_session_limits {
    uint32_t text;   /* bytes of a text message */
    uint32_t binary; /* bytes of a binary message */
    uint32_t calls;  /* in flight */
};

/* The newest head of C's tree. */
struct vlt_head {
    uint64_t size;
    uint8_t root[32];
    int64_t time; /* ns UTC */
};

/* Where a machine stands. */
enum vlt_handshake_state {
    VLT_HANDSHAKE_ENDED = 0, /* failed or refused */
    VLT_HANDSHAKE_NEW,
    VLT_HANDSHAKE_GREETED,    /* C sent M1, or V sent M2 */
    VLT_HANDSHAKE_CHALLENGED, /* C accepted M2 */
    VLT_HANDSHAKE_PROVED,     /* C sent M3, or V accepted its signature */
    VLT_HANDSHAKE_READY,
};

/* ---- C: firm, source, owner's device ---- */

struct vlt_handshake_client {
    enum vlt_handshake_state state;
    const struct vlt_signer *signer; /* borrowed */
    uint8_t wanted[VLT_IDENTITY_LEN];
    uint8_t transcript[32]; /* TH0 … TH3 */
    uint8_t vault_pk[VLT_SIGN_PK];
    enum vlt_role role;
    struct vlt_session_limits limits; /* from M2 */
};

/* What READY told, after its signature was found good. */
struct vlt_ready {
    enum vlt_ready_status status;
    uint8_t session[VLT_SESSION_LEN];
    int64_t time;         /* the vault's, ns UTC */
    struct vlt_head head; /* all zero for a source */
};

/* A machine for a connection to the vault of this id. */
void vlt_handshake_client_init(struct vlt_handshake_client *client,
                               const struct vlt_channel *channel,
                               const uint8_t vault[VLT_IDENTITY_LEN],
                               const struct vlt_signer *signer);

/* M1 into out (of VLT_HELLO_MAX bytes); *len is its length. */
VLT_MUST_USE enum vlt_status
vlt_handshake_client_hello(struct vlt_handshake_client *client,
                           const uint8_t nonce[VLT_HELLO_NONCE],
                           uint8_t out[VLT_HELLO_MAX], size_t *len);

/*
 * Take M2.  Afterwards client->limits hold, and client->transcript is TH2, to
 * which enrolment data are bound.
 * VLT_E_FORMAT  not an M2 of a version that M1 offered, or out of turn
 * VLT_E_AUTH    the key is not that of the wanted vault, or sigV is wrong
 */
VLT_MUST_USE enum vlt_status
vlt_handshake_client_challenge(struct vlt_handshake_client *client,
                               struct vlt_slice m2);

/* What M3 says about C. */
struct vlt_auth {
    enum vlt_role role;
    enum vlt_enrol_kind enrol;
    struct vlt_slice data; /* enrolment data, borrowed; empty without */
};

/* M3 into out (of VLT_AUTH_MAX bytes).  VLT_E_FORMAT: the enrolment data do
 * not fit their kind, or out of turn. */
VLT_MUST_USE enum vlt_status
vlt_handshake_client_auth(struct vlt_handshake_client *client,
                          const struct vlt_auth *auth,
                          uint8_t out[VLT_AUTH_MAX], size_t *len);

/*
 * Take M4.  That the head is not older than the newest one kept, and extends
 * it, is for the caller to check.
 * VLT_E_FORMAT  not 138 bytes of M4, another session's, or out of turn
 * VLT_E_AUTH    the head's signature is wrong
 * VLT_E_DENIED  refused; nobody is told why
 */
VLT_MUST_USE enum vlt_status
vlt_handshake_client_ready(struct vlt_handshake_client *client,
                           struct vlt_slice m4, struct vlt_ready *out);

/* ---- V: the vault ---- */

struct vlt_handshake_server {
    enum vlt_handshake_state state;
    const struct vlt_signer *signer; /* borrowed */
    uint8_t vault[VLT_IDENTITY_LEN]; /* our own id */
    uint8_t transcript[32];
    enum vlt_role role;
    uint8_t peer[VLT_IDENTITY_LEN];
};

/* Who proved to hold a key.  Whether that key may come in is the caller's
 * question: known, role, state, blocked, quota. */
struct vlt_peer {
    enum vlt_role role;
    uint8_t pk[VLT_SIGN_PK];
    uint8_t id[VLT_IDENTITY_LEN]; /* of the role's kind */
    enum vlt_enrol_kind enrol;
    uint8_t binding[32];   /* TH2: what enrolment MACs are bound to */
    struct vlt_slice data; /* enrolment data: borrowed from m3 */
};

/* A machine for a connection to the vault whose key the signer holds. */
void vlt_handshake_server_init(struct vlt_handshake_server *server,
                               const struct vlt_channel *channel,
                               const struct vlt_signer *signer);

/*
 * Take M1, M2 into out.
 * VLT_E_FORMAT     not an M1, or out of turn: close with 1008
 * VLT_E_NOT_FOUND  another vault is wanted, or there is no common version:
 *                  close without an M2
 */
VLT_MUST_USE enum vlt_status vlt_handshake_server_hello(
    struct vlt_handshake_server *server, struct vlt_slice m1,
    const uint8_t nonce[VLT_HELLO_NONCE],
    const struct vlt_session_limits *limits, uint8_t out[VLT_CHALLENGE_LEN]);

/*
 * Take M3; sigC is checked whoever it is.  On VLT_OK the caller decides and
 * goes on with vlt_handshake_server_ready() or _refuse().
 * VLT_E_FORMAT  not an M3, or out of turn: close with 1008
 * VLT_E_AUTH    sigC is wrong: send the refusal of
 *               vlt_handshake_server_refuse(), close with 1008
 */
VLT_MUST_USE enum vlt_status
vlt_handshake_server_auth(struct vlt_handshake_server *server,
                          struct vlt_slice m3, struct vlt_peer *out);

/*
 * M4 of status 0 or 2 into out.  head is that of C's tree; it is not looked
 * at for a source.
 * VLT_E_FORMAT: out of turn, or status is REFUSED.
 */
VLT_MUST_USE enum vlt_status vlt_handshake_server_ready(
    struct vlt_handshake_server *server, enum vlt_ready_status status,
    int64_t now_ns, const struct vlt_head *head, uint8_t out[VLT_READY_LEN]);

/* End the machine; the one refusal, the same for everybody, into out. */
void vlt_handshake_server_refuse(struct vlt_handshake_server *server,
                                 uint8_t out[VLT_READY_LEN]);

/* The id's kind of a role. */
enum vlt_identity_kind vlt_role_identity(enum vlt_role role);

#endif
