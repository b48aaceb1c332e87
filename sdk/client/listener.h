/*
 * listener: where vaults that dial out come in (vault/listener.h), from inside.
 *
 * A guest is a connection that somebody dialled.  TLS and the head of its
 * request are done here; by the rendezvous in it, it becomes that of a client
 * that awaits it, who takes it in its next step, or is turned away.  Guests
 * that say nothing for VLT_LIMIT_STEP_MS are, too, and there are at most
 * LISTENER_GUESTS of them.
 *
 * All that is waited for is in one epoll descriptor, so a client that awaits
 * its vault has one to be polled as any other.
 *
 * Threads: a listener and the clients that await vaults there belong to one.
 */
#ifndef VLT_LISTENER_H
#define VLT_LISTENER_H

#include <vault/listener.h>

#include "base/buf.h"
#include "client/tls.h"
#include "wire/upgrade.h"

enum { LISTENER_GUESTS = 64 };

struct vlt_guest {
    struct vlt_guest *next;
    int fd;              /* -1: was taken */
    struct vlt_tls *tls; /* owned; NULL: was taken */
    struct vlt_buf plain;
    struct vlt_buf out;
    size_t sent; /* bytes of it */
    int64_t deadline_ms;
    struct vlt_knock knock; /* once it is read */
};

/* NULL is allowed. */
void vlt_guest_free(struct vlt_guest *guest);

/* This client awaits its vault; it is in no list yet. */
void vlt_listener_await(struct vault_client *client);

/* It does no more; harmless if it did not.  What was given to it is closed. */
void vlt_listener_leave(struct vault_client *client);

/* The client has taken what was given to it. */
void vlt_listener_taken(struct vault_listener *listener);

/* To be polled for reading. */
int vlt_listener_fd(const struct vault_listener *listener);

/* When it must be looked at anyway; INT64_MAX: never. */
int64_t vlt_listener_due(const struct vault_listener *listener);

/* Do what can be done without waiting. */
void vlt_listener_step(struct vault_listener *listener);

#endif
