#include <inttypes.h>

#include "terms/lint_internal.h"

/* A request beyond a floor is malformed (LANGUAGE.md, 5). */

static struct lint_place
at_item(size_t i, const char *member)
{
    return (struct lint_place){ "items", (int)i, member };
}

static void
check_floor_purposes(struct lint *lint, size_t i,
                     const struct vocab_floor *floor)
{
    const struct terms_request *request = lint->request;

    if (vocab_mask_empty(floor->purposes)) {
        return;
    }
    for (size_t p = 0; p < request->purpose_count; p++) {
        const struct vocab_node *node = vocab_purpose(request->purposes[p].id);

        if (node != NULL && terms_item_for(request, i, p) &&
            !vocab_mask_has(floor->purposes, node->bit)) {
            lint_fail(lint, "", at_item(i, "data"),
                      "'%s' cannot be asked for '%s'",
                      vocab_category(floor->category)->id, node->id);
        }
    }
}

static void
check_floor_detail(struct lint *lint, size_t i, const struct vocab_floor *floor)
{
    const struct terms_item *item = &lint->request->items[i];
    const char *id = vocab_category(floor->category)->id;

    if (floor->raw && (!item->raw || item->round.nano != 0)) {
        lint_fail(lint, "", at_item(i, "stats"),
                  "'%s' is asked as raw, without rounding", id);
    }
    if (floor->stats != 0 &&
        (item->raw || (item->stats & ~floor->stats) != 0)) {
        lint_fail(lint, "", at_item(i, "stats"),
                  "has a statistic that '%s' never gives", id);
    }
    if (floor->bucket_s != 0 && !item->raw &&
        (item->bucket_s < floor->bucket_s ||
         item->bucket_s % floor->bucket_s != 0)) {
        lint_fail(lint, "", at_item(i, "bucket_s"),
                  "is %" PRId64 ", '%s' is never finer than %" PRId64,
                  item->bucket_s, id, floor->bucket_s);
    }
}

static void
check_floor_times(struct lint *lint, size_t i, const struct vocab_floor *floor)
{
    const struct terms_item *item = &lint->request->items[i];
    const char *id = vocab_category(floor->category)->id;
    int64_t life = terms_request_life(lint->request);

    if (floor->window_s != 0 && item->window_s > floor->window_s) {
        lint_fail(lint, "", at_item(i, "window_s"),
                  "is %" PRId64 ", '%s' reaches back at most %" PRId64,
                  item->window_s, id, floor->window_s);
    }
    if (item->delay_s < floor->delay_s) {
        lint_fail(lint, "", at_item(i, "delay_s"),
                  "is %" PRId64 ", '%s' comes at least %" PRId64 " late",
                  item->delay_s, id, floor->delay_s);
    }
    if (floor->life_s != 0 && life > floor->life_s) {
        lint_fail(lint, "", lint_at("life_s"),
                  "is %" PRId64 ", '%s' is granted for at most %" PRId64, life,
                  id, floor->life_s);
    }
}

static void
check_floor_uses(struct lint *lint, const struct vocab_floor *floor)
{
    const struct terms_common *common = &lint->request->common;
    const char *id = vocab_category(floor->category)->id;

    if (floor->once && common->action != VOCAB_ONCE) {
        lint_fail(lint, "", lint_at("action"), "must be once for '%s'", id);
    }
    if (floor->rate_s != 0 &&
        (common->rate.n == 0 || common->rate.n > floor->rate_n ||
         common->rate.per_s < floor->rate_s)) {
        lint_fail(lint, "", lint_at("rate"),
                  "'%s' allows at most %" PRId64 " in %" PRId64 " s", id,
                  floor->rate_n, floor->rate_s);
    }
}

void
lint_floor(struct lint *lint, size_t i)
{
    int data = lint->request->items[i].data;
    const struct vocab_node *node = vocab_category(data);
    const struct vocab_floor *floor = vocab_floor(data);

    if (node == NULL) {
        lint_fail(lint, "", at_item(i, "data"),
                  "is no data category that a firm may ask for");
        return;
    }
    if ((node->flags & VOCAB_GROUP) != 0) {
        lint_fail(lint, "", at_item(i, "data"),
                  "'%s' is a group; a request names one category below it",
                  node->id);
    }
    if (floor != NULL) {
        check_floor_purposes(lint, i, floor);
        check_floor_detail(lint, i, floor);
        check_floor_times(lint, i, floor);
        check_floor_uses(lint, floor);
    }
}
