/*
 * limits: the numbers of the protocol that a peer can meet and that several
 * rooms hold to.  What one room alone counts stands in its header: requests and
 * grants in consent.h, invitations in identity.h, what a firm may do over all
 * its sessions in peer.h.
 *
 * Defaults where the owner may configure another; the value in force for a
 * session is told in M2 CHALLENGE and in session.info.
 */
#ifndef VLT_LIMITS_H
#define VLT_LIMITS_H

enum {
    /* Before READY. */
    VLT_LIMIT_STRANGERS = 128, /* connections without READY: over TLS, and as
                                  many requests of HTTP on loopback */
    VLT_LIMIT_STRANGERS_ADDRESS = 8, /* of one address (/32, /64) */
    VLT_LIMIT_STEP_MS = 5000,        /* TLS, upgrade, handshake: each at most */
    VLT_LIMIT_BEFORE_READY = 16384,  /* bytes in all, both of TLS's inside */
    VLT_LIMIT_REFUSED_MS = 20, /* a refusal leaves so long behind AUTH, or a
                                  whole multiple of it */
    VLT_LIMIT_INVITATION_S = 86400, /* life of one unless said */
    VLT_LIMIT_MEMORY_MIB = 256, /* of all that waits at the door, in or out */

    /* Frames. */
    VLT_LIMIT_TEXT = 262144,      /* bytes of one text message */
    VLT_LIMIT_BINARY = 1048576,   /* bytes of one binary message, header in */
    VLT_LIMIT_DEPTH = 32,         /* of JSON */
    VLT_LIMIT_FRAGMENTS = 64,     /* of one message; handshake: 1 */
    VLT_LIMIT_CLOSE_REASON = 123, /* bytes, RFC 6455 section 5.5 */

    /* A session. */
    VLT_LIMIT_CALLS = 8,       /* in flight */
    VLT_LIMIT_CONNECTIONS = 4, /* of one firm or source */
    VLT_LIMIT_REQUESTS_S = 10, /* of a firm, a second */
    VLT_LIMIT_REQUESTS_BURST = 50,
    VLT_LIMIT_ROWS_MIB = 64,     /* of rows that a firm is given in an hour */
    VLT_LIMIT_CHUNKS_S = 2000,   /* records opened for a firm, a second */
    VLT_LIMIT_PUSHED_MIB = 1024, /* that a source pushes in a day */
    VLT_LIMIT_OUTBOX = 262144,   /* bytes buffered, or one page */
    VLT_LIMIT_STALL_MS = 30000,  /* a reader that takes nothing is closed */
    VLT_LIMIT_PING_MS = 30000,
    VLT_LIMIT_SILENCE_MS = 90000, /* then the connection is closed */
    VLT_LIMIT_CREDIT = 1024,      /* pages that a caller may be ready for */

    /* Consent. */
    VLT_LIMIT_REQUEST_JWS = 16384,  /* bytes of a signed request */
    VLT_LIMIT_RECEIPT_JWS = 65536,  /* bytes of a receipt, either form */
    VLT_LIMIT_DELETION_JWS = 32768, /* of a statement of deletion */
    VLT_LIMIT_ACK_JWS = 1024,       /* bytes of an acknowledgement */
    VLT_LIMIT_REKEY_JWS = 2048,   /* bytes of either half of a change of key */
    VLT_LIMIT_REQUEST_S = 604800, /* how long one stands unless said */
    VLT_LIMIT_IAT_S = 300,        /* of a request, around effective time */
    VLT_LIMIT_FRESH_S = 604800,   /* fresh_until behind iat, of a receipt */
    VLT_LIMIT_AUDIT_DETAIL = 65536, /* bytes of one entry's detail */
    VLT_LIMIT_CHECKPOINT = 1024,    /* bytes of one checkpoint */
    VLT_LIMIT_PROOF = 131072,       /* bytes of one tlog-proof */

    /* Names and lists in parameters. */
    VLT_LIMIT_METHOD = 64,      /* bytes of a method's name */
    VLT_LIMIT_ID_TEXT = 64,     /* bytes of a request id that is text */
    VLT_LIMIT_NAME = 63,        /* bytes of a short name */
    VLT_LIMIT_PATTERNS = 64,    /* patterns of one query or source */
    VLT_LIMIT_COLUMNS = 64,     /* columns of a stream */
    VLT_LIMIT_LIST = 1000,      /* items of one list answer, then a cursor */
    VLT_LIMIT_CURSOR = 8192,    /* bytes of a cursor's text */
    VLT_LIMIT_PASSPHRASE = 1024 /* bytes */
};

/* Largest request id that is a number: 2^53. */
#define VLT_LIMIT_ID (INT64_C(1) << 53)

/* Close codes of RFC 6455 that the protocol uses. */
enum vlt_close {
    VLT_CLOSE_NORMAL = 1000,
    VLT_CLOSE_GOING = 1001,  /* the vault stops or is locked */
    VLT_CLOSE_POLICY = 1008, /* malformed, out of turn, refused */
    VLT_CLOSE_TOO_BIG = 1009,
    VLT_CLOSE_BUSY = 1013, /* too much waits: come again */
};

#endif
