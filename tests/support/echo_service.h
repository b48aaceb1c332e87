/*
 * echo_service: the symbols of vaultd/service, with almost nothing behind
 * them, so that the door can be run for real.
 *
 * A text is echoed, unless its first word is a command (see the table in
 * echo_service.c).  Keys: the vault's seed is 32 × 0x33; of firms 32 × 0x11 is
 * confirmed, 32 × 0x22 is enrolled and waits, all others are strangers; the
 * same for sources and owner's devices.
 *
 * Threads: the loop, but for one that wakes it.
 */
#ifndef ECHO_SERVICE_H
#define ECHO_SERVICE_H

#include "service/service.h"

struct clock;

struct echo_config {
    struct service_sink sink;
    void (*wake)(void *ctx);
    void *wake_ctx;
    const struct clock *clock;
    bool locked;
};

/* NULL: no memory.  The caller frees it with service_free(). */
struct service *echo_service_new(const struct echo_config *config);

#endif
