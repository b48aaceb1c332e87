/*
 * book: what is committed, by firm, so that what concerns one firm is found
 * without looking at all others.
 *
 * A book's entries are the values of the ledger's two maps; a value knows its
 * place in its book, and the one that replaces it takes it over.  Under the
 * ledger's lock.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/consent_internal.h"

enum { FIRST_ROOM = 8 };

struct book {
    size_t grants;
    size_t grant_room;
    struct grant_box **grant; /* owned list of borrowed boxes */
    size_t requests;
    size_t request_room;
    struct kept_request **request; /* likewise */
    size_t in_force;               /* of the grants */
};

static enum vlt_status
book_of(struct consent *consent, const uint8_t firm[VLT_ID_LEN],
        struct book **out)
{
    struct book *book = map_get(consent->books, firm);
    enum vlt_status st = VLT_OK;

    if (book == NULL) {
        book = calloc(1, sizeof *book);
        st = book != NULL ? map_put(consent->books, firm, book) : VLT_E_NOMEM;
        if (st != VLT_OK) {
            free(book);
            return st;
        }
    }
    *out = book;
    return st;
}

/* Room for one more in a list of pointers. */
static enum vlt_status
grow(void ***list, size_t count, size_t *room)
{
    size_t more = *room == 0 ? FIRST_ROOM : 2 * *room;
    void **larger;

    if (count < *room) {
        return VLT_OK;
    }
    larger = realloc(*list, more * sizeof *larger);
    if (larger == NULL) {
        return VLT_E_NOMEM;
    }
    *list = larger;
    *room = more;
    return VLT_OK;
}

/* ---- keeping ---- */

static enum vlt_status
add_grant(struct consent *consent, struct grant_box *grant)
{
    struct book *book;
    void **list;
    enum vlt_status st = book_of(consent, grant->grant.firm, &book);

    if (st != VLT_OK) {
        return st;
    }
    list = (void **)book->grant;
    st = grow(&list, book->grants, &book->grant_room);
    book->grant = (struct grant_box **)list;
    if (st == VLT_OK) {
        grant->place = book->grants;
        book->grant[book->grants++] = grant;
        book->in_force += !grant_over(&grant->grant);
        consent->in_force += !grant_over(&grant->grant);
    }
    return st;
}

enum vlt_status
book_keep_grant(struct consent *consent, const struct grant_box *old,
                struct grant_box *grant)
{
    struct book *book;

    if (old == NULL) {
        return add_grant(consent, grant);
    }
    book = map_get(consent->books, grant->grant.firm);
    grant->place = old->place;
    book->grant[grant->place] = grant;
    book->in_force -= !grant_over(&old->grant);
    book->in_force += !grant_over(&grant->grant);
    consent->in_force -= !grant_over(&old->grant);
    consent->in_force += !grant_over(&grant->grant);
    return VLT_OK;
}

/* Some part of it does, or did until its time was over. */
static bool
is_waiting(const struct kept_request *request)
{
    return consent_request_has(&request->request, CONSENT_PENDING_STATE) ||
           consent_request_has(&request->request, CONSENT_COUNTERED);
}

enum vlt_status
book_keep_request(struct consent *consent, const struct kept_request *old,
                  struct kept_request *request)
{
    struct book *book;
    void **list;
    enum vlt_status st = book_of(consent, request->request.firm, &book);

    if (st != VLT_OK) {
        return st;
    }
    /* The one before may have waited, and goes. */
    (void)map_take(consent->waiting, request->request.id);
    if (is_waiting(request)) {
        st = map_put(consent->waiting, request->request.id, request);
    }
    if (old != NULL) {
        request->place = old->place;
        book->request[request->place] = request;
        return VLT_OK; /* its place in `waiting` was free before */
    }
    list = (void **)book->request;
    if (st == VLT_OK) {
        st = grow(&list, book->requests, &book->request_room);
        book->request = (struct kept_request **)list;
    }
    if (st == VLT_OK) {
        request->place = book->requests;
        book->request[book->requests++] = request;
    } else {
        (void)map_take(consent->waiting, request->request.id);
    }
    return st;
}

void
book_clear(struct consent *consent)
{
    size_t at = 0;
    void *value;

    while (map_next(consent->books, &at, NULL, &value)) {
        struct book *book = value;

        free(book->grant);
        free(book->request);
        free(book);
    }
    map_clear(consent->books);
    map_clear(consent->waiting);
    consent->in_force = 0;
}

/* ---- one firm's ---- */

/* Those of the committed list that the turn has no newer value of, and then the
 * turn's. */
struct gathering {
    const struct map *turn; /* NULL: what is committed alone */
    const uint8_t *firm;
    void **list; /* to be filled */
    size_t count;
};

static enum vlt_status
room_for_all(struct gathering *gathering, size_t committed)
{
    size_t turn = gathering->turn != NULL ? map_count(gathering->turn) : 0;

    gathering->list = calloc(committed + turn + 1, sizeof *gathering->list);
    return gathering->list != NULL ? VLT_OK : VLT_E_NOMEM;
}

static void
gather_grants(struct gathering *gathering, const struct book *book)
{
    size_t at = 0;
    void *value;

    for (size_t i = 0; book != NULL && i < book->grants; i++) {
        if (gathering->turn == NULL ||
            map_get(gathering->turn, book->grant[i]->grant.id) == NULL) {
            gathering->list[gathering->count++] = book->grant[i];
        }
    }
    while (gathering->turn != NULL &&
           map_next(gathering->turn, &at, NULL, &value)) {
        struct grant_box *grant = value;

        if (memcmp(grant->grant.firm, gathering->firm, VLT_ID_LEN) == 0) {
            gathering->list[gathering->count++] = grant;
        }
    }
    for (size_t i = 0; i < gathering->count; i++) {
        grant_hold(&((struct grant_box *)gathering->list[i])->grant);
    }
}

enum vlt_status
ledger_firm_grants(struct consent *consent, const uint8_t firm[VLT_ID_LEN],
                   bool now, struct grant_box ***out, size_t *count)
{
    struct gathering gathering = { .turn = now ? consent->turn_grants : NULL,
                                   .firm = firm };
    const struct book *book;
    enum vlt_status st;

    lock_take(consent->lock);
    book = map_get(consent->books, firm);
    st = room_for_all(&gathering, book != NULL ? book->grants : 0);
    if (st == VLT_OK) {
        gather_grants(&gathering, book);
    }
    lock_drop(consent->lock);
    *out = (struct grant_box **)gathering.list;
    *count = gathering.count;
    return st;
}

static void
gather_requests(struct gathering *gathering, const struct book *book)
{
    size_t at = 0;
    void *value;

    for (size_t i = 0; book != NULL && i < book->requests; i++) {
        if (gathering->turn == NULL ||
            map_get(gathering->turn, book->request[i]->request.id) == NULL) {
            gathering->list[gathering->count++] = book->request[i];
        }
    }
    while (gathering->turn != NULL &&
           map_next(gathering->turn, &at, NULL, &value)) {
        struct kept_request *request = value;

        if (memcmp(request->request.firm, gathering->firm, VLT_ID_LEN) == 0) {
            gathering->list[gathering->count++] = request;
        }
    }
    for (size_t i = 0; i < gathering->count; i++) {
        request_hold(gathering->list[i]);
    }
}

enum vlt_status
ledger_firm_requests(struct consent *consent, const uint8_t firm[VLT_ID_LEN],
                     bool now, struct kept_request ***out, size_t *count)
{
    struct gathering gathering = { .turn = now ? consent->turn_requests : NULL,
                                   .firm = firm };
    const struct book *book;
    enum vlt_status st;

    lock_take(consent->lock);
    book = map_get(consent->books, firm);
    st = room_for_all(&gathering, book != NULL ? book->requests : 0);
    if (st == VLT_OK) {
        gather_requests(&gathering, book);
    }
    lock_drop(consent->lock);
    *out = (struct kept_request **)gathering.list;
    *count = gathering.count;
    return st;
}

/* ---- counts, as the turn sees them ---- */

static void
count_waiting(struct ledger_waiting *waiting,
              const struct kept_request *request, int64_t now)
{
    size_t parts = parts_wait(request, now);

    waiting->requests += parts > 0;
    waiting->parts += parts;
}

struct ledger_waiting
ledger_waiting(struct consent *consent, int64_t now)
{
    struct ledger_waiting waiting = { .requests = 0 };
    const uint8_t *key;
    size_t at = 0;
    void *value;

    lock_take(consent->lock);
    while (map_next(consent->waiting, &at, &key, &value)) {
        if (map_get(consent->turn_requests, key) == NULL) {
            count_waiting(&waiting, value, now);
        }
    }
    lock_drop(consent->lock);
    at = 0;
    while (map_next(consent->turn_requests, &at, NULL, &value)) {
        count_waiting(&waiting, value, now);
    }
    return waiting;
}

void
ledger_in_force(struct consent *consent, const uint8_t firm[VLT_ID_LEN],
                size_t *of_firm, size_t *all)
{
    const struct book *book;
    const uint8_t *key;
    size_t at = 0;
    void *value;

    lock_take(consent->lock);
    book = map_get(consent->books, firm);
    *all = consent->in_force;
    *of_firm = book != NULL ? book->in_force : 0;
    while (map_next(consent->turn_grants, &at, &key, &value)) {
        const struct grant *grant = &((struct grant_box *)value)->grant;
        const struct grant_box *old = map_get(consent->grants, key);
        bool own = memcmp(grant->firm, firm, VLT_ID_LEN) == 0;
        size_t more = !grant_over(grant);
        size_t less = old != NULL && !grant_over(&old->grant);

        *all += more - less; /* modulo 2^64, and so right in the end */
        *of_firm += own ? more - less : 0;
    }
    lock_drop(consent->lock);
}
