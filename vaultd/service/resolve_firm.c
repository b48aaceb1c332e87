/*
 * resolve_firm: which streams, columns and interval a firm's answer has, under
 * its grant (a worker).
 *
 * What a firm may not see and what is not there are one refusal; what exceeds
 * the grant in the firm's own parameters is named (WIRE.md, 5.2).
 */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "consent/sieve.h"
#include "service/resolve_internal.h"
#include "vocab/vocab.h"

static enum vlt_status
exceeds(struct page *page, const char *what)
{
    page->fault.exceeds[0] = what;
    page->fault.exceeds[1] = NULL;
    return resolve_refuse(page, VLT_E_DENIED, VLT_RPC_SCOPE,
                          "The grant covers less; see exceeds.");
}

static enum vlt_status
denied(struct page *page, const char *why)
{
    (void)strncpy(page->fault.detail, why, sizeof page->fault.detail - 1);
    return resolve_refuse(page, VLT_E_DENIED, VLT_RPC_DENIED, "Denied.");
}

/* The vocabulary's statistics in series' bits: both stand in one order of
 * their own, so names decide. */
static unsigned
series_stats(unsigned stats)
{
    static const char *const words[] = { "mean",  "min",   "max", "sum",
                                         "count", "first", "last" };
    unsigned out = 0;

    for (unsigned i = 0; i < 7; i++) {
        const struct vocab_value *value =
            vocab_value_find(VOCAB_STAT, words[i], strlen(words[i]));

        if (value != NULL && (stats & (unsigned)value->value) != 0) {
            out |= 1U << i;
        }
    }
    return out;
}

/* What of the firm's own parameters exceeds this item; NULL: nothing. */
static const char *
beyond(const struct asked *asked, const struct terms_item *item)
{
    /* Raw contains every bucket and statistic.  Of rounded rows it does not:
     * rounding comes last, and a sum that is rounded once tells
     * more than a sum of what was rounded. */
    if (item->raw) {
        return asked->every != 0 && item->round.nano != 0 ? "every" : NULL;
    }
    if (asked->every != item->bucket_s * VLT_SECOND) {
        return "every";
    }
    if ((asked->stats & ~series_stats(item->stats)) != 0) {
        return "stats";
    }
    return NULL;
}

/* Window and delay: a query that reaches further is cut. */
static void
bind_reach(const struct grant *grant, const struct terms_item *item,
           struct reach *reach)
{
    bool fresh = item->window_s == TERMS_WINDOW_NEW;

    reach->granted = true;
    reach->first = fresh ? grant->nbf : INT64_MIN;
    reach->window = fresh ? INT64_MAX : item->window_s * VLT_SECOND;
    reach->delay = item->delay_s * VLT_SECOND;
}

/* One bound stream that was asked for. */
static enum vlt_status
take_bound(struct page *page, const struct grant *grant,
           const struct grant_bound *bound, const struct stream *stream,
           const char *shown)
{
    struct reading *reading = page->reading;
    const struct terms_item *item = terms_item_of(&grant->terms, bound->n);
    struct series_want want = { .columns = 0 };
    const char *more;

    if (item == NULL) {
        return denied(page, "the grant has no such item");
    }
    more = beyond(&reading->asked, item);
    if (more != NULL) {
        return exceeds(page, more);
    }
    if (!resolve_columns(&reading->asked, stream,
                         !item->raw || reading->asked.every != 0 ||
                             item->round.nano != 0,
                         &want)) {
        return reading->asked.columns > 0 ? exceeds(page, "columns") : VLT_OK;
    }
    if (reading->count == READING_STREAMS) {
        return resolve_refuse(page, VLT_E_LIMIT, VLT_RPC_PARAMS,
                              "Over 1,024 streams match; ask for fewer.");
    }
    struct read_stream *at = resolve_add(reading, stream);

    if (at == NULL) {
        return VLT_E_NOMEM;
    }
    at->n = bound->n;
    (void)snprintf(at->shown, sizeof at->shown, "%s", shown);
    at->want.columns = want.columns;
    memcpy(at->want.column, want.column, sizeof want.column);
    at->want.min_readings = (unsigned)reading->duties.min_readings;
    at->round = item->round;
    bind_reach(grant, item, &at->reach);
    at->every = item->every_s * VLT_SECOND;
    if (at->reach.delay > reading->delay) {
        reading->delay = at->reach.delay;
    }
    return VLT_OK;
}

/* Does a stream give a column of numbers of that name? */
static bool
gives_number(const struct read_stream *at, const char *name)
{
    struct stream_column columns[SERIES_COLUMNS_MAX];
    size_t count = 0;

    if (series_columns(at->stream, &at->want, &count, columns) != VLT_OK) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(columns[i].name, name) == 0) {
            return !resolve_is_text(columns[i].type);
        }
    }
    return false;
}

/* A filter is on what is given: each stream must give its column. */
static bool
filters_given(const struct reading *reading)
{
    for (size_t i = 0; i < reading->asked.wheres; i++) {
        for (size_t j = 0; j < reading->count; j++) {
            if (!gives_number(&reading->streams[j],
                              reading->asked.where[i].column)) {
                return false;
            }
        }
    }
    return true;
}

/* Every name without * must be one that the grant shows. */
static bool
names_all_shown(const struct reading *reading)
{
    for (size_t i = 0; i < reading->asked.patterns; i++) {
        bool found = resolve_has_star(reading->asked.pattern[i]);

        for (size_t j = 0; !found && j < reading->count; j++) {
            found = strcmp(reading->asked.pattern[i],
                           reading->streams[j].shown) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return reading->count > 0;
}

enum vlt_status
resolve_bound(struct page *page, const struct grant *grant,
              const struct consent_sieve *sieve,
              const struct grant_bound *bound)
{
    struct reading *reading = page->reading;
    const struct stream *stream =
        series_by_id(reading->service->series, bound->stream);
    enum vlt_status st = VLT_OK;

    if (stream == NULL) {
        return VLT_OK;
    }
    const char *shown = grant->duties.show_names ? stream->name : bound->alias;

    if (resolve_matches(&reading->asked, shown) &&
        consent_gives(sieve, bound->n, vlt_slice_text(stream->name))) {
        st = take_bound(page, grant, bound, stream, shown);
    }
    stream_release(stream);
    return st;
}

static enum vlt_status
take_all(struct page *page, const struct grant *grant,
         const struct consent_sieve *sieve)
{
    struct reading *reading = page->reading;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < grant->bound_count && !page->refused;
         i++) {
        st = resolve_bound(page, grant, sieve, &grant->bound[i]);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (!page->refused && !names_all_shown(reading)) {
        return denied(page, "a name is outside the grant");
    }
    if (!page->refused && !filters_given(reading)) {
        return exceeds(page, "columns");
    }
    return VLT_OK;
}

void
resolve_under(struct reading *reading, const struct grant *grant,
              const struct policy_duties *duties)
{
    reading->duties = *duties;
    reading->terms_version = grant->terms_version;
    reading->gaps = grant_gaps(grant, reading->gap);
}

unsigned
resolve_stats(const struct terms_item *item)
{
    return item->raw ? 0 : series_stats(item->stats);
}

static enum vlt_status
refuse_use(struct page *page, const struct consent_use *use)
{
    page->fault.retry_ms = use->retry_ms;
    switch (use->no) {
    case CONSENT_NO_ENDED:
        return resolve_refuse(page, VLT_E_DENIED, VLT_RPC_ENDED,
                              "The grant has ended; its receipt says how.");
    case CONSENT_NO_RATE:
        return resolve_refuse(page, VLT_E_QUOTA, VLT_RPC_RATE,
                              "The grant's rate is spent; wait.");
    case CONSENT_NO_PENDING:
        page->fault.waits_for = "owner";
        return resolve_refuse(page, VLT_E_DENIED, VLT_RPC_PENDING,
                              "The owner has to say yes to this use.");
    case CONSENT_NO_AGREEMENT:
        page->fault.waits_for = "agreement";
        return resolve_refuse(page, VLT_E_DENIED, VLT_RPC_PENDING,
                              "The agreement that it names is not recorded.");
    case CONSENT_YES:
    case CONSENT_NO_DENIED:
        break;
    }
    return denied(page, "no grant covers this");
}

enum vlt_status
resolve_for_firm(struct reading *reading, struct page *page)
{
    struct service *service = reading->service;
    const struct firm *firm =
        identity_firm_by_id(service->identity, reading->who.id);
    struct consent_sieve *sieve = NULL;
    struct consent_use may;
    enum vlt_status st;

    if (firm == NULL) {
        return denied(page, "no such firm");
    }
    struct consent_firm facts = guard_firm(firm);
    struct consent_asking asking = {
        .firm = &facts,
        .live = reading->live,
        .free_of = reading->used && !reading->live ? reading->use : NULL,
        .now = service_effective(service),
        .running = service_running(service),
        .sure = service_sure(service),
    };

    asking.said_yes = page_said_yes(reading, asking.running);
    memcpy(asking.grant, reading->asked.grant, sizeof asking.grant);
    memcpy(reading->grant, reading->asked.grant, sizeof reading->grant);
    consent_may(service->consent, &asking, &may);
    if (may.no != CONSENT_YES) {
        st = refuse_use(page, &may);
    } else if (reading->live && may.grant->terms.common.action != VOCAB_LIVE) {
        st = exceeds(page, "live");
    } else if (may.grant->terms.common.action == VOCAB_CONTACT) {
        st = denied(page, "the grant gives no data");
    } else {
        resolve_under(reading, may.grant, &may.duties);
        st = consent_sieve_new(service->consent, &asking, may.grant, false,
                               &sieve);
        if (st == VLT_OK) {
            st = take_all(page, may.grant, sieve);
        }
    }
    consent_sieve_free(sieve);
    grant_release(may.grant);
    firm_release(firm);
    return st;
}
