/*
 * rest: what keeps a firm's pages back but its own credit (loop): the rows of
 * an hour, and the records that are opened in a second.
 */
#include <inttypes.h>
#include <stdio.h>

#include "service/page_internal.h"
#include "service/peer.h"

/* What its firm may do; NULL: the owner's, or gone. */
static struct peer *
peer_of_reading(const struct reading *reading)
{
    return reading->who.role == ROLE_OWNER
               ? NULL
               : map_get(reading->service->peers, reading->who.id);
}

void
reading_note_rows(const struct reading *reading, size_t bytes)
{
    struct peer *peer = bytes > 0 ? peer_of_reading(reading) : NULL;

    if (peer != NULL) {
        peer_note_rows(peer, bytes, service_boot(reading->service));
    }
}

void
reading_note_opened(const struct reading *reading, uint64_t count)
{
    struct peer *peer = count > 0 ? peer_of_reading(reading) : NULL;

    if (peer != NULL) {
        peer_note_chunks(peer, (size_t)count, service_boot(reading->service));
    }
}

static enum vlt_status
refuse_rows(struct call_fault *fault, int64_t ms, uint64_t hourly)
{
    fault->retry_ms = ms;
    (void)snprintf(fault->message, sizeof fault->message,
                   "Over %" PRIu64 " MiB of rows an hour; wait.", hourly >> 20);
    return VLT_E_QUOTA;
}

enum vlt_status
reading_may_begin(const struct reading *reading, struct call_fault *fault)
{
    const struct service_config *config = &reading->service->config;
    int64_t boot = service_boot(reading->service);
    struct peer *peer = peer_of_reading(reading);
    int64_t ms = peer != NULL ? peer_rows_ms(peer, boot) : 0;

    if (ms > 0) {
        return refuse_rows(fault, ms, config->firm_hourly);
    }
    ms = peer != NULL ? peer_chunks_ms(peer, boot) : 0;
    if (ms > 0) {
        fault->retry_ms = ms;
        (void)snprintf(fault->message, sizeof fault->message,
                       "Your questions open over %u records a second; wait.",
                       config->firm_chunks);
        return VLT_E_QUOTA;
    }
    return VLT_OK;
}

static bool
wait_for(struct reading *reading, int64_t boot, int64_t ms)
{
    reading->rest = boot + ms * 1000000;
    subscribe_arm(reading->service);
    return true;
}

bool
reading_may_more(const struct reading *reading)
{
    int64_t boot = service_boot(reading->service);
    struct peer *peer = peer_of_reading(reading);

    return boot >= reading->rest &&
           (peer == NULL ||
            (peer_rows_ms(peer, boot) == 0 && peer_chunks_ms(peer, boot) == 0));
}

bool
reading_rests(struct reading *reading)
{
    struct service *service = reading->service;
    int64_t boot = service_boot(service);
    struct peer *peer = peer_of_reading(reading);
    int64_t ms = peer != NULL ? peer_rows_ms(peer, boot) : 0;

    if (ms > 0 && !reading->live) {
        struct session *session = session_find(service, reading->who.session);
        struct vlt_slice none = { .len = 0 };
        struct call_fault fault = { .code = 0 };
        enum vlt_status st =
            refuse_rows(&fault, ms, service->config.firm_hourly);

        reply_error(service, &reading->who, &reading->id, st, &fault, none);
        reading_end(session, reading);
        return true;
    }
    if (ms == 0 && peer != NULL) {
        ms = peer_chunks_ms(peer, boot);
    }
    return ms > 0 && wait_for(reading, boot, ms);
}
