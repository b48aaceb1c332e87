/*
 * vault/firm.h: what a firm needs besides a connection: its identity,
 * enrolment, signed requests, receipts that are verified offline.
 *
 * Since 0.1.
 */
#ifndef VAULT_FIRM_H
#define VAULT_FIRM_H

#include "vault/client.h"
#include "vault/request.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An identity is a folder of mode 0700: `key` (the Ed25519 seed, 0600),
 * `name`, and for each vault that it enrolled with `vaults/<name>.json`:
 * address, firm id, receipt key (pinned in the first session), newest
 * checkpoint.  Keys are wiped when it is freed.
 */
struct vault_identity;

/* Make a new one in folder, which must not exist.  VAULT_E_CONFLICT,
 * VAULT_E_FILE. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_identity_make(const char *folder, const char *name);

/* Open one.  VAULT_E_FILE: detail (of size bytes, may be NULL) says why; also
 * when the key's mode lets others read it. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_identity_open(const char *folder, struct vault_identity **out,
                    char *detail, size_t size);

/* Give the 32 bytes of the firm's key; not 0: it cannot be had now.  The
 * library wipes its copy; the callback wipes its own. */
typedef int vault_key_fn(void *ctx, unsigned char seed[32]);

/* The same where the key is not a file of the folder, but a callback gives it
 * (a keyring, a token), or a descriptor: exactly 32 bytes, then its end; it is
 * read and stays open. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_identity_open_with(const char *folder, vault_key_fn *key, void *ctx,
                         struct vault_identity **out, char *detail,
                         size_t size);
VAULT_API VAULT_MUST_USE enum vault_status
vault_identity_open_fd(const char *folder, int fd, struct vault_identity **out,
                       char *detail, size_t size);
VAULT_API void vault_identity_free(struct vault_identity *identity);

/* "vf1:<52>", and the 20 characters in groups of four that people compare. */
VAULT_API const char *vault_identity_id(const struct vault_identity *identity);
VAULT_API const char *
vault_identity_fingerprint(const struct vault_identity *identity);

/* The address of the vault that was enrolled with first, or of this name, or of
 * this id, "vd1:<52>"; NULL: none. */
VAULT_API const char *
vault_identity_vault(const struct vault_identity *identity, const char *name);

/*
 * Spend an invitation "vault://host:port/<52>#<26>" and remember the vault.
 * *waiting: not 0 until the owner has compared fingerprints and confirmed.
 * VAULT_E_AUTH: the invitation is not good, or the vault knows this key
 * (never says which).
 *
 * Of a vault that was enrolled with before, and has no record of it any more
 * (it was restored from an earlier backup, or has forgotten the firm), this
 * begins anew: with another receipt key, without the head of the log that was
 * kept; both are set aside in vaults/NAME.before-N.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_enrol_wait(struct vault_client *client, struct vault_identity *identity,
                 const char *invitation, int timeout_ms, int *waiting);

/*
 * Ask to be known by the key of next, another identity of its own folder, from
 * the owner's word on (vaultctl firm confirm); what is given to this one ends
 * then.  The vault's record is copied to next's folder.  Asked again with a
 * third one, that one is waited for.
 * VAULT_E_CONFLICT: the vault knows that key already.  VAULT_E_FILE: asked, but
 * the record cannot be written.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_rekey_wait(struct vault_client *client, struct vault_identity *next,
                 int timeout_ms);

/*
 * The vault's owner says that it was restored from a backup: the head of its
 * log that was kept is set aside, in vaults/NAME.before-N, and the next session
 * begins with the one that it shows.  Until then the library refuses it, since
 * it cannot tell that from a log that was rewritten.  name as in
 * vault_identity_vault().
 * VAULT_E_NOT_FOUND: no such vault.  VAULT_E_FILE.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_identity_restored(struct vault_identity *identity, const char *name);

/*
 * Sign and submit a consent request; request is JSON with the members of
 * WIRE.md less those that the library fills (v, jti, iss, aud, iat).  *result
 * is the vault's answer, freed with vault_free().
 * VAULT_E_PARAMS: the lint refused it, here or there; vault_client_at() says
 * where.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_request_wait(struct vault_client *client, const char *request,
                   int timeout_ms, char **result);

/*
 * Answer a counter-offer for the part of this purpose: accept it (not 0), which
 * signs its very bytes once they hold, or leave it, which is final.  *result is
 * the vault's answer, the outcome of the request; freed with vault_free().
 * VAULT_E_CONFLICT: nothing is offered, or not any more.  VAULT_E_AUTH: the
 * offer does not hold, or is of another firm, request or part.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_answer_wait(struct vault_client *client, const char *request,
                  const char *purpose, int accept, int timeout_ms,
                  char **result);

/* Only the lint: nothing is sent and nothing signed. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_request_lint(struct vault_client *client, const char *request);

/* A grant, as it stands: all is borrowed for the call. */
struct vault_grant {
    size_t size; /* sizeof (struct vault_grant), of the library */
    const char *id;
    const char *state;          /* "active", … (WIRE.md, 6.6) */
    const char *purpose;        /* "service.billing" */
    const char *action;         /* "read", "live", … */
    const char *const *streams; /* names or aliases, NULL-ended */
    int64_t uses_left;          /* -1: as many as the rate lets */
    int64_t from, until;        /* ns UTC; not included: until */
    int64_t last_use;           /* ns UTC; 0: none yet */
    int64_t keep_s;             /* how long what was received may be kept */
    int countersigned;
};

/* Take a grant.  Return 0 to go on, else the list ends. */
typedef int vault_grant_fn(void *ctx, const struct vault_grant *grant);

/* All grants of the firm, or of the owner's, of a state; NULL: those that are
 * active or suspended. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_grants_wait(struct vault_client *client, const char *state,
                  vault_grant_fn *fn, void *ctx, int timeout_ms);

/*
 * Wait until what is due was acknowledged, by an option of the client: before
 * it is freed, what was not sent is not signed for.  Also without anything due.
 * VAULT_E_TIMEOUT, VAULT_E_CONNECT; else why the vault did not take one, since
 * the last call: it has been restarted meanwhile, or sent something else.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_acknowledge_wait(struct vault_client *client, int timeout_ms);

/*
 * Countersign the newest receipt of a grant, once it holds: it is fetched, its
 * signature is checked by the pinned key, and the firm signs the same bytes.
 * VAULT_E_AUTH: it does not hold, or is not of this firm and grant; then
 * nothing is signed.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_countersign_wait(struct vault_client *client, const char *grant,
                       int timeout_ms);

/* One to whom the firm had passed the data on, and who deleted it, too. */
struct vault_deleted_by {
    const char *name;
    int64_t deleted_at; /* seconds UTC */
};

/* Uses whose data the firm keeps all the same. */
struct vault_kept {
    uint64_t from, to; /* first use and last, counted from 1 */
    const char *law;   /* by which: at most 280 characters */
    int64_t until;     /* seconds UTC */
};

/* What a firm says it did with what a grant gave. */
struct vault_deletion {
    size_t size;            /* sizeof (struct vault_deletion) */
    uint64_t from, to;      /* uses; both 0: all that it still holds */
    int64_t deleted_at;     /* seconds UTC; 0: now */
    int anonymised;         /* else it is erased */
    size_t recipient_count; /* at most 8 */
    const struct vault_deleted_by *recipients;
    size_t exception_count; /* at most 8 */
    const struct vault_kept *exceptions;
};

/*
 * State, signed, that what a grant gave is deleted.  Uses begin with the first
 * that the firm still holds (grant.show), or an earlier one.  *result is the
 * vault's answer, freed with vault_free(); NULL: it is not wanted.
 * VAULT_E_CONFLICT: nothing is held, or it was said already.  VAULT_E_PARAMS:
 * vault_client_at() says where.  VAULT_E_AUTH: as vault_countersign_wait().
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_deleted_wait(struct vault_client *client, const char *grant,
                   const struct vault_deletion *deletion, int timeout_ms,
                   char **result);

/* What an offline verification found.  Texts belong to the receipt. */
struct vault_receipt;

/*
 * Verify a receipt (compact or two-sided JWS, or what grant.receipt gave with
 * its proof and chain) against the keys that the identity pinned; at time
 * now_ns.  A receipt that does not hold is VAULT_E_AUTH, with *out saying which
 * step failed; the caller frees *out with vault_receipt_free() in both cases.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_receipt_verify(const struct vault_identity *identity, const char *text,
                     size_t len, int64_t now_ns, struct vault_receipt **out);

/*
 * The same by the key of one vault: its name among those of the identity
 * (vaults/<name>.json), or "vd1:<52>", with "@host:port" behind or without.
 * VAULT_E_NOT_FOUND: the identity has no receipt key of such a vault; *out is
 * untouched.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_receipt_verify_of(const struct vault_identity *identity,
                        const char *vault, const char *text, size_t len,
                        int64_t now_ns, struct vault_receipt **out);

/* With keys given as text, 52 base32 characters or vr1:/vf1: ids with JWK
 * thumbprints pinned elsewhere: the receipt key's and the firm's public key in
 * base64url.  firm_key may be NULL. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_receipt_verify_with(const char *receipt_key, const char *firm_key,
                          const char *text, size_t len, int64_t now_ns,
                          struct vault_receipt **out);
VAULT_API void vault_receipt_free(struct vault_receipt *receipt);

/* Does it hold?  1: it is genuine, and the grant is in force. */
VAULT_API int vault_receipt_ok(const struct vault_receipt *receipt);

/* Is it genuine: do all signatures and links hold that could be checked, though
 * the grant may not be in force (any more)?  Where 0, what it says is not to be
 * believed. */
VAULT_API int vault_receipt_genuine(const struct vault_receipt *receipt);
VAULT_API const char *vault_receipt_event(const struct vault_receipt *receipt);
VAULT_API const char *vault_receipt_grant(const struct vault_receipt *receipt);

/* The signed payload, as JSON text. */
VAULT_API const char *
vault_receipt_payload(const struct vault_receipt *receipt);

/* Why it does not hold, as a sentence: the step that failed, or where it is
 * genuine, why the grant is not in force ("the grant was withdrawn at …"); ""
 * when it holds. */
VAULT_API const char *vault_receipt_fault(const struct vault_receipt *receipt);

/* What could not be checked with what was at hand: sentence i; NULL behind
 * the last. */
VAULT_API const char *
vault_receipt_unchecked(const struct vault_receipt *receipt, size_t i);

#ifdef __cplusplus
}
#endif

#endif
