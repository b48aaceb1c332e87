#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "engine/policy.h"
#include "engine/set_internal.h"

enum {
    FIRST_ROOM = 16, /* rules, before it grows */
};

/* A rule, and the block that its texts and firms lie in. */
struct added {
    struct policy_rule rule;
    void *block; /* owned */
};

struct policy_builder {
    struct policy_settings settings;
    struct terms_limits unsaid; /* the caps of a permit that writes none */
    size_t count;
    size_t room;
    struct added *rules; /* owned */
};

/* The builder's rules are moved about by number while they are sorted. */
struct order {
    const char *name;
    size_t index;
};

enum vlt_status
policy_builder_new(const struct policy_settings *settings,
                   struct policy_builder **out)
{
    struct policy_builder *builder = calloc(1, sizeof *builder);

    if (builder == NULL) {
        return VLT_E_NOMEM;
    }
    builder->settings = *settings;
    terms_caps_unsaid(settings->home, &builder->unsaid);
    *out = builder;
    return VLT_OK;
}

void
policy_builder_free(struct policy_builder *builder)
{
    if (builder == NULL) {
        return;
    }
    for (size_t i = 0; i < builder->count; i++) {
        free(builder->rules[i].block);
    }
    free(builder->rules);
    free(builder);
}

void
policy_builder_settle(struct policy_builder *builder,
                      const struct policy_settings *settings)
{
    assert(settings->home == builder->settings.home);
    builder->settings = *settings;
}

const struct policy_rule *
policy_builder_find(const struct policy_builder *builder, const char *name)
{
    for (size_t i = 0; i < builder->count; i++) {
        if (strcmp(builder->rules[i].rule.name, name) == 0) {
            return &builder->rules[i].rule;
        }
    }
    return NULL;
}

static enum vlt_status
grow(struct policy_builder *builder)
{
    size_t room = builder->room == 0 ? FIRST_ROOM : builder->room * 2;
    struct added *rules;

    if (builder->count < builder->room) {
        return VLT_OK;
    }
    rules = realloc(builder->rules, room * sizeof *rules);
    if (rules == NULL) {
        return VLT_E_NOMEM;
    }
    builder->rules = rules;
    builder->room = room;
    return VLT_OK;
}

/* Add without asking how many there are, or for the name. */
static enum vlt_status
append(struct policy_builder *builder, const struct policy_rule *rule)
{
    enum vlt_status st = grow(builder);

    if (st != VLT_OK) {
        return st;
    }
    struct added *added = &builder->rules[builder->count];

    st = set_copy_rule(rule, &added->rule, &added->block);
    if (st == VLT_OK) {
        builder->count++;
    }
    return st;
}

/* A permit's caps: what is not written gets its default. */
static void
fill_caps(const struct policy_rule *rule, const struct terms_limits *unsaid,
          struct terms_limits *out)
{
    *out = *unsaid;
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((rule->written >> axis & 1) != 0) {
            out->at[axis] = rule->caps.at[axis];
        }
    }
    if ((rule->written >> TERMS_DETAIL & 1) != 0) {
        out->stats = rule->caps.stats;
    }
    if ((rule->written >> TERMS_ROUND & 1) != 0) {
        out->length = rule->caps.length;
    }
    if ((rule->written >> TERMS_RATE & 1) != 0) {
        out->per_s = rule->caps.per_s;
    }
    if ((rule->written >> TERMS_WHERES & 1) != 0) {
        out->where = rule->caps.where;
    }
    if ((rule->written >> TERMS_ONWARDS & 1) != 0) {
        out->names = rule->caps.names;
        out->name_count = rule->caps.name_count;
    }
}

enum vlt_status
policy_builder_add(struct policy_builder *builder,
                   const struct policy_rule *rule)
{
    struct policy_rule filled = *rule;

    if (policy_builder_find(builder, rule->name) != NULL) {
        return VLT_E_CONFLICT;
    }
    if (builder->count >= POLICY_RULES) {
        return VLT_E_LIMIT;
    }
    fill_caps(rule, &builder->unsaid, &filled.caps);
    return append(builder, &filled);
}

/* ---- the vault's own rules ---- */

static enum vlt_status
add_builtin(struct policy_builder *builder, const char *name,
            enum policy_effect effect)
{
    struct policy_rule rule = { .name = name,
                                .effect = effect,
                                .file = "",
                                .duties = policy_duties_unsaid() };

    if (strcmp(name, "builtin.gpc") == 0) {
        rule.has_purposes = true;
        vocab_mask_add(&rule.purposes, vocab_purpose_find("sell", 4));
        vocab_mask_add(&rule.purposes,
                       vocab_purpose_find("marketing.targeted", 18));
    }
    rule.caps = builder->unsaid;
    return append(builder, &rule);
}

static enum vlt_status
add_builtins(struct policy_builder *builder)
{
    const struct {
        const char *name;
        enum policy_effect effect;
    } builtins[] = {
        { "builtin.gpc", POLICY_EFFECT_DENY },
        { "builtin.overdue", builder->settings.overdue_deny
                                 ? POLICY_EFFECT_DENY
                                 : POLICY_EFFECT_ASK },
        { "builtin.quiet", POLICY_EFFECT_DENY },
        { "builtin.two-details", POLICY_EFFECT_ASK },
        { "builtin.unconfirmed", POLICY_EFFECT_DENY },
    };
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < sizeof builtins / sizeof builtins[0];
         i++) {
        bool off = builder->settings.gpc_off &&
                   strcmp(builtins[i].name, "builtin.gpc") == 0;

        st = off ? VLT_OK
                 : add_builtin(builder, builtins[i].name, builtins[i].effect);
    }
    return st;
}

/* ---- compiling ---- */

static int
by_name(const void *a, const void *b)
{
    const struct order *left = a;
    const struct order *right = b;

    return strcmp(left->name, right->name);
}

static int
by_firm(const void *a, const void *b)
{
    const struct set_entry *left = a;
    const struct set_entry *right = b;
    int order = memcmp(left->firm, right->firm, POLICY_FIRM_LEN);

    return order != 0 ? order : left->rule - right->rule;
}

/* Room for count things of this size; never NULL for none. */
static void *
room_for(size_t count, size_t size)
{
    return calloc(count > 0 ? count : 1, size);
}

/* Move the builder's rules into the set, in the order of their names. */
static enum vlt_status
move_rules(struct policy_builder *builder, struct policy_set *set)
{
    struct order *order = room_for(builder->count, sizeof *order);

    set->rules = room_for(builder->count, sizeof *set->rules);
    set->blocks = room_for(builder->count, sizeof *set->blocks);
    if (order == NULL || set->rules == NULL || set->blocks == NULL) {
        free(order);
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < builder->count; i++) {
        order[i] = (struct order){ builder->rules[i].rule.name, i };
    }
    qsort(order, builder->count, sizeof *order, by_name);
    for (size_t i = 0; i < builder->count; i++) {
        set->rules[i] = builder->rules[order[i].index].rule;
        set->blocks[i] = builder->rules[order[i].index].block;
    }
    set->count = builder->count;
    builder->count = 0; /* the set owns the blocks now */
    free(order);
    return VLT_OK;
}

/* By firm; the bits of match.c are made when all is in place. */
static enum vlt_status
index_rules(struct policy_set *set)
{
    size_t named = 0;

    for (size_t i = 0; i < set->count; i++) {
        named += set->rules[i].firm_count;
    }
    set->entries = room_for(named, sizeof *set->entries);
    if (set->entries == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < set->count; i++) {
        const struct policy_rule *rule = &set->rules[i];

        for (size_t f = 0; f < rule->firm_count; f++) {
            set->entries[set->entry_count++] =
                (struct set_entry){ vlt_load_be64(rule->firms[f]),
                                    rule->firms[f], (uint16_t)i };
        }
    }
    if (set->entry_count > 0) {
        qsort(set->entries, set->entry_count, sizeof *set->entries, by_firm);
    }
    return set_index(set);
}

enum vlt_status
policy_build(struct policy_builder *builder, struct policy_set **out)
{
    struct policy_set *set = calloc(1, sizeof *set);
    enum vlt_status st = set == NULL ? VLT_E_NOMEM : add_builtins(builder);

    if (st != VLT_OK) {
        goto done;
    }
    set->settings = builder->settings;
    set->unsaid = builder->unsaid;
    st = move_rules(builder, set);
    if (st != VLT_OK) {
        goto done;
    }
    st = index_rules(set);
    if (st != VLT_OK) {
        goto done;
    }
    *out = set;
    set = NULL;

done:
    policy_set_free(set);
    policy_builder_free(builder);
    return st;
}
