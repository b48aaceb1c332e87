/*
 * vault/source.h: what a source, a sensor or a program that only writes, needs
 * besides a connection and a writer (vault/writer.h): a key of its own.
 *
 * The owner makes the source and gives away its token, once, and the vault's
 * address:
 *
 *     vaultctl source add meter --streams home/meter --way key
 *
 * The token binds the source's key in the vault, and opens nothing from then
 * on; no key travels.  After that the source connects as a firm does,
 *
 *     vault_source_make(folder, "meter")                            once
 *     vault_identity_open(folder, &identity, …)
 *     vault_source_enrol_wait(client, identity, address, token, …)  once
 *     vault_connect(client, vault_identity_vault(identity, NULL), identity)
 *
 * and writes by a vault_writer, which stores each row once however often the
 * connection breaks, or by vault_append_wait(), where a source's `seq` is above
 * 0.  It can append to its streams, ask for their columns, and do nothing else:
 * calls that are a firm's are refused.  Its rows may be as old as the owner
 * allows (--window; 48 hours), and five minutes ahead; what it brings in a day
 * is bounded, and VAULT_E_RATE beyond that, which a writer waits for.  While
 * the vault is locked nobody is let in; a client with `reconnect` tries on, and
 * a writer keeps its rows meanwhile, as far as its memory goes.
 *
 * Since 0.1.
 */
#ifndef VAULT_SOURCE_H
#define VAULT_SOURCE_H

#include "vault/firm.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Make a source's identity in folder, which must not exist.  It is opened by
 * vault_identity_open() and its like, and has the id "vs1:<52>"; it cannot
 * spend a firm's invitation.  Blocks for the disk.
 * VAULT_E_USAGE: the name is empty, longer than 64 bytes, or not printable.
 * VAULT_E_CONFLICT, VAULT_E_FILE, VAULT_E_NOMEM.
 */
VAULT_API VAULT_MUST_USE enum vault_status vault_source_make(const char *folder,
                                                             const char *name);

/*
 * Have the vault at "vd1:<52>@host:port" bind this identity's key to the source
 * of the token, "vt1:<13>.<52>", and remember the vault in the folder.  The
 * client is READY then.  The token is not kept, and the library wipes its copy;
 * the caller wipes its own.
 * VAULT_E_USAGE  no such address or token, or the identity is a firm's
 * VAULT_E_AUTH   the token is not good, or its source has a key already (never
 *                says which).  Where an earlier try broke off, that may be this
 *                key: vault_connect() to the same address tells.
 * VAULT_E_FILE   it is bound, but the folder cannot be written:
 *                vault_connect() to the address goes all the same
 * And as vault_ready_wait().
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_source_enrol_wait(struct vault_client *client,
                        struct vault_identity *identity, const char *address,
                        const char *token, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
