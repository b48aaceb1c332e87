/*
 * draft: the grants that an answer would make, without making them.
 *
 * So the owner is shown what would leave before it may: what is drafted is
 * checked, filled in and decided by the very functions that approve and use.
 *
 * Threads: any.
 */
#ifndef CONSENT_DRAFT_H
#define CONSENT_DRAFT_H

#include "consent/consent.h"

/* A grant that would be, its id all zeros, and what would be decided on a first
 * use of it that the owner allows; may->grant is NULL.  Held by who keeps it.
 * False ends. */
typedef bool consent_draft_fn(void *ctx, const struct grant *grant,
                              const struct consent_use *may);

/*
 * Each grant that consent_approve() would make of what is committed now, in the
 * order of the parts; without a pick of every part that waits, all of it that
 * no rule denied, whether it would have to be named or not.  Whether the firm
 * has room for more grants is not looked at.  Errors and why as there.
 */
VLT_MUST_USE enum vlt_status
consent_draft(struct consent *consent, const struct consent_approval *approval,
              struct vlt_buf *why, consent_draft_fn *fn, void *ctx);

#endif
