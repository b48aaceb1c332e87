/*
 * bench: a firm that asks for streams, an owner who answers, and uses of what
 * comes of it, in a scratch vault.
 */
#ifndef TESTS_CONSENT_BENCH_H
#define TESTS_CONSENT_BENCH_H

#include <stdlib.h>

#include "bench_vault.h"

#include "terms/lint.h"
#include "wire/request.h"

/* ---- requests ---- */

struct asked {
    const char *purposes; /* ids of purposes, comma between; NULL: the bill */
    const char *items;    /* JSON of the list; NULL: electricity */
    const char *action;   /* with its quotes; NULL: "read" */
    const char *rate;     /* NULL: none */
    const char *uses;     /* NULL: none */
    int life_s;           /* 0: 90 days */
    int keep_s;           /* 0: 30 days */
    const char *onward;   /* JSON of the list; NULL: nobody */
    const uint8_t *replaces; /* a grant's id; NULL: none */
    bool agreement;          /* one is named */
};

#define ITEM(n, data, more)                                                    \
    "{\"n\":" #n ",\"data\":\"" data "\",\"stats\":[\"mean\"],"                \
    "\"bucket_s\":900,\"window_s\":7776000,\"delay_s\":86400" more "}"

static inline void
put_purposes(struct vlt_buf *out, const char *ids)
{
    const char *at = ids;

    vlt_buf_printf(out, "\"purposes\":[");
    while (*at != '\0') {
        size_t len = strcspn(at, ",");

        vlt_buf_printf(out,
                       "%s{\"id\":\"%.*s\",\"text\":\"We need your "
                       "electricity for it.\",\"lang\":\"en\","
                       "\"basis\":\"consent\",\"if_denied\":\"We do not.\"}",
                       at == ids ? "" : ",", (int)len, at);
        at += len + (at[len] == ',');
    }
    vlt_buf_printf(out, "],");
}

static inline void
put_request(struct vlt_buf *out, const struct asked *asked)
{
    const char *action = asked->action != NULL ? asked->action : "\"read\"";

    vlt_buf_printf(
        out,
        "{\"controller\":{\"name\":\"BrightGrid Ltd\",\"contact\":"
        "\"mailto:privacy@brightgrid.example\",\"address\":\"1 Mill Lane\","
        "\"country\":\"GB\"},\"notice\":{\"uri\":"
        "\"https://brightgrid.example/privacy\",\"sha256\":"
        "\"9368a7d21e018f64ae3327d2f25cd4d7693b2d85328e4bb680bcfcbd4c26b90e\","
        "\"lang\":\"en\"},\"authority\":\"ICO\",\"rights\":"
        "\"mailto:privacy@brightgrid.example\",");
    put_purposes(out,
                 asked->purposes != NULL ? asked->purposes : "service.billing");
    if (strcmp(action, "\"contact\"") == 0) {
        vlt_buf_printf(out, "\"channels\":[\"email\"],");
    } else {
        vlt_buf_printf(out, "\"items\":[%s],",
                       asked->items != NULL
                           ? asked->items
                           : ITEM(1, "energy.electricity", ""));
    }
    vlt_buf_printf(
        out,
        "\"action\":%s,\"rate\":%s,\"uses\":%s,\"life_s\":%d,"
        "\"keep_s\":%d,\"onward\":[%s],\"where\":[\"GB\"],"
        "\"profiling\":\"none\",\"automated\":false,\"training\":false,"
        "\"gatekeeper\":false",
        action, asked->rate != NULL ? asked->rate : "{\"n\":4,\"per_s\":86400}",
        asked->uses != NULL ? asked->uses : "null",
        asked->life_s != 0 ? asked->life_s : 7776000,
        asked->keep_s != 0 ? asked->keep_s : 2592000,
        asked->onward != NULL ? asked->onward : "");
    if (asked->agreement) {
        vlt_buf_printf(out,
                       ",\"agreement\":{\"id\":\"p7012:NoStalking\","
                       "\"sha256\":\"%064d\"}",
                       0);
    }
    if (asked->replaces != NULL) {
        char text[VLT_ULID_TEXT];

        vlt_buf_printf(out, ",\"replaces\":\"%s\"",
                       vlt_ulid_print(asked->replaces, text));
    }
    vlt_buf_printf(out, "}");
}

/* Submit what is in a request file, under an id. */
static inline enum vlt_status
submit_file(struct bench *b, struct vlt_slice file,
            const uint8_t id[VLT_ID_LEN], const struct consent_firm *firm,
            int64_t *retry_ms)
{
    struct vlt_request_fill fill = { .iat = b->now / VLT_SECOND };
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct vlt_json *document = NULL;
    struct terms_request request;
    struct terms_fault fault;
    struct vlt_buf jws;
    enum vlt_status st;

    memcpy(fill.jti, id, VLT_ID_LEN);
    vlt_buf_init(&jws, 0);
    st = vlt_request_read_file(file, &fill, &document, &request, &fault);
    if (st != VLT_OK) {
        print_error("%s %s\n", fault.at, fault.says);
    }
    assert_int_equal(st, VLT_OK);
    assert_int_equal(vlt_request_sign(file, &fill, b->signer, &jws, &fault),
                     VLT_OK);

    struct consent_submission submission = { .firm = firm,
                                             .request = &request,
                                             .jws = vlt_buf_slice(&jws),
                                             .world = &world,
                                             .now = b->now };

    st = consent_check_replaces(b->consent, &submission, &fault);
    if (st == VLT_OK) {
        st = consent_submit(b->consent, b->txn, &submission, &b->changes,
                            retry_ms);
    } else {
        (void)snprintf(b->said, sizeof b->said, "%s %s", fault.code,
                       fault.says);
    }
    vlt_json_free(document);
    vlt_buf_free(&jws);
    return st;
}

static inline enum vlt_status
try_submit(struct bench *b, const struct asked *asked, uint8_t id[VLT_ID_LEN],
           int64_t *retry_ms)
{
    struct vlt_buf file;
    enum vlt_status st;

    memset(id, 0, VLT_ID_LEN);
    id[VLT_ID_LEN - 1] = ++b->requests;
    vlt_buf_init(&file, 0);
    put_request(&file, asked);
    st = submit_file(b, vlt_buf_slice(&file), id, &b->firm, retry_ms);
    vlt_buf_free(&file);
    return st;
}

/* In the turn under way. */
static inline void
submit(struct bench *b, const struct asked *asked, uint8_t id[VLT_ID_LEN])
{
    int64_t retry_ms;

    assert_int_equal(try_submit(b, asked, id, &retry_ms), VLT_OK);
}

static inline enum vlt_status
try_approve(struct bench *b, const uint8_t id[VLT_ID_LEN],
            struct consent_pick pick, const struct consent_narrow *narrow)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_approval approval = { .pick = pick,
                                         .narrow = narrow,
                                         .firm = &b->firm,
                                         .world = &world,
                                         .now = b->now };
    struct vlt_buf why;
    enum vlt_status st;

    memcpy(approval.request, id, VLT_ID_LEN);
    vlt_buf_init(&why, 0);
    st = consent_approve(b->consent, b->txn, &approval, &why, &b->changes);
    assert_true(st == VLT_OK || st == VLT_E_NOT_FOUND || why.len > 0);
    (void)snprintf(b->said, sizeof b->said, "%.*s", (int)why.len,
                   why.len > 0 ? (const char *)why.at : "");
    vlt_buf_free(&why);
    return st;
}

/* One change of the turn under way. */
static inline const struct consent_change *
assert_change(const struct bench *b, size_t i, int row,
              enum consent_state state, enum consent_event event)
{
    assert_true(i < b->changes.count);
    assert_int_equal(b->changes.at[i].row, row);
    assert_int_equal(b->changes.at[i].state, state);
    assert_int_equal(b->changes.at[i].event, event);
    return &b->changes.at[i];
}

/* Ask for something and approve it, in one turn: a grant by hand, held. */
static inline const struct grant *
grant_by_hand(struct bench *b, const struct asked *asked)
{
    struct consent_pick only = { .all = false };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];

    turn_begin(b);
    submit(b, asked, id);
    assert_change(b, 0, 3, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
    assert_int_equal(try_approve(b, id, only, NULL), VLT_OK);
    grant = assert_change(b, 1, 6, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
    grant_hold(grant);
    turn_commit(b);
    return grant;
}

/* The same by the rule that permits the bill. */
static inline const struct grant *
grant_by_rule(struct bench *b, const struct asked *asked)
{
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];

    set_rules(b, permit_bill);
    turn_begin(b);
    submit(b, asked, id);
    grant = assert_change(b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
    grant_hold(grant);
    turn_commit(b);
    return grant;
}

/* ---- what is there ---- */

static inline bool
copy_request(void *ctx, const struct consent_request *request)
{
    *(struct consent_request *)ctx = *request;
    return true;
}

/* The state of a part, as committed. */
static inline enum consent_state
part_state(struct bench *b, const uint8_t id[VLT_ID_LEN], size_t part)
{
    struct consent_request request;

    assert_int_equal(
        consent_request_find(b->consent, id, copy_request, &request), VLT_OK);
    assert_true(part < request.parts);
    return request.part[part].state;
}

/* Who ended a part, and when (ns), as committed. */
static inline int64_t
part_ended(struct bench *b, const uint8_t id[VLT_ID_LEN], size_t part,
           enum consent_by by)
{
    struct consent_request request;

    assert_int_equal(
        consent_request_find(b->consent, id, copy_request, &request), VLT_OK);
    assert_int_equal(request.part[part].ended_by, by);
    return request.part[part].ended;
}

static inline enum consent_state
grant_state(struct bench *b, const struct grant *grant)
{
    enum consent_state state;
    const struct grant *now;

    if (grant == NULL) {
        fail_msg("there is no grant");
        abort(); /* what GCC does not know of fail_msg() */
    }
    now = consent_grant_find(b->consent, grant->id);
    assert_non_null(now);
    state = now->state;
    grant_release(now);
    return state;
}

/* ---- uses ---- */

static inline struct consent_asking
asking_for(const struct bench *b, const struct grant *grant)
{
    struct consent_asking asking = { .firm = &b->firm, .now = b->now };

    memcpy(asking.grant, grant->id, VLT_ID_LEN);
    return asking;
}

/* Decide a use in the turn under way; the id of one that was taken. */
static inline enum consent_no
use_as(struct bench *b, const struct consent_asking *asking,
       uint8_t id[VLT_ID_LEN], int64_t *retry_ms)
{
    struct consent_use use;

    assert_int_equal(consent_use(b->consent, b->txn, asking, &b->changes, &use),
                     VLT_OK);
    if (use.no == CONSENT_YES) {
        assert_non_null(use.grant);
        memcpy(id, use.id, VLT_ID_LEN);
    } else {
        assert_null(use.grant);
    }
    *retry_ms = use.retry_ms;
    grant_release(use.grant);
    return use.no;
}

static inline enum consent_no
use_once(struct bench *b, const struct grant *grant)
{
    struct consent_asking asking = asking_for(b, grant);
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;

    return use_as(b, &asking, id, &retry_ms);
}

/* In a turn of its own. */
static inline enum consent_no
commit_use(struct bench *b, const struct grant *grant)
{
    enum consent_no no;

    turn_begin(b);
    no = use_once(b, grant);
    turn_commit(b);
    return no;
}

#endif
