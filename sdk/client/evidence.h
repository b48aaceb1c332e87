/*
 * evidence: what the log says of a page, kept until the page comes.
 */
#ifndef VLT_EVIDENCE_H
#define VLT_EVIDENCE_H

#include <vault/client.h>

#include "base/buf.h"
#include "wire/frame.h"
#include "json/json.h"

struct vlt_reading;

/* A plain value that begins as { 0 }. */
struct vlt_evidence {
    struct vlt_buf text; /* the object as JSON; empty: none came */
};

/* Keep a copy of an `audit` object; NULL: nothing came. */
enum vault_status vlt_evidence_keep(struct vault_client *client,
                                    struct vlt_evidence *evidence,
                                    const struct vlt_json *object);

/* A page of a reading. */
struct vlt_evidence_page {
    uint64_t seq;
    size_t rows;
    struct vlt_slice message; /* whole, as it came */
};

/*
 * Does what was kept bear the page out?  It is spent by that.  Only where a
 * receipt key is pinned; a page of a query that has rows must have evidence.
 * VAULT_E_PROTOCOL: it does not hold.
 */
enum vault_status vlt_evidence_check(struct vault_client *client,
                                     struct vlt_reading *reading,
                                     const struct vlt_evidence_page *page);

void vlt_evidence_free(struct vlt_evidence *evidence);

#endif
