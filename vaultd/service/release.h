/*
 * release: leave to send a firm's rows, made by a committed guard only.
 *
 * A release travels with the frame that it allows.  Before the frame is given
 * to the socket the loop asks release_check(); what has changed meanwhile goes
 * back to the guard with service_again(), what may no longer leave is dropped.
 * A release ends in exactly one of release_sent(), release_free() and
 * service_again().
 *
 * Once release_begun() was said a frame is cut only when consent is withdrawn
 * (the silence of the sink): a reader that ends its reading is sent the rest
 * of it.
 *
 * Threads: the loop.
 */
#ifndef RELEASE_H
#define RELEASE_H

#include "base/id.h"

struct release;

enum release_now {
    RELEASE_SEND,  /* the consent epoch is the one it was decided under */
    RELEASE_AGAIN, /* consent moved, or a hold began: give it back with
                      service_again() */
    RELEASE_DROP,  /* its reading has ended, or its grant is revoked and that
                      is not durable yet: free it, send nothing */
};

enum release_now release_check(const struct release *leave);

/* The frame's first bytes go to the socket. */
void release_begun(struct release *leave);

/* The grant it belongs to: borrowed, 16 bytes. */
const uint8_t *release_grant(const struct release *leave);

/* The frame was written to the socket whole, or left to the library's own
 * buffer.  Frees leave. */
void release_sent(struct release *leave);

/* The frame was dropped.  NULL is allowed. */
void release_free(struct release *leave);

#endif
