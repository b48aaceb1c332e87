/*
 * burst: several pages of a query that are made, decided and logged together,
 * so that one commit serves them all.
 *
 * Each has an entry of its own and a release of its own.  They wait with their
 * reading and leave one after the other, as the caller takes them: what waits
 * is dropped when its reading ends, and decided again when consent has moved.
 */
#include "service/page_internal.h"

enum {
    PAGES = 8,            /* at most */
    BYTES = 256 << 10,    /* of frames; the last one may pass it */
    COST = 512 << 10,     /* bytes that a burst is taken to hold, all in all */
    OF_SESSION = 1 << 20, /* what those of a session may hold, */
    OF_ALL = 32 << 20,    /* and those of all */
};

/* ---- on the loop ---- */

/* A burst begins, or is over: what it may hold is counted meanwhile. */
static void
count(struct reading *reading, bool begins)
{
    struct service *service = reading->service;
    struct session *session = session_find(service, reading->who.session);

    if (reading->bursts == begins) {
        return;
    }
    reading->bursts = begins;
    service->waiting += begins ? COST : (size_t)-COST;
    if (session != NULL) {
        session->waiting += begins ? COST : (size_t)-COST;
    }
}

/* How many pages may be made at once?  Subscriptions tell what comes as it
 * comes, and nothing of the owner's is committed. */
static int64_t
most_pages(const struct reading *reading)
{
    struct service *service = reading->service;
    const struct session *session = session_find(service, reading->who.session);

    if (reading->live || reading->who.role != ROLE_FIRM || session == NULL ||
        session->waiting + COST > OF_SESSION ||
        service->waiting + COST > OF_ALL) {
        return 1;
    }
    return reading->credit < PAGES ? reading->credit : PAGES;
}

void
burst_begin(struct page *first)
{
    struct page **at = &first->next;
    int64_t most = most_pages(first->reading);

    first->making = first;
    if (most > 1) {
        count(first->reading, true);
    }
    for (int64_t i = most; i > 1; i--) {
        *at = page_new(first->reading, NULL);
        if (*at == NULL) {
            return; /* fewer */
        }
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

void
burst_wait(struct page *first)
{
    struct reading *reading = first->reading;
    struct page **at = &first->next;
    bool broke = false;

    while (*at != NULL && (*at)->made && !broke) {
        broke = (*at)->broke != VLT_OK;
        at = &(*at)->next;
    }
    free_pages(*at);
    *at = NULL;
    if (first->next == NULL) {
        count(reading, false);
    } else {
        reading->ready = first->next;
    }
    first->next = NULL;
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
        count(reading, false);
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
    count(reading, false);
    reading_release(reading);
}

void
burst_free(struct page *first)
{
    struct page *next = first->next;

    count(first->reading, false);
    page_free(first);
    free_pages(next);
}

/* ---- by who has the reading ---- */

void
burst_give(const struct page *page)
{
    struct reading *reading = page->reading;

    for (size_t i = 0; i < reading->count; i++) {
        reading->streams[i].given.rows = 0;
    }
    if (page->index < reading->count) {
        reading->streams[page->index].given = page->given;
    }
}

/* It is whole.  What follows goes on behind it. */
static void
keep(struct page *page)
{
    const struct reading *reading = page->reading;

    page->made = true;
    if (page->index < reading->count) {
        page->given = reading->streams[page->index].given;
    }
}

enum vlt_status
burst_prepare(struct page *first, bool *more)
{
    struct page *page = first->making;
    enum vlt_status st = page_prepare(page);
    bool whole =
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
    if (page->final || page->next == NULL || first->bytes >= BYTES) {
        return VLT_OK;
    }
    page_move_on(page);
    first->making = page->next;
    *more = true;
    return VLT_OK;
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
        if (page != first && !page->made) {
            break;
        }
        if (page->made) {
            burst_give(page);
        }
        st = page_guard(page, turn);
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
