/*
 * bench_policy: what a decision costs.
 *
 *     bench_policy RULES DECISIONS
 *
 * A set of RULES rules (0 to 1000): of ten, six permit one firm each something,
 * two permit any firm, one asks, one denies.  DECISIONS (1 to 1000000) requests
 * of three items by firms of the set are decided and explained one by one.
 *
 *     decide_p50_ns, decide_p99_ns        the decision
 *     explain_p50_ns, explain_p99_ns      it, and its explanation as text
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "bench.h"
#include "engine/policy.h"
#include "text/policy_text.h"

enum {
    RULES_MAX = 1000,
    DECISIONS_MAX = 1000000,
    ITEMS = 3,
};

/* 2026-12-01 */
static const int64_t when = INT64_C(1796083200) * VLT_SECOND;

static uint64_t
draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static int
below(uint64_t *seed, int bound)
{
    return (int)(draw(seed) % (uint64_t)bound);
}

static void
name_firm(int number, uint8_t id[POLICY_FIRM_LEN])
{
    memset(id, 0, POLICY_FIRM_LEN);
    memcpy(id, &number, sizeof number);
}

static void
add_rule(struct policy_builder *builder, int number, uint64_t *seed)
{
    char name[POLICY_NAME];
    uint8_t firm[1][POLICY_FIRM_LEN];
    int kind = number % 10;
    struct policy_rule rule = {
        .name = name,
        .file = "bench.yaml",
        .line = number + 3,
        .column = 5,
        .effect = kind == 9   ? POLICY_EFFECT_DENY
                  : kind == 8 ? POLICY_EFFECT_ASK
                              : POLICY_EFFECT_PERMIT,
        .has_purposes = true,
        .has_data = true,
        .duties = policy_duties_unsaid(),
    };

    (void)snprintf(name, sizeof name, "rule-%04d", number);
    vocab_mask_add(&rule.purposes, below(seed, vocab_purposes()));
    vocab_mask_add(&rule.data, below(seed, vocab_categories()));
    if (kind < 6) {
        name_firm(number, firm[0]);
        rule.firms = (const uint8_t(*)[POLICY_FIRM_LEN])firm;
        rule.firm_count = 1;
        rule.has_purposes = false;
        rule.has_data = number % 2 == 0;
    }
    rule.written = 1U << TERMS_WINDOW;
    rule.caps.at[TERMS_WINDOW] = below(seed, 90) * 86400;
    if (policy_builder_add(builder, &rule) != VLT_OK) {
        bench_die("policy_builder_add", 0);
    }
}

static struct policy_set *
make_set(int rules, uint64_t *seed)
{
    struct policy_settings settings = { .home = vocab_country_find("GB", 2) };
    struct policy_builder *builder = NULL;
    struct policy_set *set = NULL;

    if (policy_builder_new(&settings, &builder) != VLT_OK) {
        bench_die("policy_builder_new", 0);
    }
    for (int i = 0; i < rules; i++) {
        add_rule(builder, i, seed);
    }
    if (policy_build(builder, &set) != VLT_OK) {
        bench_die("policy_build", 0);
    }
    return set;
}

static void
make_part(uint64_t *seed, struct terms *out)
{
    *out = (struct terms){ .purpose = below(seed, vocab_purposes()),
                           .basis = VOCAB_BY_CONSENT,
                           .item_count = ITEMS };
    out->common.action = VOCAB_READ;
    out->common.rate = (struct terms_rate){ 4, 86400 };
    out->common.uses = TERMS_UNLIMITED;
    out->common.life_s = 30 * 86400;
    out->common.where_count = 1;
    out->common.where[0] = vocab_country_find("GB", 2);
    for (int i = 0; i < ITEMS; i++) {
        out->items[i] =
            (struct terms_item){ .n = i + 1,
                                 .data = below(seed, vocab_categories()),
                                 .stats = 1,
                                 .bucket_s = 3600,
                                 .window_s = 30 * 86400 };
    }
}

static int
by_size(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;

    return (*left > *right) - (*left < *right);
}

static void
say(const char *what, int64_t *took, size_t count)
{
    qsort(took, count, sizeof *took, by_size);
    printf("%s_p50_ns\t%lld\n", what, (long long)took[count / 2]);
    printf("%s_p99_ns\t%lld\n", what, (long long)took[count * 99 / 100]);
}

int
main(int argc, char **argv)
{
    uint64_t seed = 20261201;

    if (argc != 3) {
        bench_die("usage: bench_policy RULES DECISIONS", 0);
    }
    int rules = (int)bench_number(argv, 1, 0, RULES_MAX);
    size_t count = (size_t)bench_number(argv, 2, 1, DECISIONS_MAX);
    struct policy_set *set = make_set(rules, &seed);
    struct policy_decision *decision = malloc(sizeof *decision);
    int64_t *decided = calloc(count, sizeof *decided);
    int64_t *explained = calloc(count, sizeof *explained);
    struct vlt_buf text = { 0 };

    if (decision == NULL || decided == NULL || explained == NULL) {
        bench_die("memory", 0);
    }
    for (size_t i = 0; i < count; i++) {
        struct policy_firm firm = { .confirmed = true };
        struct terms part;

        name_firm(rules > 0 ? below(&seed, rules) : 0, firm.id);
        make_part(&seed, &part);
        int64_t start = bench_now();

        policy_decide(set, &firm, &part, when, decision);
        decided[i] = bench_now() - start;
        vlt_buf_clear(&text);
        policy_text_explain(&text, set,
                            &(struct policy_asking){ &firm, &part, when, NULL },
                            decision, NULL);
        explained[i] = bench_now() - start;
    }
    say("decide", decided, count);
    say("explain", explained, count);
    vlt_buf_free(&text);
    free(decided);
    free(explained);
    free(decision);
    policy_set_free(set);
    return 0;
}
