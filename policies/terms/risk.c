#include "terms/say.h"

#include <string.h>

enum {
    HOUR = 3600,
};

#define KILOMETRE (INT64_C(1000) * INT64_C(1000000000))
#define YEAR (INT64_C(365) * 86400)

static bool
item_risks(const struct terms_item *item, const struct vocab_risk *risk)
{
    const struct vocab_node *node = vocab_category(item->data);

    if (node == NULL || !vocab_mask_meets(node->within, risk->categories)) {
        return false;
    }
    switch (risk->when) {
    case VOCAB_ALWAYS:
        return true;
    case VOCAB_WHEN_FINER:
        return item->raw || item->bucket_s < HOUR;
    case VOCAB_WHEN_RAW:
        return item->raw;
    case VOCAB_WHEN_UNROUNDED:
        return item->round.nano < KILOMETRE;
    }
    return true;
}

static bool
any_item_risks(const struct terms *terms, const struct vocab_risk *risk)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        if (item_risks(&terms->items[i], risk)) {
            return true;
        }
    }
    return false;
}

/* Were the same words told for an earlier row? */
static bool
told(const struct terms *terms, size_t row)
{
    for (size_t i = 0; i < row; i++) {
        if (strcmp(vocab_risk(i)->words, vocab_risk(row)->words) == 0 &&
            any_item_risks(terms, vocab_risk(i))) {
            return true;
        }
    }
    return false;
}

static bool
live_explicit(const struct terms *terms)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        if (terms->common.action == VOCAB_LIVE &&
            terms_explicit(VOCAB_NONE, terms->items[i].data)) {
            return true;
        }
    }
    return false;
}

static bool
long_past(const struct terms *terms)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        if (terms->items[i].window_s > YEAR) {
            return true;
        }
    }
    return false;
}

static bool
cannot_be_undone(const struct terms *terms)
{
    const struct terms_common *common = &terms->common;
    bool controller = false;

    for (size_t i = 0; i < common->onward_count; i++) {
        controller = controller || common->onward[i].controller;
    }
    return controller || common->profiling == VOCAB_PROFILING_ANY ||
           common->training || common->gatekeeper;
}

void
terms_risks(const struct terms *terms, terms_risk_fn *fn, void *ctx)
{
    for (size_t i = 0; vocab_risk(i) != NULL; i++) {
        if (any_item_risks(terms, vocab_risk(i)) && !told(terms, i)) {
            fn(ctx, vocab_risk(i)->words);
        }
    }
    if (live_explicit(terms)) {
        fn(ctx, "Shows it while it happens.");
    }
    if (long_past(terms)) {
        fn(ctx, "Gives a long past, not only the future.");
    }
    if (cannot_be_undone(terms)) {
        fn(ctx, "Cannot be undone by revoking.");
    }
}
