/*
 * policy_world: sets, firms and parts of requests drawn at random, for the
 * tests of properties.  The seed is VAULT_TEST_SEED, and printed.
 */
#ifndef TESTS_POLICY_WORLD_H
#define TESTS_POLICY_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "engine/policy.h"
#include "requests.h"

enum {
    WORLD_RULES = 10,
    WORLD_FIRMS = 3,
};

static const int64_t world_now =
    INT64_C(1796083200) * VLT_SECOND; /* 2026-12-01 */

/* ---- drawing ---- */

static inline uint64_t
draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static inline int
below(uint64_t *seed, int bound)
{
    return (int)(draw(seed) % (uint64_t)bound);
}

static const char *const purposes[] = {
    "service",   "service.billing",    "service.repair", "personalise",
    "marketing", "marketing.targeted", "improve",        "sell.data",
};

static const char *const categories[] = {
    "energy",       "energy.electricity", "energy.gas",   "health",
    "health.heart", "location.precise",   "device.state", "finance.balance",
};

static inline int
a_purpose(uint64_t *seed)
{
    const char *id = purposes[below(seed, 8)];

    return vocab_purpose_find(id, strlen(id));
}

static inline int
a_category(uint64_t *seed)
{
    const char *id = categories[below(seed, 8)];

    return vocab_category_find(id, strlen(id));
}

static const uint8_t firms[WORLD_FIRMS][POLICY_FIRM_LEN] = { { 1 },
                                                             { 2 },
                                                             { 3 } };

static inline void
write_cap(struct policy_rule *rule, enum terms_axis axis, int64_t value)
{
    rule->written |= 1U << axis;
    rule->caps.at[axis] = value;
}

/* Some of the other caps, with values as a file may hold them. */
static inline void
more_caps(uint64_t *seed, struct policy_rule *rule)
{
    static const struct vlt_slice names[] = {
        { (const uint8_t *)"Post \"Ltd\"", 10 },
        { (const uint8_t *)"Bills", 5 },
    };

    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_ACTION, below(seed, 7) + 1);
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_ROUND, (below(seed, 5) + 1) * 250000000);
        rule->caps.length = below(seed, 2) == 0;
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_DELAY, below(seed, 3) * 86400);
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_EVERY, below(seed, 20) + 1);
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_RATE, below(seed, 30));
        rule->caps.per_s = rule->caps.at[TERMS_RATE] == 0 ? 0
                           : below(seed, 2) == 0          ? 86400
                                                          : 604800;
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_USES,
                  below(seed, 3) == 0 ? TERMS_UNLIMITED : below(seed, 9) + 1);
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_LIFE, (below(seed, 365) + 1) * 86400);
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_KEEP, below(seed, 40) * 86400);
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_BASIS, below(seed, 127) + 1);
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_PROFILING, below(seed, 3));
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_TRAINING, below(seed, 2));
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_WHERES, 0);
        terms_places_add(&rule->caps.where, vocab_country_find("NO", 2));
        terms_places_add_home(&rule->caps.where, vocab_country_find("DE", 2));
    }
    if (below(seed, 4) == 0) {
        write_cap(rule, TERMS_ONWARDS, below(seed, 3));
        rule->caps.names = names;
        rule->caps.name_count =
            rule->caps.at[TERMS_ONWARDS] == TERMS_ONWARD_NAMES ? 2 : 0;
    }
}

/* A rule; its name must be set by the caller. */
static inline struct policy_rule
a_rule(uint64_t *seed)
{
    static const enum policy_effect effects[] = {
        POLICY_EFFECT_PERMIT, POLICY_EFFECT_PERMIT, POLICY_EFFECT_PERMIT,
        POLICY_EFFECT_ASK, POLICY_EFFECT_DENY
    };
    static const int64_t buckets[] = { 0, 60, 900, 3600, 86400 };
    struct policy_rule rule = { .effect = effects[below(seed, 5)],
                                .file = "a.yaml",
                                .duties = policy_duties_unsaid() };

    if (below(seed, 2) == 0) {
        rule.firms = &firms[below(seed, WORLD_FIRMS)];
        rule.firm_count = 1;
    }
    for (int i = below(seed, 3); i > 0; i--) {
        rule.has_purposes = true;
        vocab_mask_add(&rule.purposes, a_purpose(seed));
    }
    for (int i = below(seed, 3); i > 0; i--) {
        rule.has_data = true;
        vocab_mask_add(&rule.data, a_category(seed));
    }
    if (below(seed, 2) == 0) {
        rule.written |= 1U << TERMS_DETAIL;
        rule.caps.at[TERMS_DETAIL] = buckets[below(seed, 5)];
        rule.caps.stats = (unsigned)below(seed, 127) + 1;
    }
    if (below(seed, 3) == 0) {
        rule.written |= 1U << TERMS_WINDOW;
        rule.caps.at[TERMS_WINDOW] = below(seed, 3) * 30 * 86400 - 1;
    }
    if (below(seed, 3) == 0) {
        rule.written |= 1U << TERMS_UNTIL;
        rule.caps.at[TERMS_UNTIL] =
            world_now + (below(seed, 100) - 10) * VLT_DAY;
    }
    if (below(seed, 3) == 0) {
        more_caps(seed, &rule);
    }
    rule.duties.min_readings = below(seed, 5) + 1;
    rule.duties.show_names = below(seed, 3) == 0;
    rule.duties.ask_each = below(seed, 4) == 0;
    rule.duties.notify = (enum policy_notify)below(seed, 4);
    return rule;
}

struct world {
    size_t count;
    char names[WORLD_RULES + 1][POLICY_NAME];
    struct policy_rule rules[WORLD_RULES + 1];
    bool default_deny;
    struct policy_firm firm;
    struct terms part;
};

static inline struct terms
a_part(uint64_t *seed)
{
    struct terms_request r = brightgrid_request();
    struct terms part;

    terms_part(&r, 0, &part);
    part.purpose = a_purpose(seed);
    part.common.life_s = (below(seed, 3) + 1) * 30 * 86400;
    part.item_count = (unsigned)below(seed, 3) + 1;
    for (size_t i = 0; i < part.item_count; i++) {
        static const int64_t buckets[] = { 900, 3600, 86400, 604800 };

        part.items[i] = part.items[0];
        part.items[i].n = (int)i + 1;
        part.items[i].data = a_category(seed);
        part.items[i].raw = below(seed, 8) == 0;
        part.items[i].stats = 1U << below(seed, 7);
        part.items[i].bucket_s = buckets[below(seed, 4)];
        part.items[i].window_s = below(seed, 4) * 30 * 86400 - 1;
        part.items[i].needed = below(seed, 4) == 0;
    }
    return part;
}

static inline struct world
a_world(uint64_t *seed)
{
    struct world world = { .count = (size_t)below(seed, WORLD_RULES) };

    for (size_t i = 0; i <= world.count; i++) {
        snprintf(world.names[i], POLICY_NAME, "rule-%02d-%zu", below(seed, 100),
                 i);
        world.rules[i] = a_rule(seed);
    }
    world.default_deny = below(seed, 2) == 0;
    memcpy(world.firm.id, firms[below(seed, WORLD_FIRMS)], POLICY_FIRM_LEN);
    world.firm.confirmed = below(seed, 8) != 0;
    world.part = a_part(seed);
    return world;
}

/* ---- sets ---- */

/* The set of the rules that keep says, in this or the other order. */
static inline struct policy_set *
set_of(const struct world *world, uint32_t keep, bool backwards)
{
    struct policy_settings settings = { .default_deny = world->default_deny,
                                        .home = vocab_country_find("GB", 2) };
    struct policy_builder *builder = NULL;
    struct policy_set *set = NULL;

    assert_int_equal(policy_builder_new(&settings, &builder), VLT_OK);
    for (size_t i = 0; i <= world->count; i++) {
        size_t at = backwards ? world->count - i : i;
        struct policy_rule rule = world->rules[at];

        rule.name = world->names[at];
        if ((keep >> at & 1) != 0) {
            assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
        }
    }
    assert_int_equal(policy_build(builder, &set), VLT_OK);
    return set;
}

/* All but the last, which is for adding. */
static inline uint32_t
without_last(const struct world *world)
{
    return (1U << world->count) - 1;
}

static inline uint32_t
with_last(const struct world *world)
{
    return (1U << (world->count + 1)) - 1;
}

static inline uint64_t
first_seed(void)
{
    const char *text = getenv("VAULT_TEST_SEED");
    uint64_t seed = text == NULL ? 20261201 : strtoull(text, NULL, 10);

    print_message("VAULT_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed * 2654435761U + 1;
}

#endif
