/*
 * A firm signs for what came whole, once, by the digests of what it got; for
 * what broke off, or for what it was not told of, it does not sign.
 */
#include "fake_log.h"
#include "firm_scene.h"
#include "wire/ack.h"
#include "wire/use.h"

enum { FIRST = 5, SUB = 3, TYPE_USE = 5, TYPE_SPAN = 6 };

static const char grant[] = "01M8AA8V8W7BKR7TPZ45Y658ZA";

static const char series[] =
    "{\"pages\":true,\"subscription\":3,\"cursor\":\"c\",\"columns\":"
    "[\"value\"],\"series\":[{\"ordinal\":0,\"stream\":\"home/meter\","
    "\"columns\":[{\"name\":\"value\",\"type\":\"f64\",\"id\":0}]}],\"scope\":"
    "{}}";

static uint8_t receipt_seed[VLT_SIGN_SEED];
static uint8_t firm_pk[VLT_SIGN_PK];

/* ---- the vault's side ---- */

/* What is asked for by its stream's name. */
static bool breaks, rates, refuses, more;

static struct fake_log the_log;
static uint64_t size;
static int taken;
static struct vlt_ack sent[8]; /* uses and spans, as they left */
static size_t uses;
static struct vlt_sha256 hash;

static struct fake_log *
log_now(void)
{
    if (the_log.signer == NULL) {
        the_log.signer = door_signer(receipt_seed);
        the_log.origin.instance = 7;
        size = FIRST;
    }
    return &the_log;
}

/* The next use or span begins. */
static void
begin_use(bool span)
{
    struct vlt_ack *ack = &sent[uses++];

    *ack = (struct vlt_ack){ .span = span };
    vlt_ulid_new(1800000000 + (int64_t)uses, ack->id);
    if (vlt_ulid_parse(vlt_slice_text(grant), ack->grant) != VLT_OK) {
        _exit(1);
    }
    vlt_sha256_begin(&hash);
}

static void
put_detail(const struct vlt_ack *ack, struct vlt_slice page,
           struct vlt_buf *out)
{
    struct vlt_use_detail detail = { .rows = 3, .bytes = page.len };
    struct vlt_json_out json = vlt_json_out(out);

    memcpy(detail.grant, ack->grant, VLT_ID_LEN);
    memcpy(detail.use, ack->id, VLT_ID_LEN);
    vlt_sha256_of(page, detail.sha256);
    if (!ack->span) {
        vlt_use_detail_put(&detail, out);
        return;
    }
    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "grant", ack->grant);
    vlt_put_ulid(&json, "span", ack->id);
    vlt_put_end(&json);
}

/* What the log says of a page of the use that has begun. */
static void
put_evidence(struct vlt_frame frame, struct vlt_slice page, struct vlt_buf *out)
{
    struct fake_log *log = log_now();
    const struct vlt_ack *ack = &sent[uses - 1];
    struct vlt_entry entry = { .type = ack->span ? TYPE_SPAN : TYPE_USE,
                               .instance = 7,
                               .index = size };
    uint8_t bytes[VLT_ENTRY_MASTER];
    uint8_t salt[VLT_ENTRY_SALT] = { 1 };
    struct vlt_buf text = { 0 };
    struct vlt_buf head = { 0 };
    struct vlt_json_out json = vlt_json_out(out);

    put_detail(ack, page, &text);
    memcpy(entry.subject, ack->grant, sizeof entry.subject);
    vlt_entry_commit(salt, vlt_buf_slice(&text), entry.commitment);
    vlt_entry_encode(&entry, bytes);
    fake_log_put(log, size++, vlt_slice_of(bytes, VLT_ENTRY_LEN));
    fake_log_head(log, size, &head);

    struct vlt_use use = { .ref = frame.ref,
                           .seq = frame.seq,
                           .index = size - 1,
                           .entry = vlt_slice_of(bytes, VLT_ENTRY_LEN),
                           .salt = vlt_slice_of(salt, sizeof salt),
                           .detail = vlt_buf_slice(&text),
                           .checkpoint = vlt_buf_slice(&head) };

    vlt_use_put(&json, NULL, &use);
    vlt_buf_free(&text);
    vlt_buf_free(&head);
}

/* Send a page, with evidence in front of it where it is told; answered: the
 * evidence stands in this answer. */
static void
send_page(struct fake *fake, struct vlt_frame frame, bool logged,
          const struct vlt_rpc *answered)
{
    struct vlt_buf page = { 0 };
    struct vlt_buf audit = { 0 };
    struct vlt_buf text = { 0 };
    struct vlt_ack *ack = &sent[uses - 1];
    uint8_t digest[VLT_HASH_LEN];

    fake_page_bytes(frame, 100 * (int64_t)frame.seq, 3, &page);
    vlt_sha256_of(vlt_buf_slice(&page), digest);
    vlt_sha256_add(&hash, vlt_slice_of(digest, sizeof digest));
    ack->last_seq = frame.seq;
    struct vlt_sha256 now = hash;

    vlt_sha256_end(&now, ack->sha256);
    if (logged) {
        put_evidence(frame, vlt_buf_slice(&page), &audit);
    }
    if (answered != NULL) {
        vlt_rpc_put_response(&text, &answered->id, vlt_slice_text(series),
                             vlt_buf_slice(&audit));
        fake_text(fake, vlt_buf_text(&text));
    } else if (logged) {
        vlt_rpc_put_notification(&text, "audit.head", vlt_buf_slice(&audit));
        fake_text(fake, vlt_buf_text(&text));
    }
    fake_frame(fake, 2, page.at, page.len);
    vlt_buf_free(&page);
    vlt_buf_free(&audit);
    vlt_buf_free(&text);
}

/* Two pages; or one, and it breaks off. */
static void
answer_query(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_PAGE,
                               .ref = (uint64_t)rpc->id.number,
                               .seq = 1 };

    begin_use(false);
    send_page(fake, frame, true, rpc);
    if (breaks) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":1,\"message\":\"no\",\"data\":{\"reason\":"
                   "\"denied\"}}");
        return;
    }
    frame.seq = 2;
    frame.flags = VLT_FRAME_FINAL;
    send_page(fake, frame, true, NULL);
}

/* A span of two pages, and one of one. */
static void
answer_live(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_LIVE, .ref = SUB, .seq = 1 };

    fake_result(fake, rpc->id.number, series);
    begin_use(true);
    send_page(fake, frame, true, NULL);
    frame.seq = 2;
    send_page(fake, frame, false, NULL);
    frame.seq = 3;
    begin_use(true);
    send_page(fake, frame, true, NULL);
}

/* It must be of something that left, whole, and not be there yet. */
static void
answer_ack(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_slice token = vlt_json_text_of(vlt_json_get(rpc->params, "ack"));
    struct vlt_ack ack = { .last_seq = 0 };
    bool good = false;

    if (rates) {
        rates = false;
        fake_error(fake, rpc->id.number,
                   "{\"code\":5,\"message\":\"wait\",\"data\":{\"reason\":"
                   "\"rate\",\"retry_after_ms\":1}}");
        return;
    }
    if (refuses) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":-32602,\"message\":\"no\",\"data\":{\"reason\":"
                   "\"params\",\"at\":\"ack\"}}");
        return;
    }
    if (vlt_ack_verify(token, firm_pk, &ack) != VLT_OK) {
        _exit(1);
    }
    for (size_t i = 0; i < uses; i++) {
        good = good ||
               (memcmp(ack.id, sent[i].id, VLT_ID_LEN) == 0 &&
                memcmp(ack.grant, sent[i].grant, VLT_ID_LEN) == 0 &&
                memcmp(ack.sha256, sent[i].sha256, VLT_HASH_LEN) == 0 &&
                ack.span == sent[i].span && ack.last_seq == sent[i].last_seq);
    }
    if (!good) {
        _exit(1);
    }
    taken++;
    fake_result(fake, rpc->id.number, "{}");
}

static void
answer_info(struct fake *fake, int64_t id)
{
    struct vlt_buf text = { 0 };
    struct vlt_buf head = { 0 };

    fake_log_head(log_now(), size, &head);
    fake_log_info(vlt_signer_pk(the_log.signer), &head, &text);
    fake_result(fake, id, vlt_buf_text(&text));
    vlt_buf_free(&text);
    vlt_buf_free(&head);
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    char text[64];

    if (vlt_slice_is(rpc->method, "session.info")) {
        answer_info(fake, rpc->id.number);
    } else if (vlt_slice_is(rpc->method, "data.query")) {
        answer_query(fake, rpc);
    } else if (vlt_slice_is(rpc->method, "data.subscribe")) {
        answer_live(fake, rpc);
    } else if (vlt_slice_is(rpc->method, "data.unsubscribe")) {
        fake_result(fake, rpc->id.number,
                    more ? "{\"last_seq\":4}" : "{\"last_seq\":3}");
    } else if (vlt_slice_is(rpc->method, "grant.ack")) {
        answer_ack(fake, rpc);
    } else if (rpc->kind == VLT_RPC_REQUEST) {
        snprintf(text, sizeof text, "%d", taken);
        fake_result(fake, rpc->id.number, text);
    }
    return true;
}

/* ---- the firm's side ---- */

/* What is wrong is set before: the vault is a child that knows it. */
static struct firm_scene *
begin(int acknowledge)
{
    struct firm_scene *scene = firm_scene_begin();
    struct vault_options options = { .size = sizeof options,
                                     .acknowledge = acknowledge };

    vlt_random(receipt_seed, sizeof receipt_seed);
    memcpy(firm_pk, vlt_signer_pk(scene->identity->signer), sizeof firm_pk);
    firm_scene_open(scene, DOOR_GOOD, answer);
    assert_int_equal(vault_client_new(&options, &scene->client), VAULT_OK);
    assert_int_equal(
        vault_connect(scene->client, scene->address, scene->identity),
        VAULT_OK);
    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    return scene;
}

static void
end(struct firm_scene *scene)
{
    firm_scene_close(scene);
    firm_scene_end(scene);
    breaks = false;
    rates = false;
    refuses = false;
    more = false;
}

/* How many the vault has taken. */
static int
count_taken(struct firm_scene *scene)
{
    char *text = NULL;
    int count;

    assert_int_equal(
        vault_call_wait(scene->client, "x.taken", NULL, WAIT_MS, &text),
        VAULT_OK);
    count = atoi(text);
    vault_free(text);
    return count;
}

static int
take(void *ctx, const struct vault_page *page)
{
    int *pages = ctx;

    (void)page;
    ++*pages;
    return 0;
}

static enum vault_status
query(struct firm_scene *scene)
{
    const char *streams[] = { "home/*", NULL };
    struct vault_query ask = { .size = sizeof ask,
                               .grant = grant,
                               .streams = streams };
    int pages = 0;

    return vault_query_wait(scene->client, &ask, take, &pages, WAIT_MS);
}

static enum vault_status
flush(struct firm_scene *scene)
{
    return vault_acknowledge_wait(scene->client, WAIT_MS);
}

static void
a_whole_answer_is_signed_for(void **state)
{
    struct firm_scene *scene = begin(1);

    assert_int_equal(query(scene), VAULT_OK);
    assert_int_equal(query(scene), VAULT_OK);
    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 2);
    assert_int_equal(flush(scene), VAULT_OK); /* nothing is due */
    assert_int_equal(count_taken(scene), 2);
    end(scene);
}

static void
nobody_signs_who_did_not_say_so(void **state)
{
    struct firm_scene *scene = begin(0);

    assert_int_equal(query(scene), VAULT_OK);
    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 0);
    end(scene);
}

static void
an_answer_that_breaks_off_is_not_signed_for(void **state)
{
    breaks = true;
    struct firm_scene *scene = begin(1);

    assert_int_equal(query(scene), VAULT_E_DENIED);
    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 0);
    end(scene);
}

static void
one_that_came_too_fast_is_sent_again(void **state)
{
    rates = true;
    struct firm_scene *scene = begin(1);

    assert_int_equal(query(scene), VAULT_OK);
    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 1);
    end(scene);
}

static void
what_the_vault_does_not_take_is_told_and_given_up(void **state)
{
    refuses = true;
    struct firm_scene *scene = begin(1);

    assert_int_equal(query(scene), VAULT_OK);
    assert_int_equal(flush(scene), VAULT_E_PARAMS);
    assert_int_equal(flush(scene), VAULT_OK);
    end(scene);
}

static int stop;

static int
take_three(void *ctx, const struct vault_page *page)
{
    stop = page->seq == 3;
    return take(ctx, page);
}

/* A subscription of which three pages were taken. */
static struct vault_subscription *
watch(struct firm_scene *scene, int hold)
{
    static int pages;
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = {
        .size = sizeof ask, .grant = grant, .streams = streams, .hold = hold
    };
    struct vault_subscription *sub = NULL;

    stop = 0;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, take_three, NULL,
                                          &pages, WAIT_MS, &sub),
                     VAULT_OK);
    assert_int_equal(vault_run(scene->client, &stop, WAIT_MS), VAULT_OK);
    return sub;
}

static void
each_span_is_signed_for_when_it_is_over(void **state)
{
    struct firm_scene *scene = begin(1);
    struct vault_subscription *sub = watch(scene, 0);

    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 1);
    vault_unsubscribe(sub);
    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 2);
    end(scene);
}

static void
a_span_that_did_not_come_whole_is_not_signed_for(void **state)
{
    more = true; /* page 4 is on its way */
    struct firm_scene *scene = begin(1);

    vault_unsubscribe(watch(scene, 0));
    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 1);
    end(scene);
}

static void
with_hold_the_caller_says_when(void **state)
{
    struct firm_scene *scene = begin(1);
    struct vault_subscription *sub = watch(scene, 1);

    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 0);
    vault_subscription_ack(sub);
    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 1);
    vault_unsubscribe(sub);
    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 2);
    end(scene);
    scene = begin(1);
    vault_unsubscribe(watch(scene, 1)); /* nothing of it is safe */
    assert_int_equal(flush(scene), VAULT_OK);
    assert_int_equal(count_taken(scene), 0);
    end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_answer_is_signed_for),
        cmocka_unit_test(nobody_signs_who_did_not_say_so),
        cmocka_unit_test(an_answer_that_breaks_off_is_not_signed_for),
        cmocka_unit_test(one_that_came_too_fast_is_sent_again),
        cmocka_unit_test(what_the_vault_does_not_take_is_told_and_given_up),
        cmocka_unit_test(each_span_is_signed_for_when_it_is_over),
        cmocka_unit_test(a_span_that_did_not_come_whole_is_not_signed_for),
        cmocka_unit_test(with_hold_the_caller_says_when),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
