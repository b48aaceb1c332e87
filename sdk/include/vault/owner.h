/*
 * vault/owner.h: the owner's side, on the unix socket.
 *
 * The owner's methods are called by vault_call() and vault_call_wait() with
 * the names and parameters of WIRE.md; what is here is what needs more than a
 * call.
 *
 * Since 0.1.
 */
#ifndef VAULT_OWNER_H
#define VAULT_OWNER_H

#include "vault/client.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Unlock with a passphrase (or 24 words), or with the 32 bytes of a key file.
 * The bytes are sent once and wiped from the library's memory; the caller
 * wipes its own copy.  VAULT_E_AUTH: wrong.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_unlock_wait(struct vault_client *client, const void *secret, size_t len,
                  int is_key_file, int timeout_ms);

/*
 * vault_call_wait() with the vault's passphrase, for the methods that want it
 * (VAULT_E_REAUTH): the library puts it in as the member `passphrase`, sends it
 * once and wipes it; the caller wipes its own copy.  params has no such member;
 * NULL is none.  VAULT_E_REAUTH: it is wrong.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_call_with_passphrase_wait(struct vault_client *client, const char *method,
                                const char *params, const void *passphrase,
                                size_t len, int timeout_ms, char **result);

/* A new ULID as text, for `idem`: 27 bytes with the zero. */
VAULT_API void vault_ulid(char out[27]);

/* Overwrite with zeros, so that no compiler leaves it out. */
VAULT_API void vault_wipe(void *at, size_t len);

#ifdef __cplusplus
}
#endif

#endif
