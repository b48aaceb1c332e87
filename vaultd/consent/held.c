/*
 * held: what a firm still holds, and when it is to be asked (deletion.h).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/consent_internal.h"
#include "consent/deletion.h"

enum {
    PARTS = 32, /* of the time that may be kept, that uses are told apart by */
};

static int64_t
earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- noting ---- */

/* Uses of one such time are told together. */
static int64_t
width_of(const struct grant *grant)
{
    int64_t part = grant->terms.common.keep_s / PARTS * VLT_SECOND;

    return part > VLT_DAY ? part : VLT_DAY;
}

enum vlt_status
held_note(struct grant_box *copy, int64_t delivered)
{
    struct grant *grant = &copy->grant;
    int64_t width = width_of(grant);
    struct grant_kept *last;
    bool more;

    if (copy->kept == NULL) {
        copy->kept = calloc(CONSENT_KEPT, sizeof *copy->kept);
        if (copy->kept == NULL) {
            return VLT_E_NOMEM;
        }
        grant->kept = copy->kept;
    }
    last = grant->kept_count > 0 ? &copy->kept[grant->kept_count - 1] : NULL;
    /* A query may end before a live use that began earlier. */
    if (last != NULL && delivered < last->delivered) {
        delivered = last->delivered;
    }
    more = last == NULL || vlt_floor_div(last->delivered, width) !=
                               vlt_floor_div(delivered, width);
    if (more && grant->kept_count < CONSENT_KEPT) {
        last = &copy->kept[grant->kept_count++];
    }
    *last = (struct grant_kept){ .to = grant->use_seq, .delivered = delivered };
    return VLT_OK;
}

/* ---- looking ---- */

static bool
taken_back(const struct grant *grant)
{
    return grant->state == CONSENT_WITHDRAWN ||
           grant->state == CONSENT_REVOKED || grant->state == CONSENT_INVALID;
}

/* When what was delivered then is to be gone.  Nothing is delivered behind the
 * end of a grant. */
static int64_t
delete_by(const struct grant *grant, int64_t delivered)
{
    int64_t from =
        grant_over(grant) ? earlier(delivered, grant->changed) : delivered;
    int64_t by = from + grant->terms.common.keep_s * VLT_SECOND;

    return taken_back(grant)
               ? earlier(by, grant->changed + CONSENT_TAKEN_DAYS * VLT_DAY)
               : by;
}

size_t
consent_held(const struct grant *grant, struct consent_held out[CONSENT_HELD])
{
    uint64_t from = grant->stated + 1;
    size_t count = 0;

    if (grant->demanded_first >= from) {
        out[count++] = (struct consent_held){
            .from = from,
            .to = grant->demanded_first,
            .delete_by = grant->demanded_by,
            .demanded = grant->demanded_at,
            .due = grant->demanded_at + CONSENT_DUE_DAYS * VLT_DAY,
        };
        from = grant->demanded_first + 1;
    }
    if (grant->demanded >= from) {
        out[count++] = (struct consent_held){
            .from = from,
            .to = grant->demanded,
            .delete_by = grant->asked_by,
            .demanded = grant->asked,
            .due = grant->asked + CONSENT_DUE_DAYS * VLT_DAY,
        };
        from = grant->demanded + 1;
    }
    for (size_t i = 0; i < grant->kept_count; i++) {
        out[count++] = (struct consent_held){
            .from = from,
            .to = grant->kept[i].to,
            .delete_by = delete_by(grant, grant->kept[i].delivered),
        };
        from = grant->kept[i].to + 1;
    }
    return count;
}

bool
consent_overdue(const struct grant *grant, int64_t now)
{
    return grant->demanded > grant->stated &&
           now >= grant->demanded_at + CONSENT_DUE_DAYS * VLT_DAY;
}

enum vlt_status
consent_firm_overdue(struct consent *consent, const uint8_t firm[VLT_ID_LEN],
                     int64_t now, bool *out)
{
    struct grant_box **list = NULL;
    size_t count = 0;
    bool overdue = false;
    enum vlt_status st =
        ledger_firm_grants(consent, firm, false, &list, &count);

    for (size_t i = 0; i < count; i++) {
        overdue = overdue || consent_overdue(&list[i]->grant, now);
        grant_release(&list[i]->grant);
    }
    free(list);
    if (st == VLT_OK) {
        *out = overdue;
    }
    return st;
}

/* ---- asking, and telling that it was in vain ---- */

/* What was asked for last is all that is demanded. */
static void
count_from_last(struct grant *grant)
{
    grant->demanded_first = grant->demanded;
    grant->demanded_at = grant->asked;
    grant->demanded_by = grant->asked_by;
    grant->overdue_told = false;
}

bool
held_due(const struct grant *grant, int64_t now)
{
    if (consent_overdue(grant, now) && !grant->overdue_told) {
        return true;
    }
    return grant->kept_count > 0 &&
           now >= delete_by(grant, grant->kept[0].delivered) &&
           (grant->asked == 0 ||
            now >= grant->asked + CONSENT_ASK_DAYS * VLT_DAY);
}

/* Take what is due from what is kept; by when the last of it had to go. */
static int64_t
take_due(struct grant_box *copy, int64_t now)
{
    struct grant *grant = &copy->grant;
    int64_t by = 0;
    size_t due = 0;

    while (due < grant->kept_count &&
           now >= delete_by(grant, grant->kept[due].delivered)) {
        grant->demanded = grant->kept[due].to;
        by = delete_by(grant, grant->kept[due].delivered);
        due++;
    }
    grant->kept_count -= due;
    memmove(copy->kept, copy->kept + due,
            grant->kept_count * sizeof *copy->kept);
    return by;
}

/* All that is due joins what is demanded, with a time of its own.  What was
 * asked for before is overdue by now, as there are more days between two
 * askings than to answer one; so it needs one time alone. */
static void
demand(struct grant_box *copy, int64_t now)
{
    struct grant *grant = &copy->grant;
    bool first = grant->demanded <= grant->stated;

    _Static_assert((int)CONSENT_ASK_DAYS > (int)CONSENT_DUE_DAYS,
                   "what was asked for before is overdue at an asking");
    grant->demanded_first = grant->demanded;
    grant->asked = now;
    grant->asked_by = take_due(copy, now);
    if (first) {
        count_from_last(grant);
    }
}

static enum vlt_status
add_row(struct grant_box *copy, enum consent_row row,
        struct consent_changes *changes)
{
    struct consent_change change = { .row = row,
                                     .event = CONSENT_NO_RECEIPT,
                                     .by = CONSENT_BY_CLOCK,
                                     .part = copy->part,
                                     .state = copy->grant.state,
                                     .grant = &copy->grant };

    memcpy(change.request, copy->grant.request, VLT_ID_LEN);
    return change_add(changes, &change);
}

enum vlt_status
held_tell(struct consent *consent, struct store_txn *txn,
          const uint8_t id[VLT_ID_LEN], int64_t now,
          struct consent_changes *changes)
{
    struct grant_box *box = ledger_grant(consent, id, true);
    struct grant_box *copy = grant_box_copy(box);
    enum vlt_status st = copy != NULL ? VLT_OK : VLT_E_NOMEM;

    grant_release(&box->grant);
    if (st == VLT_OK && consent_overdue(&copy->grant, now) &&
        !copy->grant.overdue_told) {
        copy->grant.overdue_told = true;
        st = add_row(copy, ROW_OVERDUE, changes);
    }
    if (st == VLT_OK && held_due(&copy->grant, now)) {
        demand(copy, now);
        st = add_row(copy, ROW_DEMANDED, changes);
    }
    if (st == VLT_OK) {
        st = ledger_put_grant(consent, txn, copy);
    }
    grant_release(copy != NULL ? &copy->grant : NULL);
    return st;
}

/* ---- a statement ---- */

static enum vlt_status
no(struct vlt_buf *why, enum vlt_status st, const char *says)
{
    vlt_buf_put_text(why, says);
    return st;
}

/* Nothing is deleted before it came, or after it was said. */
static enum vlt_status
check_times(const struct grant *grant,
            const struct consent_statement *statement, struct vlt_buf *why)
{
    int64_t at = vlt_floor_div(statement->deleted_at, VLT_SECOND);

    if (statement->deleted_at > statement->at.now + VLT_MINUTE) {
        return no(why, VLT_E_FORMAT, "deleted_at is yet to come.");
    }
    for (size_t i = 0; i < grant->kept_count; i++) {
        int64_t delivered = grant->kept[i].delivered;

        if (grant_over(grant)) {
            delivered = earlier(delivered, grant->changed);
        }
        if (grant->kept[i].to <= statement->to &&
            at < vlt_floor_div(delivered, VLT_SECOND)) {
            return no(why, VLT_E_FORMAT,
                      "deleted_at is before the last of these uses was "
                      "delivered; of a live one that is when its hour is "
                      "over.");
        }
    }
    for (size_t i = 0; i < statement->exceptions; i++) {
        if (statement->exception[i].until <= statement->at.now) {
            return no(why, VLT_E_FORMAT, "An exception is over already.");
        }
    }
    return VLT_OK;
}

/* The exceptions of these uses that there are. */
static size_t
count_excepted(const struct grant *grant, uint64_t from, uint64_t to)
{
    size_t count = 0;

    for (size_t i = 0; i < grant->exception_count; i++) {
        count +=
            grant->exception[i].from <= to && grant->exception[i].to >= from;
    }
    return count;
}

/* The exception that a new one of uses that were stated before is within: those
 * of its uses, and no longer, also where newer uses are beside them, which are
 * excepted for themselves.  NULL: there is none. */
static const struct grant_exception *
find_wider(const struct grant *grant, const struct grant_exception *said)
{
    uint64_t to = said->to <= grant->stated ? said->to : grant->stated;

    for (size_t i = 0; i < grant->exception_count; i++) {
        const struct grant_exception *old = &grant->exception[i];

        if (old->from <= said->from && to <= old->to &&
            said->until <= old->until) {
            return old;
        }
    }
    return NULL;
}

/* What was said to be gone is not kept again, nor kept longer than was said;
 * and each statement about it leaves less, so that there is a last one. */
static enum vlt_status
check_again(const struct grant *grant,
            const struct consent_statement *statement, struct vlt_buf *why)
{
    size_t same = 0;

    for (size_t i = 0; i < statement->exceptions; i++) {
        const struct grant_exception *said = &statement->exception[i];
        const struct grant_exception *old = NULL;

        if (said->from > grant->stated) {
            continue;
        }
        old = find_wider(grant, said);
        if (old == NULL) {
            return no(why, VLT_E_FORMAT,
                      "An exception is of uses that you said are deleted, or "
                      "longer than you said.");
        }
        same += said->from == old->from && said->to == old->to &&
                said->until == old->until;
    }
    if (statement->to <= grant->stated &&
        same == count_excepted(grant, statement->from, statement->to)) {
        return no(why, VLT_E_CONFLICT, "That was said already.");
    }
    return VLT_OK;
}

static enum vlt_status
check(const struct grant *grant, const struct consent_statement *statement,
      struct vlt_buf *why)
{
    if (statement->from < 1 || statement->to < statement->from ||
        statement->to > grant->use_seq) {
        return no(why, VLT_E_FORMAT, "The grant has no such uses.");
    }
    if (statement->from > grant->stated + 1) {
        vlt_buf_printf(why,
                       "A statement begins with the first use that you still "
                       "hold, which is %" PRIu64 "; name what you keep as an "
                       "exception.",
                       grant->stated + 1);
        return VLT_E_FORMAT;
    }
    enum vlt_status st = check_again(grant, statement, why);

    return st == VLT_OK ? check_times(grant, statement, why) : st;
}

/* What a statement is not about stays excepted, on either side of it; returns
 * how many were put to out, of which up to 2 are. */
static size_t
put_rest(const struct grant_exception *old,
         const struct consent_statement *statement, struct grant_exception *out)
{
    size_t count = 0;

    if (old->until <= statement->at.now) {
        return 0;
    }
    if (old->to < statement->from || old->from > statement->to) {
        out[0] = *old;
        return 1;
    }
    if (old->from < statement->from) {
        out[count] = *old;
        out[count++].to = statement->from - 1;
    }
    if (old->to > statement->to) {
        out[count] = *old;
        out[count++].from = statement->to + 1;
    }
    return count;
}

/* Those that stay, and then the new ones. */
static enum vlt_status
take_exceptions(struct grant_box *copy,
                const struct consent_statement *statement, struct vlt_buf *why)
{
    struct grant *grant = &copy->grant;
    struct grant_exception *list =
        grant_room_for(2 * CONSENT_EXCEPTIONS, sizeof *list);
    size_t count = 0;

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < grant->exception_count; i++) {
        count += put_rest(&copy->exception[i], statement, list + count);
    }
    if (count + statement->exceptions > CONSENT_EXCEPTIONS) {
        free(list);
        vlt_buf_printf(why, "A grant has at most %d exceptions at a time.",
                       CONSENT_EXCEPTIONS);
        return VLT_E_LIMIT;
    }
    for (size_t i = 0; i < statement->exceptions; i++) {
        list[count++] = statement->exception[i];
    }
    free(copy->exception);
    copy->exception = list;
    grant->exception = list;
    grant->exception_count = count;
    return VLT_OK;
}

static void
take_uses(struct grant_box *copy, uint64_t to)
{
    struct grant *grant = &copy->grant;
    size_t gone = 0;

    if (to <= grant->stated) {
        return;
    }
    grant->stated = to;
    while (gone < grant->kept_count && grant->kept[gone].to <= to) {
        gone++;
    }
    if (gone > 0) {
        grant->kept_count -= gone;
        memmove(copy->kept, copy->kept + gone,
                grant->kept_count * sizeof *copy->kept);
    }
    if (grant->demanded <= to) {
        grant->demanded = 0;
        grant->demanded_first = 0;
        grant->demanded_at = 0;
        grant->demanded_by = 0;
        grant->overdue_told = false;
    } else if (grant->demanded_first <= to) {
        count_from_last(grant);
    }
}

enum vlt_status
consent_deleted(struct consent *consent, struct store_txn *txn,
                const struct consent_statement *statement, struct vlt_buf *why)
{
    struct grant_box *box = ledger_grant(consent, statement->at.grant, true);
    struct grant_box *copy = NULL;
    enum vlt_status st;

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    st = check(&box->grant, statement, why);
    if (st == VLT_OK) {
        copy = grant_box_copy(box);
        st = copy != NULL ? take_exceptions(copy, statement, why) : VLT_E_NOMEM;
    }
    if (st == VLT_OK) {
        take_uses(copy, statement->to);
        st = ledger_put_grant(consent, txn, copy);
    }
    if (st == VLT_OK) {
        st = consent_moved(consent, txn);
    }
    grant_release(&box->grant);
    grant_release(copy != NULL ? &copy->grant : NULL);
    return st;
}
