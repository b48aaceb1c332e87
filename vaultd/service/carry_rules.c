/*
 * carry_rules: by which rules a row of the lifecycle was taken.
 */
#include <stdlib.h>
#include <string.h>

#include "service/carry_internal.h"
#include "service/policy_internal.h"
#include "json/json_write.h"

static void
put_born(struct vlt_json_out *json, const struct grant *grant)
{
    for (size_t i = 0; i < grant->rule_count; i++) {
        vlt_put_text(json, NULL, grant->rule[i].name);
    }
}

/* Those that were told already. */
struct acting {
    size_t count;
    uint16_t rules[CONSENT_RULES];
};

static bool
is_told(const struct acting *acting, uint16_t number)
{
    for (size_t i = 0; i < acting->count; i++) {
        if (acting->rules[i] == number) {
            return true;
        }
    }
    return acting->count == CONSENT_RULES; /* the first of them say enough */
}

static void
put_one(struct vlt_json_out *json, const struct policy_set *set,
        struct acting *acting, uint16_t number)
{
    const struct policy_rule *rule = policy_rule_at(set, number);

    if (rule->effect != POLICY_EFFECT_PERMIT && !is_told(acting, number)) {
        vlt_put_text(json, NULL, rule->name);
        acting->rules[acting->count++] = number;
    }
}

/* The deny or ask that acted; none where only no rule permits it any more. */
static void
put_acting(struct vlt_json_out *json, const struct policy_set *set,
           const struct policy_decision *decision)
{
    struct acting acting = { .count = 0 };

    for (size_t i = 0; i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];

        for (size_t j = 0; j < atom->rule_count; j++) {
            put_one(json, set, &acting, atom->rules[j]);
        }
    }
}

static void
put_now(const struct carrying *carrying, struct vlt_json_out *json)
{
    const struct grant *grant = carrying->change->grant;
    struct turn *turn = carrying->turn;
    const struct policy_set *set = consent_set_now(turn->service->consent)->set;
    struct policy_firm firm = policy_firm_of(carrying->firm);
    struct policy_grant what = grant_as_asked(grant);
    struct policy_decision *decision = malloc(sizeof *decision);

    if (decision != NULL) {
        (void)policy_decide_use(set, &firm, &what, turn->now, decision);
        put_acting(json, set, decision);
        free(decision);
    } /* else the entry names none, and is there all the same */
}

void
carry_put_rules(const struct carrying *carrying, struct vlt_json_out *json)
{
    const struct consent_change *change = carrying->change;

    vlt_put_list(json, "rules");
    if (change->row == ROW_HELD_UP && change->decision != NULL) {
        put_acting(json, consent_set_now(carrying->turn->service->consent)->set,
                   change->decision);
    } else if (change->row == ROW_HELD_UP || change->row == ROW_OVERRULED) {
        put_now(carrying, json);
    } else {
        put_born(json, change->grant);
    }
    vlt_put_end(json);
}
