/*
 * sieve: rules with `streams`, at every use (LANGUAGE.md, 3).
 *
 * A deny withholds a stream from every grant.  An ask has it wait for the owner
 * when a grant is born; later it acts where a rule gave the grant, and a grant
 * by hand outlives it.
 */
#ifndef CONSENT_SIEVE_H
#define CONSENT_SIEVE_H

#include "consent/consent.h"

struct consent_sieve;

/*
 * What the rules hold back of a grant from the firm that asks, at the time when
 * it asks (of asking nothing else is looked at).  in_turn: as the turn under
 * way sees them (commit thread; freed before the turn ends), else as committed
 * (any thread).
 * The caller owns *out and frees it by consent_sieve_free(); it is NULL where
 * no rule has streams, which all functions take.  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status
consent_sieve_new(struct consent *consent, const struct consent_asking *asking,
                  const struct grant *grant, bool in_turn,
                  struct consent_sieve **out);

/* The same for a part of a request, as if the owner approved it now. */
VLT_MUST_USE enum vlt_status consent_sieve_part(struct consent *consent,
                                                const struct consent_firm *firm,
                                                const struct terms *part,
                                                int64_t now,
                                                struct consent_sieve **out);

/* May the bound stream of this name be given under item n? */
bool consent_gives(const struct consent_sieve *sieve, int n,
                   struct vlt_slice name);

/* Would it be bound, and not held, if the grant were born now? */
bool consent_binds(const struct consent_sieve *sieve, int n,
                   struct vlt_slice name);

void consent_sieve_free(struct consent_sieve *sieve);

#endif
