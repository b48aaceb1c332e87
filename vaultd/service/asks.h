/*
 * asks: uses that wait for the owner's yes (ask_each; LANGUAGE.md, 3).
 *
 * A firm asks for something under a grant of which each use is the owner's to
 * allow; it is told `pending`, and what it asked for is kept here until the
 * owner answers.  A yes serves the same parameters once, within an hour.  None
 * of it is on the disk: after a restart, or a lock, the firm asks again, and
 * what was allowed and not used is not allowed any more.
 *
 * Threads: any; it has a lock of its own.
 */
#ifndef ASKS_H
#define ASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/status.h"

enum {
    ASKS_OPEN = 3,    /* of a grant, at most */
    ASKS_MOST = 1024, /* that are kept in all, answered ones with them */
    ASKS_DIGEST = 16,
    ASKS_SAYS = 600, /* bytes of what is asked for, in words, and a zero */
    ASKS_YES_S = 3600,
    ASKS_WAIT_S = 86400,
};

struct asks;

/* What is asked for: by the digest of its parameters. */
struct asks_what {
    const uint8_t *grant;  /* 16 bytes */
    const uint8_t *digest; /* ASKS_DIGEST */
    int64_t now;           /* running time, ns */
};

enum asks_state {
    ASKS_NONE,    /* not asked for, or too long ago */
    ASKS_WAITS,   /* for the owner */
    ASKS_YES,     /* and not used yet */
    ASKS_REFUSED, /* the owner said no, less than a day ago */
};

struct asks_entry {
    uint8_t id[VLT_ID_LEN];
    uint8_t grant[VLT_ID_LEN];
    enum asks_state state;
    int64_t since; /* ns: asked, or answered */
    char says[ASKS_SAYS];
};

/* VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status asks_new(struct asks **out);
void asks_free(struct asks *asks); /* NULL is allowed */

/* Forget all: the vault is locked. */
void asks_clear(struct asks *asks);

/* How the owner has answered, as of now. */
enum asks_state asks_state_of(struct asks *asks, const struct asks_what *what);

/*
 * Have it wait.  *fresh: it did not wait already, so the owner is to be told;
 * its id is in id.  False: as many wait as may, or there is no memory.
 */
bool asks_wait(struct asks *asks, const struct asks_what *what,
               const char *says, uint8_t id[VLT_ID_LEN], bool *fresh);

/* A yes is used: it serves no other use. */
void asks_spend(struct asks *asks, const struct asks_what *what);

/* The owner's answer.  False: nothing of that id waits. */
bool asks_answer(struct asks *asks, const uint8_t id[VLT_ID_LEN], bool yes,
                 int64_t now, struct asks_entry *out);

/* Those that wait, oldest first; fn returns false to end. */
typedef bool asks_fn(void *ctx, const struct asks_entry *entry);
void asks_each(struct asks *asks, int64_t now, asks_fn *fn, void *ctx);

#endif
