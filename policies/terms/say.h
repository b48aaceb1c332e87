/*
 * say: terms in the vault's own words, for the owner.
 *
 * The firm's words are never mixed in.  Of its texts only names are shown: its
 * own, for whom it asks, to whom it passes data.  Each stands between « and »,
 * said to be its claim, with those two and whatever is not seen escaped.
 *
 * Pure.  Threads: any.
 */
#ifndef POLICIES_SAY_H
#define POLICIES_SAY_H

#include "base/buf.h"
#include "terms/terms.h"

/* Who asks, as the vault knows it. */
struct terms_asker {
    struct vlt_slice name;       /* the owner's short name for the firm */
    struct vlt_slice standing;   /* "confirmed 3 days ago, nothing overdue" */
    struct vlt_slice legal_name; /* a claim: of the request's controller */
    struct vlt_slice behalf;     /* a claim: for whom it asks; empty: itself */
    int behalf_country;          /* with behalf: as vocab_country() has it */
};

/*
 * The sentence: who asks for what, how fine, how late, how far back, how
 * often, how long and to what end; then what the firm promises.
 */
void terms_say(struct vlt_buf *out, const struct terms *terms,
               const struct terms_asker *asker);

/* What is granted, without who: "electricity used and fed in, as …". */
void terms_say_data(struct vlt_buf *out, const struct terms *terms);

/* "keeps each delivery 30 days, passes it to nobody, …". */
void terms_say_promises(struct vlt_buf *out, const struct terms *terms);

/* A firm's word as said above: "«BrightGrid Ltd»". */
void terms_put_claim(struct vlt_buf *out, struct vlt_slice text);

/* Seconds in words: "90 days", "one hour". */
void terms_say_duration(struct vlt_buf *out, int64_t seconds);

/* Each risk of the terms once, in a stable order. */
typedef void terms_risk_fn(void *ctx, const char *words);

void terms_risks(const struct terms *terms, terms_risk_fn *fn, void *ctx);

#endif
