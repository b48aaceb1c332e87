/*
 * policy_cut: what a set that comes in force withholds of grants that stay.
 *
 * A grant that ends is cut by its row of the lifecycle.  One of which a rule
 * with `streams` takes a stream away has no row; but what is queued of it, or
 * half written, may be of that stream.  Nor has one that its last use has
 * exhausted: it has ended already, and the pages of that use may be under way.
 */
#include <string.h>

#include "consent/sieve.h"
#include "service/guard_internal.h"
#include "service/policy_internal.h"

struct cutting {
    struct turn *turn;
    struct after **after;
    struct consent_facts facts;
    enum vlt_status st;
};

/* Is a stream bound that the set before let through, and this one does not? */
static bool
loses(const struct cutting *cutting, const struct grant *grant,
      const struct consent_sieve *before, const struct consent_sieve *now)
{
    struct series *series = cutting->turn->service->series;
    bool any = false;

    for (size_t i = 0; !any && i < grant->bound_count; i++) {
        const struct grant_bound *bound = &grant->bound[i];
        const struct stream *stream = series_by_id(series, bound->stream);

        if (stream != NULL) {
            struct vlt_slice name = vlt_slice_text(stream->name);

            any = !consent_gives(now, bound->n, name) &&
                  consent_gives(before, bound->n, name);
        }
        stream_release(stream);
    }
    return any;
}

/* false: with memory at an end, it is cut. */
static bool
stays(const struct cutting *cutting, const struct grant *grant,
      const struct consent_firm *firm)
{
    struct consent *consent = cutting->turn->service->consent;
    struct consent_asking asking = { .firm = firm, .now = cutting->turn->now };
    struct consent_sieve *before = NULL;
    struct consent_sieve *now = NULL;
    bool stays = false;

    if (consent_sieve_new(consent, &asking, grant, true, &now) == VLT_OK &&
        consent_sieve_new(consent, &asking, grant, false, &before) == VLT_OK) {
        stays = !loses(cutting, grant, before, now);
    }
    consent_sieve_free(before);
    consent_sieve_free(now);
    return stays;
}

/* May the pages of its last use go on, by the rules of now? */
static bool
rest_may(const struct cutting *cutting, const struct grant *grant,
         const struct consent_firm *firm)
{
    struct consent_asking asking = { .firm = firm,
                                     .free_of = grant->last_use_id,
                                     .now = cutting->turn->now };
    struct consent_use use;

    memcpy(asking.grant, grant->id, sizeof asking.grant);
    consent_may_now(cutting->turn->service->consent, &asking, &use);
    grant_release(use.grant);
    return use.no == CONSENT_YES;
}

static void
cut(struct cutting *cutting, enum after_kind kind, const struct grant *grant)
{
    if (after_add(cutting->turn, cutting->after, kind, grant->id) == NULL) {
        cutting->st = VLT_E_NOMEM;
    }
}

static bool
look_at(void *ctx, const struct grant *grant)
{
    struct cutting *cutting = ctx;
    bool rest = consent_has_rest(grant, cutting->turn->now);
    struct consent_firm firm;

    if ((!rest && !grant_shown_active(grant)) ||
        !cutting->facts.firm(cutting->facts.ctx, grant->firm, &firm)) {
        return true;
    }
    if (rest && !rest_may(cutting, grant, &firm)) {
        cut(cutting, AFTER_SILENCE, grant);
    } else if (!stays(cutting, grant, &firm)) {
        cut(cutting, AFTER_BREAK, grant);
    }
    return cutting->st == VLT_OK;
}

enum vlt_status
policy_carry(struct turn *turn, struct consent_changes *changes,
             struct after **after)
{
    struct cutting cutting = {
        .turn = turn, .after = after, .facts = noun_facts(turn), .st = VLT_OK
    };
    enum vlt_status st = guard_carry(turn, changes, after);

    if (st == VLT_OK) {
        st = consent_grants_now(turn->service->consent, look_at, &cutting);
    }
    return st == VLT_OK ? cutting.st : st;
}
