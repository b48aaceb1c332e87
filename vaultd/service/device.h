/*
 * device: is a message of the device that it says it is of?
 *
 * The same whatever brings it: HTTP now or through the inbox, a broker's topic.
 * A claim is what a message says; it is proved against the secret of its
 * source's token, which is read from the store for that and wiped.  Whoever
 * cannot prove it is told one thing, VLT_E_AUTH, whether the device is known
 * or not, after about the same work.
 *
 * That a message comes again is not seen here: its boot and counter go with its
 * rows, and the commit that would store them knows (series/series.h).
 *
 * Threads: any.
 */
#ifndef SERVICE_DEVICE_H
#define SERVICE_DEVICE_H

#include "service/principal.h"
#include "wire/envelope.h"

struct source;
struct store_view;

struct device_claim {
    enum way way; /* WAY_MAC or WAY_SEALED */
    struct vlt_envelope head;
    uint8_t mac[VLT_ENVELOPE_MAC]; /* WAY_MAC */
};

/* What the claim is about; borrowed. */
struct device_message {
    struct vlt_slice method; /* WAY_MAC */
    struct vlt_slice target; /* as wire/envelope.h has it */
    struct vlt_slice body;   /* as it came: of WAY_SEALED all of the envelope */
};

/* Read the header of a signed message.  VLT_E_AUTH: it is none. */
VLT_MUST_USE enum vlt_status device_read_header(struct vlt_slice text,
                                                struct device_claim *out);

/* Read the head of an envelope.  VLT_E_AUTH: it is none. */
VLT_MUST_USE enum vlt_status device_read_sealed(struct vlt_slice bytes,
                                                struct device_claim *out);

/*
 * Prove it.  source is the one whose token has the claim's id, NULL for none.
 * The body of an envelope is appended to out; of a signed message the body is
 * what it is, and out is left alone.
 * VLT_E_AUTH     it is not the source's; never says which
 * VLT_E_STORAGE  the source's record does not open
 * VLT_E_NOMEM, VLT_E_LIMIT: out is full
 */
VLT_MUST_USE enum vlt_status device_prove(const struct store_view *view,
                                          const struct source *source,
                                          const struct device_claim *claim,
                                          const struct device_message *message,
                                          struct vlt_buf *out);

/* Is what a device sent gzip?  Its first bytes say so, which it has signed or
 * sealed; the header that says so otherwise is nobody's word. */
bool device_is_gzip(struct vlt_slice body);

#endif
