/*
 * policy_standing: how a grant stands, in words: what it hangs on, how it ended
 * and by whom, how often it was used, and what there is to do.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "consent/lifecycle.h"
#include "service/policy_internal.h"

/* ---- why ---- */

/* ", by your rule wait (home.yaml:3:5)" */
static void
put_ruled(struct vlt_buf *out, const struct grant *grant)
{
    vlt_buf_put_text(out, ", ");
    if (grant->ruled.len > 0) {
        vlt_text_put_escaped(out, grant->ruled);
    } else { /* it was not kept then */
        vlt_buf_put_text(out, "by the rules of then");
    }
}

/* Why what was given to a firm is no longer: it went as a whole. */
static const char *
parted(const struct firm *firm)
{
    return firm == NULL || firm->state == IDENTITY_FORGOTTEN
               ? ", as you blocked or forgot the firm"
           : firm->state == IDENTITY_BLOCKED
               ? ", as you blocked the firm"
               : ", as you confirmed another key of the firm";
}

static void
put_revoked(struct vlt_buf *out, const struct grant *grant,
            const struct firm *firm)
{
    switch (grant->state_by) {
    case CONSENT_BY_VAULT:
        put_ruled(out, grant);
        return;
    case CONSENT_BY_CLOCK:
        vlt_buf_put_text(out, ", as the agreement that its request names was "
                              "not recorded");
        return;
    case CONSENT_BY_OWNER:
    case CONSENT_BY_FIRM:
        break;
    }
    vlt_buf_put_text(out, parted(firm));
}

static void
put_over_by(struct vlt_buf *out, const struct grant *grant,
            enum consent_state state, const struct firm *firm)
{
    switch (state) {
    case CONSENT_EXPIRED:
        vlt_buf_put_text(out, ", as its time was over");
        return;
    case CONSENT_EXHAUSTED:
        vlt_buf_put_text(out, ", as its uses were spent");
        return;
    case CONSENT_REVOKED:
        put_revoked(out, grant, firm);
        return;
    case CONSENT_ENDED:
        vlt_buf_put_text(out, ", by the firm");
        return;
    case CONSENT_REPLACED:
        vlt_buf_put_text(out, ", by a newer grant");
        return;
    default:
        vlt_buf_put_text(out, ", by you");
        return;
    }
}

static void
put_paused_by(struct vlt_buf *out, const struct grant *grant)
{
    if (grant->suspended == 0 || grant->state_by == CONSENT_BY_OWNER) {
        vlt_buf_put_text(out, ", by you");
    } else if (grant->state_by == CONSENT_BY_VAULT) {
        put_ruled(out, grant);
    } else {
        vlt_buf_printf(out, ", as it was not used for %d days",
                       CONSENT_UNUSED_DAYS);
    }
}

void
policy_put_standing(struct vlt_buf *out, struct service *service,
                    const struct grant *grant, const struct firm *firm)
{
    enum consent_state state = noun_grant_state(service, grant, true);

    vlt_buf_printf(out, "it is %s", consent_state_word(state));
    if (state == CONSENT_SUSPENDED) {
        put_paused_by(out, grant);
    } else if (state != CONSENT_ACTIVE) {
        put_over_by(out, grant, state, firm);
        vlt_buf_put_text(out, ", since ");
        policy_put_time(out, grant_over(grant) ? grant->changed : grant->exp);
    }
}

/* ---- what there is to do ---- */

static void
put_command(struct vlt_buf *out, const char *command, const struct grant *grant)
{
    char text[VLT_ULID_TEXT];

    vlt_buf_printf(out, "`vaultctl grant %s %s`", command,
                   vlt_ulid_print(grant->id, text));
}

static void
put_suspended(struct vlt_buf *out, const struct grant *grant)
{
    bool ruled = grant->suspended != 0 && grant->state_by == CONSENT_BY_VAULT;

    vlt_buf_put_text(out, "this grant is suspended");
    put_paused_by(out, grant);
    vlt_buf_put_text(out, ", since ");
    policy_put_time(out, grant->suspended != 0 ? grant->suspended
                                               : grant->pause_from);
    vlt_buf_put_text(out, ", and gives nothing until ");
    if (grant->pause_until != 0) {
        policy_put_time(out, grant->pause_until);
        vlt_buf_put_text(out, ", when that ends by itself");
    } else {
        vlt_buf_put_text(out, "you resume it");
    }
    vlt_buf_put_text(out, grant->hidden ? " (the firm is not told)\n" : "\n");
    vlt_buf_put_text(out, "  to go on: ");
    put_command(out, "resume", grant);
    vlt_buf_put_text(out, ruled ? "; then it counts as given by you, and only "
                                  "a rule that denies ends it\n"
                                : "\n");
}

static void
put_over(struct vlt_buf *out, const struct grant *grant,
         enum consent_state state, const struct firm *firm)
{
    vlt_buf_printf(out, "this grant is %s", consent_state_word(state));
    put_over_by(out, grant, state, firm);
    vlt_buf_put_text(out, ", since ");
    policy_put_time(out, grant_over(grant) ? grant->changed : grant->exp);
    vlt_buf_put_text(out, ", and gives nothing\n");
}

static void
put_active(struct vlt_buf *out, const struct grant *grant)
{
    vlt_buf_put_text(out, "this grant is active until ");
    policy_put_time(out, grant->exp);
    if (grant->pause_from != 0) {
        vlt_buf_put_text(out, ", but will be suspended from ");
        policy_put_time(out, grant->pause_from);
        vlt_buf_put_text(out, " until ");
        if (grant->pause_until != 0) {
            policy_put_time(out, grant->pause_until);
        } else {
            vlt_buf_put_text(out, "you resume it");
        }
    }
    vlt_buf_put_text(out, "\n");
}

/* What its being in force hangs on.  One that was given by rules may be by hand
 * since. */
static void
put_born(struct vlt_buf *out, struct service *service,
         const struct grant *grant)
{
    const struct consent_set *set;

    if (!grant->by_rule) {
        vlt_buf_put_text(out, grant->rule_count > 0
                                  ? "  you resumed it: of the rules only one "
                                    "that denies ends it\n"
                                  : "  you gave it: of the rules only one "
                                    "that denies ends it\n");
        return;
    }
    if (grant->rule_count == 0) {
        vlt_buf_put_text(out, "  a rule offered it, which was gone when the "
                              "firm accepted\n");
        return;
    }
    set = consent_set_hold(service->consent);
    vlt_buf_put_text(out, "  it was given by ");
    for (size_t i = 0; i < grant->rule_count; i++) {
        const struct policy_rule *rule =
            set != NULL ? policy_rule_named(set->set, grant->rule[i].name)
                        : NULL;

        vlt_buf_put_text(out, i > 0 ? ", " : "");
        if (rule != NULL) {
            policy_put_rule(out, rule);
        } else {
            vlt_buf_put_text(out, grant->rule[i].name);
        }
    }
    consent_set_release(set);
    vlt_buf_put_text(out,
                     ", and ends sooner when no rule permits it any more\n");
}

static void
put_end(struct vlt_buf *out, const struct grant *grant)
{
    vlt_buf_put_text(out, "  to end it: ");
    put_command(out, "revoke", grant);
    vlt_buf_put_text(out, "\n");
}

/* ---- its uses ---- */

static void
put_uses(struct vlt_buf *out, const struct grant *grant)
{
    if (grant->use_seq == 0) {
        vlt_buf_put_text(out, "  it was never used\n");
        return;
    }
    if (grant->use_seq == 1) {
        vlt_buf_put_text(out, "  it was used once, on ");
    } else {
        vlt_buf_printf(out, "  it was used %" PRIu64 " times, last on ",
                       grant->use_seq);
    }
    policy_put_time(out, grant->last_use);
    vlt_buf_put_text(out, "\n");
}

static void
put_waiting(struct vlt_buf *out, struct service *service,
            const struct grant *grant)
{
    struct noun_waiting waiting = noun_waiting_uses(service, grant);

    if (waiting.count > 0) {
        vlt_buf_printf(out, "  %zu %s for your yes, since ", waiting.count,
                       waiting.count == 1 ? "use waits" : "uses wait");
        policy_put_time(out, waiting.since);
        vlt_buf_put_text(out, ": `vaultctl request list --uses`\n");
    }
}

void
policy_say_grant(struct vlt_buf *out, struct service *service,
                 const struct grant *grant)
{
    enum consent_state state = noun_grant_state(service, grant, true);
    const struct firm *firm =
        identity_firm_by_id(service->identity, grant->firm);

    policy_say_given(out, firm, grant);
    if (state == CONSENT_ACTIVE) {
        put_active(out, grant);
        put_born(out, service, grant);
        put_end(out, grant);
    } else if (state == CONSENT_SUSPENDED) {
        put_suspended(out, grant);
        put_end(out, grant);
    } else {
        put_over(out, grant, state, firm);
        policy_say_firm(out, firm);
    }
    put_uses(out, grant);
    if (state == CONSENT_ACTIVE) {
        put_waiting(out, service, grant);
    }
    firm_release(firm);
}
