/*
 * vault/status.h: what every call of libvault answers.
 *
 * Since 0.1.
 */
#ifndef VAULT_STATUS_H
#define VAULT_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VAULT_MUST_USE __attribute__((warn_unused_result))
#define VAULT_API __attribute__((visibility("default")))
#else
#define VAULT_MUST_USE
#define VAULT_API
#endif

/* Each value asks for a different reaction.  Values never change. */
enum vault_status {
    VAULT_OK = 0,
    VAULT_E_NOMEM = 1,     /* out of memory */
    VAULT_E_USAGE = 2,     /* an argument is out of range: the detail says */
    VAULT_E_PARAMS = 3,    /* the vault refused a parameter: the detail says */
    VAULT_E_NOT_FOUND = 4, /* params with not_found: no such id or name */
    VAULT_E_DENIED = 5,    /* no grant covers this, or none to be known of */
    VAULT_E_PENDING = 6,   /* a yes is missing: the owner's or an agreement */
    VAULT_E_ENDED = 7,     /* the grant was in force once */
    VAULT_E_SCOPE = 8,     /* the grant covers part of what was asked */
    VAULT_E_REAUTH = 9,    /* this verb needs the passphrase */
    VAULT_E_RATE = 10,     /* rate or uses spent: see the retry hint */
    VAULT_E_BUSY = 11,     /* a queue is full: see the retry hint */
    VAULT_E_LOCKED = 12,   /* the vault is locked */
    VAULT_E_CONFLICT = 13, /* it exists already, or changed meanwhile */
    VAULT_E_STORAGE = 14,  /* the vault's disk is full or failing */
    VAULT_E_UNKNOWN = 15,  /* the outcome is not known: repeat, same idem */
    VAULT_E_INTERNAL = 16, /* a fault of the vault's: an id is in the detail */
    VAULT_E_CONNECT = 17,  /* not reachable, or the connection broke */
    VAULT_E_TIMEOUT = 18,  /* the deadline passed; the call goes on */
    VAULT_E_IDENTITY = 19, /* another vault answers, or somebody between: both
                              ids, or that, in the detail */
    VAULT_E_AUTH = 20,     /* refused at the door, or a key or signature that
                              does not hold */
    VAULT_E_PROTOCOL = 21, /* the other end broke the protocol */
    VAULT_E_FILE = 22      /* a file cannot be read or written */
};

/* One short sentence without a full stop: static. */
VAULT_API const char *vault_strerror(enum vault_status status);

/* The version of the library that is linked, "0.1.0": static. */
VAULT_API const char *vault_version(void);

#ifdef __cplusplus
}
#endif

#endif
