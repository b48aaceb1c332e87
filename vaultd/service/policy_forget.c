/*
 * policy.forget: a rule that `deny --never` made is taken away again.
 */
#include <stdlib.h>

#include "service/policy_internal.h"
#include "json/json_write.h"

struct forget {
    char rule[POLICY_NAME];
    struct policy_never rest; /* the set without it */
};

enum vlt_status
policy_forget_check(struct call *call, struct vlt_walk *params)
{
    struct forget *forget = call_state(call, sizeof *forget);

    if (forget == NULL) {
        return VLT_E_NOMEM;
    }
    noun_copy(forget->rule, sizeof forget->rule,
              vlt_walk_text(params, "rule", 1, POLICY_NAME - 1));
    return VLT_OK;
}

void
policy_forget_clear(void *state)
{
    struct forget *forget = state;

    consent_policy_free(forget->rest.policy);
    free(forget);
}

enum vlt_status
policy_forget_prepare(struct call *call)
{
    struct forget *forget = call->state;
    enum vlt_status st;

    consent_policy_free(forget->rest.policy);
    forget->rest.policy = NULL;
    st = policy_never_drop(call->service, forget->rule, &forget->rest);
    if (st == VLT_E_NOT_FOUND) {
        return call_not_found(call, "rule", "rule that an answer made",
                              forget->rule);
    }
    return st;
}

enum vlt_status
policy_forget_commit(struct call *call, struct turn *turn)
{
    const struct forget *forget = call->state;
    struct consent *consent = call->service->consent;
    struct consent_changes changes = { .count = 0 };
    int64_t now = 0;
    enum vlt_status st = guard_now(turn, &now);

    if (st == VLT_OK &&
        consent_set_now(consent)->version != forget->rest.version) {
        call->job.again = true;
        return VLT_E_CONFLICT;
    }
    if (st == VLT_OK) {
        st = policy_force(turn, forget->rest.policy, &changes);
    }
    if (st == VLT_OK) {
        st = policy_carry(turn, &changes, &call->after);
    }
    consent_changes_free(&changes);
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        vlt_put_text(&json, "rule", forget->rule);
        vlt_put_uint(&json, "version", consent_set_now(consent)->version);
        vlt_put_end(&json);
    }
    return st;
}
