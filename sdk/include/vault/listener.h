/*
 * vault/listener.h: vaults that dial out, because nobody can dial them.
 *
 * A vault behind NAT dials its firm:
 *
 *     firm                                     owner
 *     vault_listen() at a public address
 *     draws a rendezvous, tells the owner  ->  vaultd run --dial
 *     wss://host:port/v/<26 characters>          wss://host:port/v/<26>
 *     vault_await()                        <-  the vault dials, and dials again
 *
 * From then on the client is as any other: the handshake is the same and proves
 * both ends, the session, its queries and subscriptions are the same, and with
 * reconnect it awaits the next call after a connection that broke.  The
 * rendezvous tells which vault calls before it has said a word; it is a secret
 * of the two, but proves nothing.
 *
 * A listener and the clients that await vaults there belong to one thread;
 * whichever of them is processed serves it.  In a loop of the program's own all
 * of them are polled for, each by its own vault_client_fd().
 *
 * Since 0.1.
 */
#ifndef VAULT_LISTENER_H
#define VAULT_LISTENER_H

#include "vault/firm.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vault_listener;

/* Listen at "1.2.3.4:7444" or "[::]:7444"; port 0 picks one.  The caller owns
 * *out and frees it behind its clients.  VAULT_E_USAGE: no such address.
 * VAULT_E_CONFLICT: it is in use.  detail (of size bytes, may be NULL) says
 * why. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_listen(const char *at, struct vault_listener **out, char *detail,
             size_t size);
VAULT_API void vault_listener_free(struct vault_listener *listener);

/* Where, with the port that was picked. */
VAULT_API const char *
vault_listener_place(const struct vault_listener *listener);

/* Draw a rendezvous: 26 characters and the zero. */
VAULT_API VAULT_MUST_USE enum vault_status vault_rendezvous_new(char out[27]);

/* That of a vault the identity is enrolled with (by its name or id; NULL: the
 * first), which is drawn and kept with it if there is none.
 * VAULT_E_NOT_FOUND: no such vault. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_rendezvous_of(const struct vault_identity *identity, const char *vault,
                    char out[27]);

/*
 * Begin to await the vault of this address, "vd1:<52>@host:port", whose host
 * and port are not looked at.  vault_ready_wait() waits for it as for one that
 * is dialled.  Listener and identity are borrowed while the client lives.
 * VAULT_E_USAGE: no such address or rendezvous.  VAULT_E_CONFLICT: another
 * client of the listener awaits this rendezvous.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_await(struct vault_client *client, struct vault_listener *listener,
            const char *address, const char *rendezvous,
            const struct vault_identity *identity);

/* vault_enrol_wait() with a vault that dials: the owner gives the invitation to
 * the firm, and the rendezvous to the vault.  It is kept with the vault. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_enrol_await_wait(struct vault_client *client,
                       struct vault_identity *identity,
                       struct vault_listener *listener, const char *rendezvous,
                       const char *invitation, int timeout_ms, int *waiting);

#ifdef __cplusplus
}
#endif

#endif
