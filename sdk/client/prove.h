/*
 * prove: that the firm's log only grew (WIRE.md, 9.4).
 *
 * Two heads are kept (record.h): the one up to which the log is proved, and the
 * newest that was seen, which came with a page and is signed but not proved
 * yet.  A proof begins with the first and ends with a head that the vault
 * signs; a second one shows that the newest that was seen lies between both.
 * So a vault that showed a firm two histories cannot go on with either.
 *
 * It is asked for at the beginning of a session, and after every PROVE_EVERY
 * answers.
 */
#ifndef VLT_PROVE_H
#define VLT_PROVE_H

#include <vault/client.h>

#include "wire/checkpoint.h"

enum { VLT_PROVE_EVERY = 100 };

/* It is proved, or is not: VAULT_E_PROTOCOL.  Not called when the connection
 * broke meanwhile. */
typedef void vlt_prove_fn(struct vault_client *client,
                          enum vault_status status);

/* One proof under way.  A plain value that begins as { 0 }. */
struct vlt_prove {
    vlt_prove_fn *done; /* NULL: none is */
    struct vlt_checkpoint head;
    struct vlt_checkpoint seen; /* the newest when head came */
    unsigned answers;           /* since the last proof */
};

/* Ask, from the proved head on.  done is called in the end, or at once where
 * there is nothing to prove.  A status: it could not be asked. */
enum vault_status vlt_prove_begin(struct vault_client *client,
                                  vlt_prove_fn *done);

/* An answer's evidence was taken: prove, when it is time to.  A log that does
 * not extend breaks the connection. */
void vlt_prove_count(struct vault_client *client);

#endif
