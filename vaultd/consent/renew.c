/*
 * renew: the owner prolongs a grant (lifecycle.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/granting_internal.h"
#include "consent/lifecycle.h"
#include "crypto/random.h"

/* As an approval: no deny rule may match. */
static enum vlt_status
check_rules(struct consent *consent, const struct grant *grant,
            const struct consent_renewal *renewal, struct vlt_buf *why)
{
    const struct policy_set *set = ledger_set_now(consent)->owned;
    struct policy_firm firm = firm_facts(renewal->firm);
    struct policy_decision *decision = consent->decision;

    (void)policy_decide(set, &firm, &grant->terms, renewal->at.now, decision);
    for (size_t i = 0; i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];

        if (atom->outcome == POLICY_DENY && atom->rule_count > 0) {
            const struct policy_rule *rule =
                policy_rule_at(set, atom->rules[0]);

            vlt_buf_printf(why, "The deny rule '%s' (%s:%d) forbids it.",
                           rule->name, rule->file, rule->line);
            return VLT_E_CONFLICT;
        }
    }
    return VLT_OK;
}

static enum vlt_status
check_renewal(struct consent *consent, const struct grant *grant,
              const struct consent_renewal *renewal, struct vlt_buf *why)
{
    int64_t early = CONSENT_RENEW_DAYS * VLT_DAY;

    if (grant_over(grant) || renewal->at.now >= grant->exp) {
        vlt_buf_printf(why, "Only a grant that is in force can be renewed.");
        return VLT_E_CONFLICT;
    }
    if (renewal->at.now < grant->exp - early) {
        vlt_buf_printf(why,
                       "It can be renewed in the %d days before its end, not "
                       "earlier.",
                       CONSENT_RENEW_DAYS);
        return VLT_E_CONFLICT;
    }
    return check_rules(consent, grant, renewal, why);
}

/* The successor: the same terms, counted anew. */
static void
make_successor(struct consent *consent, struct grant_box *copy, int64_t now)
{
    const struct set_box *set = ledger_set_now(consent);
    struct grant *grant = &copy->grant;

    grant->renews = true;
    memcpy(grant->prev, grant->id, VLT_ID_LEN);
    vlt_ulid_new(now, grant->id);
    grant->terms_version = 1;
    grant->nbf = vlt_floor_div(now, VLT_SECOND) * VLT_SECOND;
    grant->exp = grant->nbf + grant->terms.common.life_s * VLT_SECOND;
    grant->uses_left = grant->terms.common.uses;
    grant->by_rule = false;
    grant->state = CONSENT_ACTIVE;
    grant->state_by = CONSENT_BY_OWNER;
    grant->suspended = 0; /* but when it was to be, it is */
    grant->changed = now;
    grant->use_seq = 0;
    grant->last_use = 0;
    grant->told_seq = 0;
    grant->told = 0;
    memset(grant->last_use_id, 0, VLT_ID_LEN);
    grant->receipt_seq = 0;
    memset(grant->last_receipt, 0, sizeof grant->last_receipt);
    grant->event_seq = 0;
    grant->countersigned = 0;
    grant->stated = 0;
    grant->demanded = 0;
    grant->demanded_first = 0;
    grant->demanded_at = 0;
    grant->demanded_by = 0;
    grant->asked = 0;
    grant->asked_by = 0;
    grant->overdue_told = false;
    grant->kept_count = 0;
    grant->exception_count = 0;
    grant->acks = 0;
    grant->acked = 0;
    grant->policy_version = set->set.version;
    memcpy(grant->policy_hash, set->set.hash, sizeof grant->policy_hash);
    vlt_random(grant->policy_salt, sizeof grant->policy_salt);
}

enum vlt_status
consent_renew(struct consent *consent, struct store_txn *txn,
              const struct consent_renewal *renewal, struct vlt_buf *why,
              struct consent_changes *changes)
{
    static const struct ending replaced = { CONSENT_REPLACED,
                                            CONSENT_EV_REPLACED,
                                            CONSENT_BY_OWNER, ROW_REPLACED };
    static const struct ending renewed = { CONSENT_ACTIVE, CONSENT_EV_RENEWED,
                                           CONSENT_BY_OWNER, ROW_REPLACED };
    struct grant_box *box = ledger_grant(consent, renewal->at.grant, true);
    struct grant_box *copy = NULL;
    enum vlt_status st;

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    st = check_renewal(consent, &box->grant, renewal, why);
    if (st == VLT_OK) {
        copy = grant_box_copy(box);
        st = copy != NULL ? end_grant(consent, txn, box, &replaced,
                                      renewal->at.now, changes)
                          : VLT_E_NOMEM;
    }
    if (st == VLT_OK) {
        make_successor(consent, copy, renewal->at.now);
        st =
            alter_grant(consent, txn, copy, &renewed, renewal->at.now, changes);
    }
    /* To prolong is not to resume. */
    if (st == VLT_OK && box->grant.state == CONSENT_SUSPENDED) {
        st = suspend_successor(consent, txn, copy, &box->grant, renewal->at.now,
                               changes);
    }
    grant_release(&box->grant);
    grant_release(copy != NULL ? &copy->grant : NULL);
    return st;
}
