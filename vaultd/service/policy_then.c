/*
 * policy_then: what came of a part of a request when it was decided, and what
 * would come now beside that.
 */
#include <string.h>

#include "service/policy_internal.h"

/* ---- then ---- */

/* What the rules said of a part: what was not given by them was asked, unless
 * they denied it. */
static enum policy_outcome
outcome_of(const struct consent_part *part, const struct grant *grant)
{
    bool by_rule = grant != NULL && grant->rule_count > 0;

    return policy_part_ruled_out(part)                       ? POLICY_DENY
           : part->offered != NULL && !part->offered_by_hand ? POLICY_OFFER
           : by_rule                                         ? POLICY_PERMIT
                                                             : POLICY_ASK;
}

enum vlt_status
policy_then_take(struct service *service, const struct consent_request *request,
                 size_t at, struct policy_then *then)
{
    const struct consent_part *part = &request->part[at];
    const struct grant *grant =
        consent_grant_find(service->consent, part->grant);

    *then = (struct policy_then){ .purpose = part->purpose };
    then->waits = consent_part_waits(request, at, service_effective(service));
    then->pending = part->state == CONSENT_PENDING_STATE;
    then->given =
        part->state == CONSENT_ACTIVE || part->state == CONSENT_SUSPENDED;
    vlt_buf_init(&then->decided, 0);
    vlt_buf_init(&then->beside_by, 0);
    vlt_buf_put_slice(&then->decided, part->decided);
    then->outcome = outcome_of(part, grant);
    then->has_items = grant != NULL || part->state <= CONSENT_COUNTERED;
    then->left_out = grant != NULL && grant->rule_count > 0 ? part->left_out
                                                            : part->ruled_out;
    grant_release(grant);
    return vlt_buf_status(&then->decided);
}

void
policy_then_free(struct policy_then *then)
{
    vlt_buf_free(&then->decided);
    vlt_buf_free(&then->beside_by);
}

/* ---- and now ---- */

/* ": energy.heat too", ": without energy.gas": that would be given and were
 * not, or the reverse. */
static void
put_items(struct vlt_buf *out, const struct policy_then *then,
          const struct policy_decision *decision)
{
    const char *between = ", but for other items: ";

    for (size_t i = 0; then->has_items && i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];
        const struct vocab_node *data = vocab_category(atom->data);

        if (data != NULL &&
            (then->left_out >> (atom->n - 1) & 1) != atom->left_out) {
            vlt_buf_printf(out, "%s%s%s%s", between,
                           atom->left_out ? "without " : "", data->id,
                           atom->left_out ? "" : " too");
            between = ", ";
        }
    }
}

static const char *
outcome_done(enum policy_outcome outcome)
{
    static const char *const words[] = {
        [POLICY_PERMIT] = "permitted",
        [POLICY_OFFER] = "offered less",
        [POLICY_ASK] = "put before you",
        [POLICY_DENY] = "denied",
    };

    return words[outcome];
}

/* ", as that time, when it was by your rule bill": beside what came then. */
static enum vlt_status
put_beside(struct vlt_buf *out, const struct policy_then *then,
           const struct policy_set *set, const struct policy_decision *decision)
{
    struct vlt_buf now;
    enum vlt_status st;

    if (then == NULL || then->decided.len == 0) {
        return VLT_OK;
    }
    vlt_buf_init(&now, 0);
    policy_text_decided(&now, set, decision);
    st = vlt_buf_status(&now);
    if (then->outcome != decision->outcome) {
        vlt_buf_printf(out, "; that time it was %s",
                       outcome_done(then->outcome));
    } else {
        vlt_buf_put_text(out, ", as that time");
        if (!policy_same_words(vlt_buf_slice(&then->decided),
                               vlt_buf_slice(&now))) {
            vlt_buf_put_text(out, ", when it was by ");
            vlt_buf_put_slice(out, vlt_buf_slice(&then->decided));
        }
    }
    vlt_buf_free(&now);
    if (decision->outcome != POLICY_DENY) {
        put_items(out, then, decision);
    }
    return st;
}

/* Does what denies it keep the owner from approving it?  What the firm has not
 * said that it deleted, alone, does not. */
static bool
keeps_from_approval(const struct policy_set *set,
                    const struct policy_decision *decision)
{
    bool keeps = false;

    for (size_t i = 0; i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];
        bool denied = atom->outcome == POLICY_DENY;

        keeps = keeps || (denied && atom->by_default);
        for (size_t j = 0; denied && j < atom->rule_count; j++) {
            const char *name = policy_rule_at(set, atom->rules[j])->name;

            keeps = keeps || strcmp(name, "builtin.overdue") != 0;
        }
    }
    return decision->outcome == POLICY_DENY && keeps;
}

enum vlt_status
policy_put_then(struct vlt_buf *out, const struct policy_then *then,
                const struct policy_set *set, int purpose,
                const struct policy_decision *decision)
{
    bool waits = then != NULL && then->waits;
    enum vlt_status st;

    vlt_buf_put_text(out, waits ? "decided now, " : "asked again now, ");
    vlt_buf_printf(out, "%s would be ", vocab_purpose(purpose)->id);
    if (then != NULL && then->beside_by.len > 0 &&
        then->beside != decision->outcome) {
        vlt_buf_printf(out, "%s, by ", outcome_done(then->beside));
        vlt_buf_put_slice(out, vlt_buf_slice(&then->beside_by));
        vlt_buf_put_text(out, "\nif what it was given had ended, it would be ");
    }
    vlt_buf_put_text(out, outcome_done(decision->outcome));
    st = put_beside(out, then, set, decision);
    vlt_buf_put_text(out, waits && then->pending &&
                                  keeps_from_approval(set, decision)
                              ? "; it cannot be approved while that is so\n"
                              : "\n");
    return st;
}
