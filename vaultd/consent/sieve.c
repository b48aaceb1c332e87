#include "consent/sieve.h"

#include <stdlib.h>

#include "base/time.h"
#include "consent/granting_internal.h"

struct consent_sieve {
    const struct consent_set *held; /* NULL: the turn's, borrowed */
    const struct policy_set *set;
    struct policy_firm firm;
    bool by_rule;
    struct policy_decision decision;
};

enum vlt_status
consent_sieve_new(struct consent *consent, const struct consent_asking *asking,
                  const struct grant *grant, bool in_turn,
                  struct consent_sieve **out)
{
    const struct consent_set *held = in_turn ? NULL : consent_set_hold(consent);
    const struct policy_set *set = in_turn ? ledger_set_now(consent)->owned
                                   : held != NULL ? held->set
                                                  : NULL;
    struct policy_grant what = grant_as_asked(grant);
    struct consent_sieve *sieve;

    if (set != NULL && !policy_has_streams(set)) {
        consent_set_release(held);
        *out = NULL;
        return VLT_OK;
    }
    sieve = malloc(sizeof *sieve);
    if (sieve == NULL) {
        consent_set_release(held);
        return VLT_E_NOMEM;
    }
    sieve->held = held;
    sieve->set = set;
    sieve->firm = firm_facts(asking->firm);
    sieve->by_rule = grant->by_rule;
    /* What it decides on the atoms is wanted here, not whether it may. */
    (void)policy_decide_use(set, &sieve->firm, &what, asking->now,
                            &sieve->decision);
    *out = sieve;
    return VLT_OK;
}

enum vlt_status
consent_sieve_part(struct consent *consent, const struct consent_firm *firm,
                   const struct terms *part, int64_t now,
                   struct consent_sieve **out)
{
    int64_t start = vlt_floor_div(now, VLT_SECOND) * VLT_SECOND;
    struct grant grant = {
        .terms = *part,
        .nbf = start,
        .exp = start + part->common.life_s * VLT_SECOND,
        .by_rule = false,
    };

    struct consent_asking asking = { .firm = firm, .now = now };

    return consent_sieve_new(consent, &asking, &grant, false, out);
}

static enum policy_fate
fate_of(const struct consent_sieve *sieve, int n, struct vlt_slice name)
{
    for (size_t i = 0; i < sieve->decision.atom_count; i++) {
        if (sieve->decision.atoms[i].n == n) {
            return policy_stream_fate(sieve->set, &sieve->firm,
                                      &sieve->decision.atoms[i], sieve->by_rule,
                                      name);
        }
    }
    return POLICY_WITHHOLD;
}

bool
consent_gives(const struct consent_sieve *sieve, int n, struct vlt_slice name)
{
    if (sieve == NULL) {
        return true;
    }
    switch (fate_of(sieve, n, name)) {
    case POLICY_GIVE:
        return true;
    case POLICY_HOLD:
        return !sieve->by_rule;
    case POLICY_WITHHOLD:
        return false;
    }
    return false;
}

bool
consent_binds(const struct consent_sieve *sieve, int n, struct vlt_slice name)
{
    return sieve == NULL || fate_of(sieve, n, name) == POLICY_GIVE;
}

void
consent_sieve_free(struct consent_sieve *sieve)
{
    if (sieve != NULL) {
        consent_set_release(sieve->held);
        free(sieve);
    }
}
