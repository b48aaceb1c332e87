#include "terms/lint.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "terms/lint_internal.h"

enum {
    RENEW_EARLIEST = 14, /* days before the end */
};

#define STEP_MOST (INT64_C(9000000000) * INT64_C(1000000000))
#define YEAR (INT64_C(365) * 86400)

struct lint_place
lint_at(const char *member)
{
    return (struct lint_place){ .index = LINT_NONE, .member = member };
}

/* "items[2].round" */
static void
print_place(struct lint_place at, char out[TERMS_FAULT_AT])
{
    const char *member = at.member == NULL ? "" : at.member;

    if (at.list == NULL) {
        snprintf(out, TERMS_FAULT_AT, "%s", member);
    } else if (at.index == LINT_NONE) {
        snprintf(out, TERMS_FAULT_AT, "%s.%s", at.list, member);
    } else {
        snprintf(out, TERMS_FAULT_AT, "%s[%d]%s%s", at.list, at.index,
                 member[0] == '\0' ? "" : ".", member);
    }
}

void
lint_fail(struct lint *lint, const char *code, struct lint_place at,
          const char *format, ...)
{
    va_list args;

    if (lint->failed) {
        return;
    }
    lint->failed = true;
    snprintf(lint->fault.code, sizeof lint->fault.code, "%s", code);
    print_place(at, lint->fault.at);
    va_start(args, format);
    vsnprintf(lint->fault.says, sizeof lint->fault.says, format, args);
    va_end(args);
}

void
lint_range(struct lint *lint, struct lint_place at, int64_t value,
           int64_t least, int64_t most)
{
    if (value < least || value > most) {
        lint_fail(lint, "", at,
                  "is %" PRId64 ", must be %" PRId64 " to %" PRId64, value,
                  least, most);
    }
}

/* Exactly one bit of those that the vocabulary has? */
static bool
one_of(enum vocab_kind kind, int64_t value)
{
    return vocab_value(kind, value) != NULL;
}

/* ---- purposes ---- */

static void
check_purpose(struct lint *lint, size_t p)
{
    const struct terms_purpose *purpose = &lint->request->purposes[p];
    const struct vocab_node *node = vocab_purpose(purpose->id);
    struct lint_place at = { "purposes", (int)p, "id" };

    if (node == NULL) {
        lint_fail(lint, "", at, "is no purpose of %s", vocab_version());
    } else if ((node->flags & VOCAB_GROUP) != 0) {
        lint_fail(lint, "", at,
                  "'%s' is a group; a request names one purpose below it",
                  node->id);
    }
    for (size_t before = 0; before < p; before++) {
        if (lint->request->purposes[before].id == purpose->id) {
            lint_fail(lint, "", at, "is asked twice");
        }
    }
    lint_purpose_texts(lint, p);
    if (!one_of(VOCAB_BASIS, purpose->basis)) {
        lint_fail(lint, "", (struct lint_place){ "purposes", (int)p, "basis" },
                  "must be exactly one basis");
    }
}

static void
check_purposes(struct lint *lint)
{
    for (size_t p = 0; p < lint->request->purpose_count; p++) {
        check_purpose(lint, p);
    }
}

/* ---- items ---- */

static void
check_detail(struct lint *lint, size_t i)
{
    const struct terms_item *item = &lint->request->items[i];
    struct lint_place stats = { "items", (int)i, "stats" };
    struct lint_place bucket = { "items", (int)i, "bucket_s" };

    if (item->raw) {
        if (item->stats != 0 || item->bucket_s != 0) {
            lint_fail(lint, "", bucket, "cannot stand beside raw");
        }
        return;
    }
    if (item->stats == 0 || (item->stats & ~(unsigned)VOCAB_STATS_ALL) != 0) {
        lint_fail(lint, "", stats, "must be raw, or one or more statistics");
    }
    if (!one_of(VOCAB_BUCKET, item->bucket_s)) {
        lint_fail(lint, "", bucket,
                  "is %" PRId64 ", must be the seconds of a bucket such as "
                  "900 or 3600",
                  item->bucket_s);
    }
}

static void
check_round(struct lint *lint, size_t i)
{
    const struct terms_item *item = &lint->request->items[i];
    const struct vocab_node *node = vocab_category(item->data);
    struct lint_place at = { "items", (int)i, "round" };

    if (item->round.nano == 0) {
        return;
    }
    if (item->round.nano < 0 || item->round.nano > STEP_MOST) {
        lint_fail(lint, "", at, "is out of range");
    }
    if (node != NULL &&
        item->round.length != ((node->flags & VOCAB_LENGTH) != 0)) {
        lint_fail(lint, "", at,
                  item->round.length
                      ? "has a length, which only places are rounded to"
                      : "must be a length with m or km for a place");
    }
}

static void
check_times(struct lint *lint, size_t i)
{
    const struct terms_item *item = &lint->request->items[i];
    struct lint_place every = { "items", (int)i, "every_s" };

    if (item->window_s != TERMS_WINDOW_NEW) {
        lint_range(lint, (struct lint_place){ "items", (int)i, "window_s" },
                   item->window_s, 0, 20 * YEAR);
    }
    lint_range(lint, (struct lint_place){ "items", (int)i, "delay_s" },
               item->delay_s, 0, YEAR);
    if (lint->request->common.action == VOCAB_LIVE) {
        lint_range(lint, every, item->every_s, 1, 86400);
    } else if (item->every_s != 0) {
        lint_fail(lint, "", every, "stands with the action live only");
    }
}

static void
check_needed(struct lint *lint, size_t i)
{
    const struct terms_item *item = &lint->request->items[i];
    struct lint_place at = { "items", (int)i, "needed_why" };

    if (item->needed && item->needed_why.len == 0) {
        lint_fail(lint, "R10", at,
                  "is missing: an item that is needed says which element of "
                  "the service needs it");
    } else if (!item->needed && item->needed_why.len > 0) {
        lint_fail(lint, "R10", at, "stands with needed only");
    }
    lint_item_texts(lint, i);
}

static void
check_item(struct lint *lint, size_t i)
{
    const struct terms_request *request = lint->request;
    const struct terms_item *item = &request->items[i];
    struct lint_place at = { "items", (int)i, "n" };

    lint_range(lint, at, item->n, 1, TERMS_ITEMS);
    for (size_t before = 0; before < i; before++) {
        if (request->items[before].n == item->n) {
            lint_fail(lint, "", at, "is the number of two items");
        }
    }
    if (request->purpose_count < TERMS_PURPOSES &&
        item->purposes >> request->purpose_count != 0) {
        lint_fail(lint, "", (struct lint_place){ "items", (int)i, "for" },
                  "names a purpose that is not asked");
    }
    check_detail(lint, i);
    check_round(lint, i);
    check_times(lint, i);
    lint_floor(lint, i);
    check_needed(lint, i);
}

/* Every purpose has an item, or the action is contact and none has. */
static void
check_items(struct lint *lint)
{
    const struct terms_request *request = lint->request;
    bool contact = request->common.action == VOCAB_CONTACT;

    if (contact && request->item_count != 0) {
        lint_fail(lint, "", lint_at("items"),
                  "cannot stand with the action contact, which gives no data");
    }
    if (!contact) {
        lint_range(lint, lint_at("items"), (int64_t)request->item_count, 1,
                   TERMS_ITEMS);
    }
    for (size_t i = 0; i < request->item_count; i++) {
        check_item(lint, i);
    }
    for (size_t p = 0; !contact && !lint->failed && p < request->purpose_count;
         p++) {
        bool found = false;

        for (size_t i = 0; i < request->item_count; i++) {
            found = found || terms_item_for(request, i, p);
        }
        if (!found) {
            lint_fail(lint, "", (struct lint_place){ "purposes", (int)p, NULL },
                      "has no item");
        }
    }
}

/* ---- what holds for all ---- */

static void
check_action(struct lint *lint)
{
    const struct terms_common *common = &lint->request->common;
    bool contact = common->action == VOCAB_CONTACT;

    if (!one_of(VOCAB_ACTION, common->action)) {
        lint_fail(lint, "", lint_at("action"), "must be exactly one action");
    }
    if ((common->channels != 0) != contact ||
        (common->channels & ~(int64_t)VOCAB_CHANNELS_ALL) != 0) {
        lint_fail(lint, "", lint_at("channels"),
                  contact ? "must name the channels of contact"
                          : "stands with the action contact only");
    }
}

static void
check_counts(struct lint *lint)
{
    const struct terms_common *common = &lint->request->common;
    int64_t per_s = common->rate.per_s;

    if (common->rate.n != 0) {
        lint_range(lint, lint_at("rate.n"), common->rate.n, 1, 1000);
        if (per_s != 60 && per_s != 3600 && per_s != 86400 && per_s != 604800) {
            lint_fail(lint, "", lint_at("rate.per_s"),
                      "is %" PRId64 ", must be 60, 3600, 86400 or 604800",
                      per_s);
        }
    }
    if (common->uses != TERMS_UNLIMITED) {
        lint_range(lint, lint_at("uses"), common->uses, 1, 1000000);
    }
    if (common->action == VOCAB_ONCE && common->uses != 1) {
        lint_fail(lint, "", lint_at("uses"), "must be 1 with the action once");
    }
}

static void
check_lives(struct lint *lint)
{
    const struct terms_common *common = &lint->request->common;

    if (common->life_s != TERMS_LIFE_UNSAID) {
        lint_range(lint, lint_at("life_s"), common->life_s, 60,
                   VOCAB_LIFE_MOST);
    }
    if (!lint->failed && common->life_s > VOCAB_LIFE_EXPLICIT_MOST &&
        terms_request_explicit(lint->request)) {
        lint_fail(lint, "", lint_at("life_s"),
                  "is %" PRId64 ", must be at most %d with data or a purpose "
                  "that is explicit-only",
                  common->life_s, VOCAB_LIFE_EXPLICIT_MOST);
    }
    lint_range(lint, lint_at("keep_s"), common->keep_s, 0, 10 * YEAR);
}

static void
check_others(struct lint *lint)
{
    const struct terms_common *common = &lint->request->common;

    for (size_t i = 0; i < common->onward_count; i++) {
        lint_onward_texts(lint, i);
    }
    for (size_t i = 0; i < common->where_count; i++) {
        if (vocab_country(common->where[i]) == NULL) {
            lint_fail(lint, "", (struct lint_place){ "where", (int)i, NULL },
                      "is no country of ISO 3166-1");
        }
    }
    if (!one_of(VOCAB_PROFILING, common->profiling)) {
        lint_fail(lint, "", lint_at("profiling"),
                  "must be none, service or any");
    }
}

/* Counts beyond the arrays end the lint: nothing may be looked at then. */
static bool
counts_fit(struct lint *lint)
{
    const struct terms_request *request = lint->request;

    lint_range(lint, lint_at("purposes"), (int64_t)request->purpose_count, 1,
               TERMS_PURPOSES);
    lint_range(lint, lint_at("items"), (int64_t)request->item_count, 0,
               TERMS_ITEMS);
    lint_range(lint, lint_at("onward"), (int64_t)request->common.onward_count,
               0, TERMS_ONWARD);
    lint_range(lint, lint_at("where"), (int64_t)request->common.where_count, 1,
               TERMS_WHERE);
    return !lint->failed;
}

/* All members, in the order of WIRE.md, 8.2. */
static void
check_all(struct lint *lint)
{
    const struct terms_request *request = lint->request;

    if (request->v != 1) {
        lint_fail(lint, "", lint_at("v"), "is %" PRId64 ", must be 1",
                  request->v);
    }
    lint_range(lint, lint_at("reply_by_s"), request->reply_by_s, 86400, 604800);
    lint_head_texts(lint);
    check_purposes(lint);
    check_items(lint);
    check_action(lint);
    check_counts(lint);
    check_lives(lint);
    check_others(lint);
}

enum vlt_status
terms_lint(const struct terms_request *request, struct terms_fault *out)
{
    struct lint lint = { .request = request };

    if (counts_fit(&lint)) {
        check_all(&lint);
    }
    if (!lint.failed) {
        return VLT_OK;
    }
    *out = lint.fault;
    return VLT_E_FORMAT;
}

enum vlt_status
terms_lint_replaces(const struct terms *part, const struct terms *held,
                    int64_t now, int64_t end, struct terms_fault *out)
{
    struct lint lint = { .failed = false };
    enum terms_axis axis = TERMS_AXES;

    if (now >= end - RENEW_EARLIEST * VLT_DAY) {
        return VLT_OK;
    }
    if (part != NULL) {
        axis = terms_asks_more(part, held);
    }
    if (part != NULL && axis == TERMS_AXES) {
        return VLT_OK;
    }
    lint_fail(&lint, "R5", lint_at("replaces"),
              "comes earlier than 14 days before the grant's end and asks "
              "more than it (%s)",
              part == NULL ? "purpose" : terms_axis_key(axis)->name);
    *out = lint.fault;
    return VLT_E_FORMAT;
}
