/*
 * page_guard: the decision on a page, in the turn (commit thread).
 *
 * The only place that makes a release.  What it decides, takes and logs is in
 * the turn's commit; the release is used after it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/sieve.h"
#include "crypto/random.h"
#include "service/hold.h"
#include "service/owed.h"
#include "service/page_internal.h"
#include "service/seeds.h"
#include "vocab/vocab.h"

/* ---- refusals ---- */

static enum vlt_status
refused(struct page *page)
{
    if (page->call != NULL) {
        page->call->fault = page->fault;
    }
    return page->refusal;
}

static void
fault_say(struct call_fault *fault, const char *message)
{
    (void)snprintf(fault->message, sizeof fault->message, "%s", message);
}

static enum vlt_status
refuse_use(struct page *page, const struct consent_use *use)
{
    struct call_fault *fault = &page->fault;

    page->refused = true;
    page->refusal = VLT_E_DENIED;
    fault->retry_ms = use->retry_ms;
    switch (use->no) {
    case CONSENT_NO_ENDED:
        fault->code = VLT_RPC_ENDED;
        fault_say(fault, "The grant has ended; its receipt says how.");
        break;
    case CONSENT_NO_RATE:
        page->refusal = VLT_E_QUOTA;
        fault_say(fault, "The grant's rate is spent; wait.");
        break;
    case CONSENT_NO_PENDING:
        fault->code = VLT_RPC_PENDING;
        fault->waits_for = "owner";
        fault_say(fault, "The owner has to say yes to this use.");
        break;
    case CONSENT_NO_AGREEMENT:
        fault->code = VLT_RPC_PENDING;
        fault->waits_for = "agreement";
        fault_say(fault, "The agreement that it names is not recorded.");
        break;
    case CONSENT_YES:
    case CONSENT_NO_DENIED:
        (void)snprintf(fault->detail, sizeof fault->detail,
                       "no grant covers this now");
        break;
    }
    return refused(page);
}

/* ---- what the page read, held against what is in force now ---- */

static bool
still_bound(const struct service *service, const struct read_stream *at,
            const struct grant *grant, const struct consent_sieve *sieve)
{
    const uint8_t *id = at->stream->id;
    const struct stream *now = series_by_id(service->series, id);
    bool there =
        now != NULL && consent_gives(sieve, at->n, vlt_slice_text(now->name));

    stream_release(now);
    for (size_t i = 0; there && i < grant->bound_count; i++) {
        if (memcmp(grant->bound[i].stream, id, VLT_ID_LEN) == 0 &&
            grant->bound[i].n == at->n) {
            return true;
        }
    }
    return false;
}

static bool
all_bound(const struct reading *reading, const struct gave *gave,
          const struct grant *grant, const struct consent_sieve *sieve)
{
    for (size_t i = gave_from(gave, reading, 0); i < reading->count;
         i = gave_from(gave, reading, i + 1)) {
        if (!still_bound(reading->service, &reading->streams[i], grant,
                         sieve)) {
            return false;
        }
    }
    return true;
}

/* Were rows erased of a stream of which it has some? */
static bool
erased(const struct reading *reading, const struct gave *gave)
{
    for (size_t i = gave_from(gave, reading, 0); i < reading->count;
         i = gave_from(gave, reading, i + 1)) {
        if (series_erased_since(reading->service->series,
                                reading->streams[i].stream->id,
                                gave->snapshot)) {
            return true;
        }
    }
    return false;
}

/* Did the scan leave out the rows of this time? */
static bool
knew_gap(const struct reading *reading, const struct grant_gap *gap)
{
    for (size_t i = 0; i < reading->gaps; i++) {
        if (reading->gap[i].from <= gap->from &&
            reading->gap[i].to >= gap->to) {
            return true;
        }
    }
    return false;
}

/* May rows, or buckets, that the page has lie in it? */
static bool
gives_of(const struct reading *reading, const struct gave *gave,
         const struct grant_gap *gap)
{
    for (size_t i = gave_from(gave, reading, 0); i < reading->count;
         i = gave_from(gave, reading, i + 1)) {
        const struct given *given = gave_of(gave, reading, i);

        if (given->first < gap->to &&
            given->last + reading->streams[i].want.every >= gap->from) {
            return true;
        }
    }
    return false;
}

/* Was the grant suspended meanwhile, so that more is withheld? */
static bool
has_gap(const struct reading *reading, const struct gave *gave,
        const struct grant *grant)
{
    struct grant_gap gap[CONSENT_GAPS_NOW];
    size_t count = grant_gaps(grant, gap);

    for (size_t i = 0; i < count; i++) {
        if (!knew_gap(reading, &gap[i]) && gives_of(reading, gave, &gap[i])) {
            return true;
        }
    }
    return false;
}

/* Did anything move that the scan depended on? */
static bool
moved(const struct reading *reading, const struct gave *gave,
      const struct consent_use *use, const struct consent_sieve *sieve)
{
    return use->duties.min_readings > reading->duties.min_readings ||
           use->grant->terms_version != reading->terms_version ||
           has_gap(reading, gave, use->grant) ||
           !all_bound(reading, gave, use->grant, sieve) ||
           erased(reading, gave);
}

enum vlt_status
page_moved(const struct reading *reading, const struct gave *gave,
           const struct consent_asking *asking, const struct consent_use *use,
           bool *out)
{
    struct consent_sieve *sieve = NULL;
    enum vlt_status st = consent_sieve_new(reading->service->consent, asking,
                                           use->grant, true, &sieve);

    if (st == VLT_OK) {
        *out = moved(reading, gave, use, sieve);
    }
    consent_sieve_free(sieve);
    return st;
}

/* ---- deciding ---- */

/* Of a query's first page nothing has left: its burst is scanned anew.  Behind
 * it what was begun cannot go on under other terms: the answer breaks off. */
static enum vlt_status
start_over(struct page *page)
{
    if (page->call != NULL && !page->reading->live) {
        page->reading->resolved = false;
        page->reading->seq = 0;
        return VLT_E_CONFLICT;
    }
    page->refused = true;
    page->refusal = VLT_E_DENIED;
    page->fault.code = VLT_RPC_CONFLICT;
    fault_say(&page->fault, "The grant's terms changed meanwhile; ask again.");
    return refused(page);
}

/* VLT_OK: nothing did.  Else what start_over() says. */
static enum vlt_status
check_moved(struct page *page, const struct consent_asking *asking,
            const struct consent_use *may)
{
    struct gave gave = page_gave(page);
    bool has_moved = false;
    enum vlt_status st =
        page_moved(page->reading, &gave, asking, may, &has_moved);

    /* One that looks at the gaps anew, and that its reading is not behind. */
    if (st == VLT_OK && has_moved && page->reading->live && page->looks &&
        !page->moved && may->grant->hidden &&
        has_gap(page->reading, &gave, may->grant)) {
        return VLT_E_CONFLICT; /* scanned anew, it is as if nothing came */
    }
    return st == VLT_OK && has_moved ? start_over(page) : st;
}

/* Is the page still what may leave?  Then its use is taken; else nothing is. */
static enum vlt_status
decide(struct page *page, struct turn *turn, const struct firm *firm,
       struct consent_use *use)
{
    struct reading *reading = page->reading;
    struct consent *consent = reading->service->consent;
    struct consent_firm facts = guard_firm(firm);
    /* A live one's entry is its span's, behind the end of the one before. */
    struct consent_asking asking = { .firm = &facts,
                                     .live = reading->live,
                                     .logged = !reading->live };
    struct consent_changes changes = { .count = 0 };
    struct consent_use may;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    asking.now = turn->now;
    asking.running = turn->running;
    asking.sure = turn->sure;
    asking.free_of = reading->used && !reading->live ? reading->use : NULL;
    asking.said_yes = page_said_yes(reading, turn->running);
    asking.goes_on = reading->allowed == vlt_floor_div(turn->running, VLT_HOUR);
    memcpy(asking.grant, reading->grant, sizeof asking.grant);
    consent_may_now(consent, &asking, &may);
    if (may.no == CONSENT_YES) {
        st = check_moved(page, &asking, &may);
    }
    grant_release(may.grant);
    if (st != VLT_OK) {
        return st;
    }
    st = consent_use(consent, txn, &asking, &changes, use);
    seed_allow_as_scanned(page, use);
    if (st != VLT_OK) {
        consent_changes_free(&changes);
        return st;
    }
    if (use->no == CONSENT_YES && use->by_yes) {
        page_spend_yes(reading, turn->running);
        reading->allowed = vlt_floor_div(turn->running, VLT_HOUR);
    }
    st = guard_carry(turn, &changes, &page->after);
    if (st != VLT_OK) {
        grant_release(use->grant);
        use->grant = NULL;
    }
    return st;
}

/* until: effective time, ns, from which on it is to be decided again. */
static enum vlt_status
make_release(struct page *page, const struct consent_use *use, int64_t until)
{
    struct reading *reading = page->reading;

    page->leave =
        release_new(reading, consent_epoch_now(reading->service->consent));
    if (page->leave == NULL) {
        return VLT_E_NOMEM;
    }
    page->leave->rows = page->rows;
    page->leave->final = page->final;
    page->leave->gave = page_gave(page);
    page->leave->until = until;
    memcpy(page->leave->sha256, page->sha256, sizeof page->sha256);
    page->leave->fresh = !reading->live && memcmp(reading->use, use->id,
                                                  sizeof reading->use) != 0;
    /* What it belongs to: its own, or a new one when that is too old. */
    memcpy(reading->use, use->id, sizeof reading->use);
    return VLT_OK;
}

static void
sign_later(struct page *page, struct turn *turn)
{
    page->logged = true;
    page->signing = turn->pages;
    turn->pages = page;
}

static enum vlt_status
guard_query(struct page *page, struct turn *turn, const struct firm *firm)
{
    struct consent_use use = { .no = CONSENT_NO_DENIED };
    enum vlt_status st = decide(page, turn, firm, &use);

    if (st != VLT_OK) {
        return st;
    }
    if (use.no != CONSENT_YES) {
        return refuse_use(page, &use);
    }
    st = page_log_use(page, turn, firm, &use);
    if (st == VLT_OK) {
        st = make_release(page, &use,
                          consent_boundary(page->reading->service->consent,
                                           use.grant, turn->now));
    }
    if (st == VLT_OK) {
        sign_later(page, turn);
    }
    grant_release(use.grant);
    return st;
}

/* May the open span take this page as well, undecided?  Not where consent moved
 * since the page was scanned: then it is held against what is in force. */
static bool
span_takes(const struct span *span, const struct page *page)
{
    const struct service *service = page->reading->service;
    const struct consent *consent = service->consent;

    return span->open && service_running(service) < span->ends &&
           service_effective(service) < span->until &&
           ((span->epoch == consent_epoch_now(consent) &&
             page->epoch == span->epoch) ||
            seed_decision_cached()) &&
           span->rows + page->rows <= SPAN_ROWS &&
           span->bytes + page->frame.len <= SPAN_BYTES;
}

bool
page_in_span(const struct page *page)
{
    return !page->reading->live || span_takes(&page->reading->span, page);
}

static void
open_span(struct span *span, struct page *page, const struct consent_use *use,
          const struct turn *turn)
{
    struct consent *consent = page->reading->service->consent;
    int64_t hour = (vlt_floor_div(turn->running, VLT_HOUR) + 1) * VLT_HOUR;

    *span = (struct span){ .open = true,
                           .ends = turn->running + SPAN_S * VLT_SECOND,
                           .until =
                               consent_boundary(consent, use->grant, turn->now),
                           .epoch = consent_epoch_now(consent) };
    if (hour < span->ends) {
        span->ends = hour;
    }
    vlt_ulid_new(turn->running, span->id);
}

static enum vlt_status
guard_live(struct page *page, struct turn *turn, const struct firm *firm)
{
    struct reading *reading = page->reading;
    struct consent_use use = { .no = CONSENT_NO_DENIED };
    enum vlt_status st = VLT_OK;

    /* What an open span takes writes nothing: it is in the span's entry, which
     * is durable, and its end is counted when it is closed.  So this is no
     * reason for a commit, which its rows would wait for. */
    if (!page->in_span && !span_takes(&reading->span, page)) {
        st = decide(page, turn, firm, &use);
        if (st != VLT_OK) {
            return st;
        }
        if (use.no != CONSENT_YES) {
            return refuse_use(page, &use);
        }
        st = page_span_close(page, turn, firm);
        if (st == VLT_OK) {
            open_span(&reading->span, page, &use, turn);
            st = page_log_span(page, turn, firm);
        }
        if (st == VLT_OK) {
            sign_later(page, turn);
        }
        grant_release(use.grant);
    }
    if (st == VLT_OK) {
        st = make_release(page, &use, reading->span.until);
    }
    if (st == VLT_OK) {
        reading->span.rows += page->rows;
        reading->span.bytes += page->frame.len;
    }
    return st;
}

/* A subscription begins: decided, but nothing is taken before rows leave. */
static enum vlt_status
guard_subscribe(struct page *page, struct turn *turn, const struct firm *firm)
{
    struct reading *reading = page->reading;
    struct consent_firm facts = guard_firm(firm);
    struct consent_asking asking = { .firm = &facts, .live = true };
    struct consent_use may;
    enum vlt_status st = guard_now(turn, &asking.now);

    if (st != VLT_OK) {
        return st;
    }
    asking.running = turn->running;
    asking.sure = turn->sure;
    asking.said_yes = page_said_yes(reading, asking.running);
    memcpy(asking.grant, reading->grant, sizeof asking.grant);
    consent_may(reading->service->consent, &asking, &may);
    grant_release(may.grant);
    return may.no == CONSENT_YES ? VLT_OK : refuse_use(page, &may);
}

/* A further page that is refused; a call's own refusal is the call's to log. */
static enum vlt_status
log_broken_off(const struct page *page, struct turn *turn,
               const struct firm *firm)
{
    const char *why = page->fault.detail[0] != '\0' ? page->fault.detail
                                                    : page->fault.message;
    const char *method = page->reading->live ? "data.subscribe" : "data.query";

    return guard_log_denied(turn, firm, method, why) == VLT_OK ? VLT_E_DENIED
                                                               : VLT_E_STORAGE;
}

/* A page that a worker has made, or refused. */
static enum vlt_status
guard_made(struct page *page, struct turn *turn, const struct firm *firm)
{
    struct reading *reading = page->reading;

    if (page->refused) {
        return refused(page);
    }
    if (firm == NULL || firm->state != IDENTITY_CONFIRMED ||
        hold_on(turn->service) ||
        owed_holds(turn->service->owed, reading->grant)) {
        return VLT_E_DENIED;
    }
    if (reading->live && page->call != NULL) {
        return guard_subscribe(page, turn, firm);
    }
    if (reading->live) {
        return page->frame.len > 0 ? guard_live(page, turn, firm) : VLT_OK;
    }
    return guard_query(page, turn, firm);
}

static bool
waits_for_owner(const struct page *page)
{
    return page->refused && page->fault.code == VLT_RPC_PENDING &&
           strcmp(page->fault.waits_for, "owner") == 0;
}

enum vlt_status
page_guard(struct page *page, struct turn *turn)
{
    const struct firm *firm;
    enum vlt_status st;

    if (page->reading->who.role != ROLE_FIRM) {
        return page->refused ? refused(page) : VLT_OK;
    }
    firm = identity_firm_now(turn->service->identity, page->reading->who.id);
    st = guard_made(page, turn, firm);
    if (waits_for_owner(page) && firm != NULL) {
        page_ask_owner(page, turn);
        st = refused(page);
    }
    if (st == VLT_E_DENIED && firm != NULL && page->call == NULL) {
        st = log_broken_off(page, turn, firm);
    }
    firm_release(firm);
    return st;
}
