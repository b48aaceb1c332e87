/*
 * status: why an operation failed.
 */
#ifndef VLT_STATUS_H
#define VLT_STATUS_H

/* The result of a function so marked must be used. */
#define VLT_MUST_USE __attribute__((warn_unused_result))

/*
 * Why an operation failed.  Each value asks for a different reaction from the
 * caller; what only differs in wording belongs in a log line, not here.
 */
enum vlt_status {
    VLT_OK = 0,
    VLT_E_NOMEM,     /* out of memory: give up this request */
    VLT_E_FORMAT,    /* bytes from outside are not well formed */
    VLT_E_LIMIT,     /* well formed, but beyond a fixed limit: never retry */
    VLT_E_QUOTA,     /* rate, uses or space is spent: retry later */
    VLT_E_BUSY,      /* a queue is full: retry soon */
    VLT_E_AUTH,      /* wrong key, passphrase or signature; never says which */
    VLT_E_DENIED,    /* consent says no; the decision says why */
    VLT_E_NOT_FOUND, /* no such thing, or none that this caller may know of */
    VLT_E_CONFLICT,  /* it exists already, or changed meanwhile: look again */
    VLT_E_LOCKED,    /* the vault's keys are not in memory: unlock first */
    VLT_E_STORAGE,   /* disk or database refused; nothing was changed */
    VLT_E_UNKNOWN,   /* the commit may have happened: repeat, same id */
};

/* The status as a stable word for logs: "ok", "nomem", "format", … */
const char *vlt_status_word(enum vlt_status st);

#endif
