/*
 * resolve_internal: what the owner's and a firm's answers are made of (a
 * worker).
 */
#ifndef RESOLVE_INTERNAL_H
#define RESOLVE_INTERNAL_H

#include "service/page_internal.h"

struct consent_sieve; /* consent/sieve.h */

/* A refusal by the worker, which the turn logs: VLT_OK. */
enum vlt_status resolve_refuse(struct page *page, enum vlt_status st,
                               enum vlt_rpc_code code, const char *message);

bool resolve_has_star(const char *pattern);

/* Is this name one that was asked for? */
bool resolve_matches(const struct asked *asked, const char *name);

/* Does a column of this type hold text? */
bool resolve_is_text(uint8_t type);

/* Add the columns of a stream that were asked for; false: none is its. */
bool resolve_columns(const struct asked *asked, const struct stream *stream,
                     bool numbers_only, struct series_want *want);

/* Add a stream with the interval that was asked for.  NULL: no memory. */
struct read_stream *resolve_add(struct reading *reading,
                                const struct stream *stream);

/* The nearest edge of buckets of every ns, not before and not after. */
int64_t resolve_ceil(int64_t time, int64_t every);
int64_t resolve_floor(int64_t time, int64_t every);

/* A reading of none of its streams yet, but for what was asked. */
void resolve_begin(struct reading *reading);

/* What may be told of each of its streams now, and where each begins. */
VLT_MUST_USE enum vlt_status resolve_end(struct reading *reading);

/* ---- resolve_firm.c: of what a grant gives ---- */

/* It is read under this grant, with what obliges a use of it now. */
void resolve_under(struct reading *reading, const struct grant *grant,
                   const struct policy_duties *duties);

/* Add one stream that the grant binds, if it is asked for, and given now. */
VLT_MUST_USE enum vlt_status resolve_bound(struct page *page,
                                           const struct grant *grant,
                                           const struct consent_sieve *sieve,
                                           const struct grant_bound *bound);

/* An item's statistics as they are asked for; 0: raw rows. */
unsigned resolve_stats(const struct terms_item *item);

/* resolve_owner.c, resolve_firm.c */
enum vlt_status resolve_for_owner(struct reading *reading, struct page *page);
enum vlt_status resolve_for_firm(struct reading *reading, struct page *page);

#endif
