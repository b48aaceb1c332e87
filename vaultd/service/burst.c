/*
 * burst: several pages of a query that are made, decided and logged together,
 * so that one commit serves them all.
 *
 * Each has an entry of its own and a release of its own.  They wait with their
 * reading and leave one after the other, as the caller takes them, small ones
 * together: what waits is dropped when its reading ends, and decided again when
 * consent has moved.  While those of a query leave the next burst is made.
 */
#include "service/page_internal.h"

enum {
    PAGES = 16,           /* at most, */
    LIVE_PAGES = 64,      /* of a subscription, which has one a stream; */
    LIVE_SLICE = 16,      /* then others come first */
    BYTES = 512 << 10,    /* of frames; the last one may pass it */
    COST = 1024 << 10,    /* bytes that a burst is taken to hold, all in all */
    OF_SESSION = 2 << 20, /* what those of a session may hold, */
    OF_ALL = 32 << 20,    /* and those of all */
};

/* ---- on the loop ---- */

/* So many are there: one that waits, and one that is being made.  What they may
 * hold is counted meanwhile. */
static void
count(struct reading *reading, unsigned bursts)
{
    struct service *service = reading->service;
    struct session *session = session_find(service, reading->who.session);
    size_t more = ((size_t)bursts - reading->bursts) * COST;

    reading->bursts = bursts;
    service->waiting += more;
    if (session != NULL) {
        session->waiting += more;
    }
}

/* Is there room for one more? */
static bool
has_room(const struct reading *reading)
{
    struct service *service = reading->service;
    const struct session *session = session_find(service, reading->who.session);

    return session != NULL && session->waiting + COST <= OF_SESSION &&
           service->waiting + COST <= OF_ALL;
}

/* Credit for pages that are not made yet.  What is about to be sent of a query
 * waits no more, and has taken none yet. */
static int64_t
credit_left(const struct reading *reading)
{
    int64_t left = reading->credit;

    if (!reading->live && reading->busy) {
        left--;
    }

    for (const struct page *at = reading->ready; at != NULL; at = at->next) {
        left--;
    }
    return left;
}

/* Do pages before it leave yet? */
static bool
is_ahead(const struct reading *reading)
{
    return !reading->live && (reading->ready != NULL || reading->busy ||
                              reading->outstanding > 0);
}

bool
burst_may_ahead(const struct reading *reading)
{
    return is_ahead(reading) && !reading->making && !reading->complete &&
           credit_left(reading) > 0 && has_room(reading) &&
           reading_may_more(reading);
}

/* Streams of a subscription that are to be told now: a page each, or more. */
static int64_t
due_streams(const struct reading *reading)
{
    int64_t boot = service_boot(reading->service);
    int64_t due = 0;

    for (size_t i = 0; i < reading->count && due < LIVE_PAGES; i++) {
        due += reading->streams[i].dirty && reading->streams[i].due <= boot;
    }
    return due;
}

/* How many pages may be made at once?  Nothing of the owner's is committed. */
static int64_t
most_pages(const struct reading *reading)
{
    int64_t most = reading->live ? due_streams(reading) : PAGES;
    int64_t left = credit_left(reading);

    if (reading->who.role != ROLE_FIRM || !has_room(reading)) {
        return 1;
    }
    return left < most ? left : most;
}

void
burst_begin(struct page *first)
{
    struct reading *reading = first->reading;
    struct page **at = &first->next;
    int64_t most = most_pages(reading);

    first->making = first;
    /* What has not left yet is held against the gaps that it was made under. */
    first->looks = reading->ready == NULL && reading->outstanding == 0 &&
                   !reading->busy && !reading->making;
    if (most > 1 || is_ahead(reading)) {
        count(reading, reading->ready != NULL ? 2 : 1);
    }
    for (int64_t i = most; i > 1; i--) {
        *at = page_new(reading, NULL);
        if (*at == NULL) {
            return; /* fewer */
        }
        (*at)->lagged = false; /* the first says so */
        at = &(*at)->next;
    }
}

static void
free_pages(struct page *page)
{
    while (page != NULL) {
        struct page *next = page->next;

        page_free(page);
        page = next;
    }
}

void
burst_done(struct page *first, bool committed)
{
    struct reading *reading = first->reading;

    for (struct page *at = first; at != NULL; at = at->next) {
        after_run(reading->service, at->after);
        reading_note_opened(reading, at->opened);
        at->opened = 0;
        if (committed && at->logged) {
            reading_note_rows(reading, PAGE_ENTRY);
        }
    }
}

/* Free what is behind those that are whole, or behind what breaks off. */
static void
trim(struct page *first)
{
    struct page **at = &first->next;
    bool broke = first->broke != VLT_OK;

    while (*at != NULL && (*at)->made && !broke) {
        broke = (*at)->broke != VLT_OK;
        at = &(*at)->next;
    }
    free_pages(*at);
    *at = NULL;
}

/* Is its answer whole with them, or broken off? */
static void
note_end(struct page *first)
{
    for (const struct page *at = first; at != NULL; at = at->next) {
        struct reading *reading = at->reading;

        reading->complete =
            reading->complete || at->final || at->broke != VLT_OK;
    }
}

void
burst_wait(struct page *first)
{
    struct reading *reading = first->reading;

    trim(first);
    note_end(first);
    reading->ready = first->next;
    first->next = NULL;
    if (reading->ready == NULL) {
        count(reading, 0);
    }
}

bool
burst_append(struct page *first, enum vlt_status st)
{
    struct reading *reading = first->reading;
    struct page **end = &reading->ready;

    if (!is_ahead(reading)) {
        return false;
    }
    first->broke = st;
    trim(first);
    note_end(first);
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = first;
    return true;
}

struct page *
burst_next(struct reading *reading)
{
    struct page *page = reading->ready;

    if (page != NULL) {
        reading->ready = page->next;
        page->next = NULL;
    }
    if (page != NULL && reading->ready == NULL) {
        count(reading, reading->making ? 1 : 0);
    }
    return page;
}

void
burst_drop(struct reading *reading)
{
    struct page *page;

    reading_hold(reading); /* a page's hold may be the last */
    while ((page = burst_next(reading)) != NULL) {
        page_free(page);
    }
    reading_release(reading);
}

void
burst_free(struct page *first)
{
    struct page *next;

    if (first == NULL) {
        return;
    }
    next = first->next;
    count(first->reading, 0);
    page_free(first);
    free_pages(next);
}

bool
burst_decided(const struct page *page)
{
    return page->leave != NULL || page->broke != VLT_OK;
}

/* ---- by who has the reading ---- */

/* It is whole; its body is within its frame. */
static void
keep(struct page *page)
{
    page->made = true;
    vlt_buf_free(&page->body);
}

/* The next of them.  With *more set there is another. */
static enum vlt_status
prepare(struct page *first, bool *more)
{
    struct page *page = first->making;
    bool whole;
    enum vlt_status st;

    if (page == first && first->looks) {
        page_look_at_gaps(first->reading);
    }
    st = page_prepare(page);
    whole =
        st == VLT_OK && !page->refused && !page->more && page->frame.len > 0;

    *more = false;
    if (page == first && !whole) {
        *more = page->more;
        return st;
    }
    if (!whole) {
        return VLT_OK; /* the next page begins with it, and says what it is */
    }
    keep(page);
    first->bytes += page->frame.len;
    if (page->final) {
        return VLT_OK;
    }
    /* The last one, too, where others wait before it: the next burst of a query
     * begins behind it, and what is touched meanwhile of a subscription must
     * not be taken for told when it leaves. */
    if (!page->reading->live || first->next != NULL) {
        page_move_on(page);
    }
    if (page->next == NULL || first->bytes >= BYTES) {
        return VLT_OK;
    }
    first->making = page->next;
    *more = true;
    return VLT_OK;
}

/* Of a query each is long; of a subscription many are a row. */
enum vlt_status
burst_prepare(struct page *first, bool *more)
{
    enum vlt_status st = prepare(first, more);

    for (int i = 1; st == VLT_OK && *more && !first->more &&
                    first->reading->live && i < LIVE_SLICE;
         i++) {
        st = prepare(first, more);
    }
    return st;
}

void
burst_again(struct page *first)
{
    first->making = first;
    first->bytes = 0;
    for (struct page *page = first; page != NULL; page = page->next) {
        page->made = false;
        page->moved = false;
        page->final = false;
        page->slices = 0;
    }
}

/* Was nothing of it put but its refusal? */
static bool
is_refusal(enum vlt_status st)
{
    return st == VLT_E_DENIED || st == VLT_E_QUOTA;
}

enum vlt_status
burst_guard(struct page *first, struct turn *turn)
{
    enum vlt_status st = VLT_OK;

    if (first->next == NULL) {
        return page_guard(first, turn);
    }
    for (struct page *page = first; page != NULL; page = page->next) {
        page->in_span = page != first && page_in_span(page);
        if (page != first && (!page->made || !page->in_span)) {
            break;
        }
        st = page_guard(page, turn);
        if (page->leave != NULL && !page->reading->used) {
            page->reading->used = true; /* the others are of the same use */
        }
        if (st != VLT_OK && page != first && is_refusal(st)) {
            page->broke = st; /* what is before it leaves */
            return VLT_OK;
        }
        if (st != VLT_OK) {
            return st;
        }
    }
    return st;
}
