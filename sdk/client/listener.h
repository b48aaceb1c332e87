/*
 * listener: where vaults that dial out come in (vault/listener.h), from inside.
 *
 * A guest is a connection that somebody dialled.  TLS and the head of its
 * request are done here; by the rendezvous in it, it becomes that of a client
 * that awaits it, who takes it in its next step, or is turned away.  Guests
 * that say nothing for VLT_LIMIT_STEP_MS are, too, and so are those that are
 * not taken for so long.  There are at most LISTENER_GUESTS of them, and
 * LISTENER_HOST from one host.
 *
 * All that a listener waits for is in one epoll descriptor; a client that
 * awaits its vault has one of its own (listener_await.c), to be polled as any
 * other.
 *
 * Threads: a listener and the clients that await vaults there belong to one.
 */
#ifndef VLT_LISTENER_H
#define VLT_LISTENER_H

#include <vault/listener.h>

#include "base/buf.h"
#include "client/tls.h"
#include "wire/upgrade.h"

enum { LISTENER_GUESTS = 64, LISTENER_HOST = 8, LISTENER_HOST_ID = 8 };

/* What a client that awaits its vault is polled for. */
struct vlt_await {
    int poll; /* epoll; -1 */
    int call; /* eventfd in it: a guest is there; -1 */
};

struct vlt_guest {
    struct vlt_guest *next;
    int fd;              /* -1: was taken */
    struct vlt_tls *tls; /* owned; NULL: was taken */
    struct vlt_buf plain;
    struct vlt_buf out;
    size_t sent; /* bytes of it */
    int64_t deadline_ms;
    uint8_t host[LISTENER_HOST_ID]; /* where it came from */
    struct vlt_knock knock;         /* once it is read */
};

/* NULL is allowed. */
void vlt_guest_free(struct vlt_guest *guest);

/* This client awaits its vault; it is in no list yet.  VLT_E_NOMEM: no memory
 * or descriptors. */
VLT_MUST_USE enum vlt_status vlt_listener_await(struct vault_client *client);

/* It does no more; harmless if it did not.  What was given to it is closed. */
void vlt_listener_leave(struct vault_client *client);

/* To be polled for reading: the client's own, and what the listener waits for,
 * which is in that of one client. */
int vlt_listener_fd(const struct vault_client *client);
int vlt_listener_poll(const struct vault_listener *listener);

/* When it must be looked at anyway; INT64_MAX: never. */
int64_t vlt_listener_due(const struct vault_listener *listener);

/* Do what can be done without waiting. */
void vlt_listener_step(struct vault_listener *listener);

#endif
