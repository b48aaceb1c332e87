/*
 * The lifecycle by its table: every state that a part of a request or a grant
 * can be in, by every way into it, against all that may happen, whoever does
 * it.  What is a row takes it to its state, with the row's receipt; what is
 * none changes nothing.  And no row is left that nothing takes.
 *
 * Not here: row 1, since what is malformed never comes so far
 * (flow.hostile_request), and row 21, in whose place all sharing is on hold
 * (flow.rollback).
 */
#include "rows.h"

enum { ROWS = 32 };

/* Sets of states. */
#define IN(state) (1U << (state))
#define NEW IN(0)
#define OPEN (IN(CONSENT_PENDING_STATE) | IN(CONSENT_COUNTERED))
#define IN_FORCE (IN(CONSENT_ACTIVE) | IN(CONSENT_SUSPENDED))

/* A row of the lifecycle. */
static const struct line {
    int row;
    unsigned from;
    const char *rules; /* in force when it happens; NULL: whatever is */
    enum event event;
    enum kind kind;        /* 0: whatever was asked for */
    enum consent_state to; /* 0: it stays */
    enum consent_event receipt;
    enum consent_by by; /* 0: its giver, owner or rule */
    bool by_rule;       /* of what stands and falls with rules alone */
} table[] = {
    { 2, NEW, deny_all, SUBMITTED, 0, CONSENT_DENIED, CONSENT_REFUSED,
      CONSENT_BY_VAULT, false },
    { 3, NEW, no_rules, SUBMITTED, 0, CONSENT_PENDING_STATE, 0,
      CONSENT_BY_VAULT, false },
    { 4, NEW, permit_bill, SUBMITTED, 0, CONSENT_ACTIVE, CONSENT_GIVEN,
      CONSENT_BY_VAULT, false },
    { 5, NEW, offers, SUBMITTED, 0, CONSENT_COUNTERED, 0, CONSENT_BY_VAULT,
      false },
    { 6, IN(CONSENT_PENDING_STATE), NULL, APPROVED, 0, CONSENT_ACTIVE,
      CONSENT_GIVEN, CONSENT_BY_OWNER, false },
    { 7, IN(CONSENT_PENDING_STATE), NULL, COUNTERED, 0, CONSENT_COUNTERED, 0,
      CONSENT_BY_OWNER, false },
    { 8, OPEN, NULL, DENIED, 0, CONSENT_DENIED, CONSENT_REFUSED,
      CONSENT_BY_OWNER, false },
    { 9, OPEN, NULL, A_DENY_RULE, 0, CONSENT_DENIED, CONSENT_REFUSED,
      CONSENT_BY_VAULT, false },
    { 10, IN(CONSENT_PENDING_STATE), NULL, WITHDRAWN, 0, CONSENT_DROPPED, 0,
      CONSENT_BY_FIRM, false },
    { 11, OPEN, NULL, DAYS_7, 0, CONSENT_LAPSED, CONSENT_EV_LAPSED,
      CONSENT_BY_CLOCK, false },
    { 11, OPEN, NULL, DAYS_30, 0, CONSENT_LAPSED, CONSENT_EV_LAPSED,
      CONSENT_BY_CLOCK, false },
    { 11, OPEN, NULL, DAYS_60, 0, CONSENT_LAPSED, CONSENT_EV_LAPSED,
      CONSENT_BY_CLOCK, false },
    { 11, OPEN, NULL, THE_END, 0, CONSENT_LAPSED, CONSENT_EV_LAPSED,
      CONSENT_BY_CLOCK, false },
    { 12, IN(CONSENT_COUNTERED), NULL, ACCEPTED, 0, CONSENT_ACTIVE,
      CONSENT_GIVEN, 0, false },
    { 13, IN(CONSENT_COUNTERED), NULL, LEFT, 0, CONSENT_DROPPED, 0,
      CONSENT_BY_FIRM, false },
    { 14, IN(CONSENT_ACTIVE), NULL, SIGNED, 0, 0, 0, CONSENT_BY_FIRM, false },
    { 15, IN(CONSENT_ACTIVE), NULL, DAYS_7, AGREED, CONSENT_REVOKED,
      CONSENT_EV_REVOKED, CONSENT_BY_CLOCK, false },
    { 16, IN(CONSENT_ACTIVE), NULL, USED, PLAIN, 0, 0, CONSENT_BY_FIRM, false },
    { 17, IN(CONSENT_ACTIVE), NULL, USED, ONE_USE, CONSENT_EXHAUSTED,
      CONSENT_EV_EXHAUSTED, CONSENT_BY_VAULT, false },
    { 18, IN(CONSENT_ACTIVE), NULL, SUSPENDED, 0, CONSENT_SUSPENDED,
      CONSENT_EV_SUSPENDED, CONSENT_BY_OWNER, false },
    { 19, IN(CONSENT_ACTIVE), NULL, DAYS_60, 0, CONSENT_SUSPENDED,
      CONSENT_EV_SUSPENDED, CONSENT_BY_CLOCK, false },
    { 20, IN(CONSENT_ACTIVE), NULL, AN_ASK_RULE, 0, CONSENT_SUSPENDED,
      CONSENT_EV_SUSPENDED, CONSENT_BY_VAULT, true },
    { 22, IN(CONSENT_SUSPENDED), NULL, RESUMED, 0, CONSENT_ACTIVE,
      CONSENT_EV_RESUMED, CONSENT_BY_OWNER, false },
    { 23, IN(CONSENT_ACTIVE), NULL, NARROWED, 0, 0, CONSENT_EV_NARROWED,
      CONSENT_BY_OWNER, false },
    { 23, IN(CONSENT_SUSPENDED), NULL, NARROWED, 0, 0, 0, CONSENT_BY_OWNER,
      false },
    { 24, IN(CONSENT_ACTIVE), NULL, ADMITTED, 0, 0, CONSENT_EV_ADMITTED,
      CONSENT_BY_OWNER, false },
    { 24, IN(CONSENT_SUSPENDED), NULL, ADMITTED, 0, 0, 0, CONSENT_BY_OWNER,
      false },
    { 25, IN_FORCE, NULL, REVOKED, 0, CONSENT_WITHDRAWN, CONSENT_EV_WITHDRAWN,
      CONSENT_BY_OWNER, false },
    { 26, IN_FORCE, NULL, A_DENY_RULE, 0, CONSENT_REVOKED, CONSENT_EV_REVOKED,
      CONSENT_BY_VAULT, false },
    { 26, IN_FORCE, NULL, NO_RULE, 0, CONSENT_REVOKED, CONSENT_EV_REVOKED,
      CONSENT_BY_VAULT, true },
    { 27, IN_FORCE, NULL, BLOCKED, 0, CONSENT_REVOKED, CONSENT_EV_REVOKED,
      CONSENT_BY_OWNER, false },
    { 28, IN_FORCE, NULL, ENDED, 0, CONSENT_ENDED, CONSENT_EV_ENDED,
      CONSENT_BY_FIRM, false },
    { 29, IN_FORCE, NULL, INVALIDATED, 0, CONSENT_INVALID,
      CONSENT_EV_INVALIDATED, CONSENT_BY_OWNER, false },
    { 30, IN_FORCE, NULL, THE_END, 0, CONSENT_EXPIRED, CONSENT_EV_EXPIRED,
      CONSENT_BY_CLOCK, false },
    { 31, IN_FORCE, NULL, RENEWED, SHORT, CONSENT_REPLACED, CONSENT_EV_REPLACED,
      CONSENT_BY_OWNER, false },
    { 31, IN_FORCE, NULL, REPLACED, 0, CONSENT_REPLACED, CONSENT_EV_REPLACED, 0,
      false },
};

/* Ways into each state; SUBMITTED comes before all but the first. */
static const struct way ways[] = {
    { 0, no_rules, false, { NOTHING } },
    { 0, permit_bill, false, { NOTHING } },
    { 0, offers, false, { NOTHING } },
    { 0, deny_all, false, { NOTHING } },
    { CONSENT_PENDING_STATE, no_rules, false, { NOTHING } },
    { CONSENT_COUNTERED, no_rules, false, { COUNTERED } },
    { CONSENT_COUNTERED, offers, false, { NOTHING } },
    { CONSENT_DENIED, deny_all, false, { NOTHING } },
    { CONSENT_DENIED, no_rules, false, { DENIED } },
    { CONSENT_DENIED, no_rules, false, { COUNTERED, DENIED } },
    { CONSENT_DENIED, no_rules, false, { A_DENY_RULE } },
    { CONSENT_DROPPED, no_rules, false, { WITHDRAWN } },
    { CONSENT_DROPPED, no_rules, false, { COUNTERED, LEFT } },
    { CONSENT_LAPSED, no_rules, false, { DAYS_7 } },
    { CONSENT_LAPSED, no_rules, false, { COUNTERED, DAYS_30 } },
    { CONSENT_ACTIVE, no_rules, false, { APPROVED } },
    { CONSENT_ACTIVE, no_rules, false, { COUNTERED, ACCEPTED } },
    { CONSENT_ACTIVE, permit_bill, true, { NOTHING } },
    { CONSENT_ACTIVE, no_rules, false, { APPROVED, SUSPENDED, RESUMED } },
    { CONSENT_ACTIVE, permit_bill, true, { SUSPENDED, RESUMED } },
    { CONSENT_ACTIVE, permit_bill, false, { AN_ASK_RULE, RESUMED } },
    { CONSENT_SUSPENDED, no_rules, false, { APPROVED, SUSPENDED } },
    { CONSENT_SUSPENDED, permit_bill, true, { SUSPENDED } },
    { CONSENT_SUSPENDED, permit_bill, true, { AN_ASK_RULE } },
    { CONSENT_EXPIRED, no_rules, false, { APPROVED, THE_END } },
    { CONSENT_EXPIRED, no_rules, false, { APPROVED, SUSPENDED, THE_END } },
    { CONSENT_EXHAUSTED, no_rules, false, { APPROVED, USED } },
    { CONSENT_WITHDRAWN, no_rules, false, { APPROVED, REVOKED } },
    { CONSENT_WITHDRAWN, permit_bill, true, { REVOKED } },
    { CONSENT_REVOKED, no_rules, false, { APPROVED, BLOCKED } },
    { CONSENT_REVOKED, permit_bill, true, { NO_RULE } },
    { CONSENT_ENDED, no_rules, false, { APPROVED, SUSPENDED, ENDED } },
    { CONSENT_INVALID, no_rules, false, { APPROVED, INVALIDATED } },
    { CONSENT_REPLACED, no_rules, false, { APPROVED, RENEWED } },
    { CONSENT_REPLACED, no_rules, false, { APPROVED, REPLACED } },
};

/* ---- what is there ---- */

/* All that a row may change of it. */
struct seen {
    enum consent_state state;
    uint32_t terms_version;
    uint64_t use_seq;
    size_t bound_count;
    int64_t exp;
    bool countersigned;
};

static bool
copy_state(void *ctx, const struct consent_request *request)
{
    *(enum consent_state *)ctx = request->part[0].state;
    return true;
}

/* As the turn under way has it, or as it is committed. */
static struct seen
look(struct bench *b, const struct subject *subject, bool turn)
{
    struct seen seen = { .state = 0 };
    const struct grant *grant;
    enum vlt_status st;

    if (subject->grant == NULL) {
        st = turn ? consent_request_now(b->consent, subject->request,
                                        copy_state, &seen.state)
                  : consent_request_find(b->consent, subject->request,
                                         copy_state, &seen.state);
        assert_true(st == VLT_OK || st == VLT_E_NOT_FOUND);
        return seen;
    }
    grant = turn ? consent_grant_now(b->consent, subject->grant->id)
                 : consent_grant_find(b->consent, subject->grant->id);
    assert_non_null(grant);
    seen = (struct seen){ grant->state,   grant->terms_version,
                          grant->use_seq, grant->bound_count,
                          grant->exp,     grant->countersigned != 0 };
    grant_release(grant);
    return seen;
}

/* Is the change one of this grant, or of the part that became none? */
static bool
concerns(const struct consent_change *change, const struct subject *subject)
{
    if ((int)change->row >= ROWS) {
        return false; /* none of the table */
    }
    if (subject->grant != NULL) {
        return change->grant != NULL &&
               memcmp(change->grant->id, subject->grant->id, VLT_ID_LEN) == 0;
    }
    return memcmp(change->request, subject->request, VLT_ID_LEN) == 0;
}

/* The one change of it in the turn under way; NULL: there is none. */
static const struct consent_change *
change_of(const struct bench *b, const struct subject *subject)
{
    const struct consent_change *found = NULL;

    for (size_t i = 0; i < b->changes.count; i++) {
        if (concerns(&b->changes.at[i], subject)) {
            assert_null(found);
            found = &b->changes.at[i];
        }
    }
    return found;
}

/* ---- the way ---- */

/* It may have become a grant. */
static void
take_grant(struct bench *b, struct subject *subject)
{
    for (size_t i = 0; subject->grant == NULL && i < b->changes.count; i++) {
        if (b->changes.at[i].grant != NULL) {
            subject->grant = grant_hold(b->changes.at[i].grant);
            keep_receipt(b, subject);
            let_a_stream_wait(b);
        }
    }
}

static void
go(struct bench *b, const struct way *way, struct subject *subject)
{
    subject->grant = NULL;
    memset(subject->request, 0, VLT_ID_LEN);
    subject->request[VLT_ID_LEN - 1] = 1;
    set_rules(b, way->rules);
    if (way->state == 0) {
        return;
    }
    for (size_t i = 0; i <= 3; i++) {
        enum event event = i == 0 ? SUBMITTED : way->by[i - 1];

        if (event != NOTHING) {
            turn_begin(b);
            assert_int_equal(happen(b, subject, event), VLT_OK);
            take_grant(b, subject);
            turn_commit(b);
        }
    }
    assert_int_equal(look(b, subject, false).state, way->state);
    if (way->state == CONSENT_EXHAUSTED) {
        /* Its pages cannot be fetched again any more. */
        b->now += (CONSENT_AGAIN_S + 1) * VLT_SECOND;
    }
}

/* ---- the table ---- */

static const struct line *
row_of(const struct way *way, enum event event, enum kind kind)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct line *line = &table[i];

        if ((line->from & IN(way->state)) != 0 && line->event == event &&
            (line->rules == NULL || line->rules == way->rules) &&
            (line->kind == 0 || line->kind == kind) &&
            (!line->by_rule || way->by_rule)) {
            return line;
        }
    }
    return NULL;
}

/* Who makes it happen cannot be refused. */
static bool
goes_by_itself(enum event event)
{
    return event == SUBMITTED || (event >= A_DENY_RULE && event <= THE_END);
}

static bool
same(const struct seen *a, const struct seen *b)
{
    return a->state == b->state && a->terms_version == b->terms_version &&
           a->use_seq == b->use_seq && a->bound_count == b->bound_count &&
           a->exp == b->exp && a->countersigned == b->countersigned;
}

static void
assert_taken(const struct bench *b, const struct subject *subject,
             const struct line *line)
{
    const struct consent_change *change = change_of(b, subject);

    if (line->row == 14 || line->row == 16) {
        assert_null(change); /* the grant has it, and no more is to be done */
        return;
    }
    assert_non_null(change);
    assert_int_equal(change->row, line->row);
    assert_int_equal(change->event, line->receipt);
    if (line->by == 0) {
        assert_true(change->by == CONSENT_BY_OWNER ||
                    change->by == CONSENT_BY_VAULT);
    } else {
        assert_int_equal(change->by, line->by);
    }
}

/* In the turn under way, from a state to the next, or to none. */
static void
try_event(struct bench *b, const struct way *way, struct subject *subject,
          enum event event)
{
    const struct line *line = row_of(way, event, subject->kind);
    struct seen before = look(b, subject, true);
    enum vlt_status st = happen(b, subject, event);
    struct seen after = look(b, subject, true);

    if (line != NULL) {
        assert_int_equal(st, VLT_OK);
        assert_taken(b, subject, line);
        assert_false(same(&before, &after));
        assert_int_equal(after.state, line->to != 0 ? line->to : before.state);
        return;
    }
    assert_true(goes_by_itself(event) || st != VLT_OK);
    assert_null(change_of(b, subject));
    assert_true(same(&before, &after));
}

/* What is asked for where it matters to the event. */
static bool
matters(enum kind kind, enum event event)
{
    switch (kind) {
    case PLAIN:
        return true;
    case ONE_USE:
        return event == USED;
    case SHORT:
        return event == RENEWED || event == REPLACED;
    case AGREED:
        return event == USED || event == DAYS_7;
    case KINDS:
        break;
    }
    return false;
}

/* Some ways are those of one kind alone. */
static enum kind
kind_on(const struct way *way, enum kind kind)
{
    return way->state == CONSENT_EXHAUSTED  ? ONE_USE
           : way->state == CONSENT_REPLACED ? SHORT
                                            : kind;
}

/* Each event in a turn that is undone, so that the state is there again. */
static void
try_all(const struct way *way, enum kind kind)
{
    struct subject subject = { .kind = kind_on(way, kind) };
    struct bench b;

    bench_begin(&b);
    go(&b, way, &subject);
    for (enum event event = SUBMITTED; event < EVENTS; event++) {
        int64_t now = b.now;

        if (matters(kind, event)) {
            turn_begin(&b);
            print_message("%s: %d happens, of kind %d\n",
                          consent_state_word(way->state), event, kind);
            try_event(&b, way, &subject, event);
            turn_abort(&b);
        }
        b.now = now;
    }
    grant_release(subject.grant);
    bench_end(&b);
}

static void
what_is_no_row_is_refused_and_changes_nothing(void **state)
{
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        /* What is asked for matters to what is in force alone. */
        bool matters_here = (IN(ways[i].state) & IN_FORCE) != 0;

        for (enum kind kind = PLAIN; kind < (matters_here ? KINDS : ONE_USE);
             kind++) {
            try_all(&ways[i], kind);
        }
    }
}

/* Committed, and there when the vault is opened again. */
static void
take_row(const struct way *way, enum event event, enum kind kind)
{
    struct subject subject = { .kind = kind };
    struct seen after;
    struct bench b;

    bench_begin(&b);
    go(&b, way, &subject);
    turn_begin(&b);
    try_event(&b, way, &subject, event);
    after = look(&b, &subject, true);
    turn_commit(&b);
    for (int i = 0; i < 2; i++) {
        struct seen kept = look(&b, &subject, false);

        assert_true(same(&kept, &after));
        bench_reopen(&b);
    }
    grant_release(subject.grant);
    bench_end(&b);
}

/* By the first way that leads to it. */
static void
take_line(const struct line *line)
{
    enum kind kind = line->kind != 0 ? line->kind : PLAIN;

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (row_of(&ways[i], line->event, kind) == line) {
            take_row(&ways[i], line->event, kind);
            return;
        }
    }
    print_error("nothing takes row %d\n", line->row);
    fail();
}

static void
each_row_is_taken_and_kept(void **state)
{
    bool there[ROWS] = { [0] = true, [1] = true, [21] = true };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        take_line(&table[i]);
        there[table[i].row] = true;
    }
    for (int row = 0; row < ROWS; row++) {
        assert_true(there[row]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_row_is_refused_and_changes_nothing),
        cmocka_unit_test(each_row_is_taken_and_kept),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
