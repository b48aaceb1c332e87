/*
 * The log's evidence for each page: without it, or with another's, no page
 * comes through; and what pages show of the log must hold together (WIRE.md,
 * 9.4).
 */
#include "fake_log.h"
#include "firm_scene.h"
#include "wire/use.h"

enum { FIRST = 5, MANY = 104 };

static const char grant[] = "01M8AA8V8W7BKR7TPZ45Y658ZA";
static const char other[] = "01M8AA8WV8QXMVC3ZS7RCYX309";

static const char series[] =
    "{\"pages\":true,\"columns\":[\"value\"],\"series\":[{\"ordinal\":0,"
    "\"stream\":\"home/meter\",\"columns\":[{\"name\":\"value\",\"type\":"
    "\"f64\",\"id\":0}]}],\"scope\":{}}";

static uint8_t receipt_seed[VLT_SIGN_SEED];
static uint8_t other_seed[VLT_SIGN_SEED];

/* What is wrong with the evidence; its word is the stream that is asked for. */
enum fault {
    GOOD,
    MISSING,
    PAGE,
    SEQ,
    GRANT,
    KEY,
    LOG,
    BEYOND,
    BRANCH,
    FAULTS
};

static const struct {
    const char *stream;
    const char *detail; /* a part of what is told */
} faults[FAULTS] = {
    [GOOD] = { "good", "" },
    [MISSING] = { "missing", "without the log's evidence" },
    [PAGE] = { "page", "not the one that was logged" },
    [SEQ] = { "seq", "of another page" },
    [GRANT] = { "grant", "of another grant" },
    [KEY] = { "key", "not signed by the pinned key" },
    [LOG] = { "log", "does not include the entry" },
    [BEYOND] = { "beyond", "does not include the entry" },
    [BRANCH] = { "branch", "" },
};

/* ---- the vault's side ---- */

static struct fake_log the_log;
static uint64_t size = FIRST;
static int proofs;

static struct fake_log *
log_now(void)
{
    if (the_log.signer == NULL) {
        the_log.signer = door_signer(receipt_seed);
        the_log.origin.instance = 7;
    }
    return &the_log;
}

/* Log the use of a page, and tell of it. */
static void
put_evidence(enum fault fault, const struct vlt_rpc *rpc, struct vlt_slice page,
             struct vlt_buf *out)
{
    struct fake_log *log = log_now();
    struct vlt_use_detail detail = { .rows = 3, .bytes = page.len };
    struct vlt_entry entry = { .type = 5, .instance = 7, .index = size };
    uint8_t bytes[VLT_ENTRY_MASTER];
    uint8_t salt[VLT_ENTRY_SALT] = { 1 };
    struct vlt_buf text = { 0 };
    struct vlt_buf head = { 0 };
    struct vlt_json_out json = vlt_json_out(out);

    entry.instance += fault == LOG;
    if (vlt_ulid_parse(vlt_slice_text(fault == GRANT ? other : grant),
                       detail.grant) != VLT_OK) {
        _exit(1);
    }
    memcpy(entry.subject, detail.grant, sizeof entry.subject);
    vlt_sha256_of(page, detail.sha256);
    detail.sha256[0] ^= fault == PAGE;
    vlt_use_detail_put(&detail, &text);
    vlt_entry_commit(salt, vlt_buf_slice(&text), entry.commitment);
    vlt_entry_encode(&entry, bytes);
    fake_log_put(log, size, vlt_slice_of(bytes, VLT_ENTRY_LEN));
    size++;
    log->signer = fault == KEY ? door_signer(other_seed) : log->signer;
    log->parts = fault == BRANCH ? FIRST - 2 : log->parts;
    fake_log_head(log, fault == BEYOND ? size - 1 : size, &head);

    struct vlt_use use = { .ref = (uint64_t)rpc->id.number,
                           .seq = fault == SEQ ? 2 : 1,
                           .index = size - 1,
                           .entry = vlt_slice_of(bytes, VLT_ENTRY_LEN),
                           .salt = vlt_slice_of(salt, sizeof salt),
                           .detail = vlt_buf_slice(&text),
                           .checkpoint = vlt_buf_slice(&head) };

    vlt_use_put(&json, NULL, &use);
    vlt_buf_free(&text);
    vlt_buf_free(&head);
}

static enum fault
fault_of(const struct vlt_rpc *rpc)
{
    struct vlt_slice stream = vlt_json_text_of(
        vlt_json_item(vlt_json_get(rpc->params, "streams"), 0));
    enum fault fault = GOOD;

    while (!vlt_slice_is(stream, faults[fault].stream)) {
        fault++;
    }
    return fault;
}

static void
answer_query(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_PAGE,
                               .flags = VLT_FRAME_FINAL,
                               .ref = (uint64_t)rpc->id.number,
                               .seq = 1 };
    enum fault fault = fault_of(rpc);
    struct vlt_buf page = { 0 };
    struct vlt_buf audit = { 0 };
    struct vlt_buf text = { 0 };

    fake_page_bytes(frame, 100, 3, &page);
    if (fault != MISSING) {
        put_evidence(fault, rpc, vlt_buf_slice(&page), &audit);
    }
    vlt_rpc_put_response(&text, &rpc->id, vlt_slice_text(series),
                         vlt_buf_slice(&audit));
    fake_text(fake, vlt_buf_text(&text));
    fake_frame(fake, 2, page.at, page.len);
    vlt_buf_free(&page);
    vlt_buf_free(&audit);
    vlt_buf_free(&text);
}

static void
answer_info(struct fake *fake, int64_t id)
{
    const struct fake_log *log = log_now();
    struct vlt_buf text = { 0 };
    struct vlt_buf head = { 0 };

    fake_log_head(log, size, &head);
    fake_log_info(vlt_signer_pk(log->signer), &head, &text);
    fake_result(fake, id, vlt_buf_text(&text));
    vlt_buf_free(&text);
    vlt_buf_free(&head);
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    const struct vlt_json *to = vlt_json_get(rpc->params, "size");
    struct vlt_buf text = { 0 };

    if (vlt_slice_is(rpc->method, "session.info")) {
        answer_info(fake, rpc->id.number);
    } else if (vlt_slice_is(rpc->method, "data.query")) {
        answer_query(fake, rpc);
    } else if (vlt_slice_is(rpc->method, "audit.prove")) {
        proofs++;
        fake_log_prove(
            log_now(),
            (uint64_t)vlt_json_int_of(vlt_json_get(rpc->params, "from")),
            to != NULL ? (uint64_t)vlt_json_int_of(to) : size, size, &text);
        fake_result(fake, rpc->id.number, vlt_buf_text(&text));
    } else if (rpc->kind == VLT_RPC_REQUEST) {
        vlt_buf_printf(&text, "%d", proofs);
        fake_result(fake, rpc->id.number, vlt_buf_text(&text));
    }
    vlt_buf_free(&text);
    return true;
}

/* ---- the firm's side ---- */

static struct firm_scene *
begin(void)
{
    struct firm_scene *scene = firm_scene_begin();

    vlt_random(receipt_seed, sizeof receipt_seed);
    vlt_random(other_seed, sizeof other_seed);
    firm_scene_open(scene, DOOR_GOOD, answer);
    assert_int_equal(firm_scene_connect(scene), VAULT_OK);
    return scene;
}

static void
end(struct firm_scene *scene)
{
    firm_scene_close(scene);
    firm_scene_end(scene);
}

static int
count(void *ctx, const struct vault_page *page)
{
    size_t *rows = ctx;

    *rows += page->rows;
    return 0;
}

static enum vault_status
query(struct firm_scene *scene, enum fault fault, size_t *rows)
{
    const char *streams[] = { faults[fault].stream, NULL };
    struct vault_query ask = { .size = sizeof ask,
                               .grant = grant,
                               .streams = streams };

    return vault_query_wait(scene->client, &ask, count, rows, WAIT_MS);
}

static void
a_page_comes_with_evidence_that_holds(void **state)
{
    for (enum fault fault = GOOD; fault < BRANCH; fault++) {
        struct firm_scene *scene = begin();
        size_t rows = 0;

        print_message("%s\n", faults[fault].stream);
        enum vault_status status = query(scene, fault, &rows);

        print_message("  %s\n", vault_client_detail(scene->client));
        assert_int_equal(status, fault == GOOD ? VAULT_OK : VAULT_E_PROTOCOL);
        assert_int_equal(rows, fault == GOOD ? 3 : 0);
        assert_non_null(
            strstr(vault_client_detail(scene->client), faults[fault].detail));
        end(scene);
    }
}

/* Neither of two heads that a vault signed may be left out. */
static void
a_rewrite_between_two_pages_is_noticed(void **state)
{
    struct firm_scene *scene = begin();
    size_t rows = 0;

    assert_int_equal(query(scene, GOOD, &rows), VAULT_OK);
    assert_int_equal(query(scene, BRANCH, &rows), VAULT_OK);
    /* From now on the vault keeps to the branch, which is a log of its own:
     * the two newest heads extend each other. */
    assert_int_equal(firm_scene_connect(scene), VAULT_E_PROTOCOL);
    assert_non_null(
        strstr(vault_client_detail(scene->client), "it was rewritten"));
    end(scene);
}

static void
a_proof_is_asked_for_every_hundred_answers(void **state)
{
    struct firm_scene *scene = begin();
    struct vlt_record record;
    char *result = NULL;
    size_t rows = 0;

    for (int i = 0; i < MANY; i++) {
        assert_int_equal(query(scene, GOOD, &rows), VAULT_OK);
    }
    assert_int_equal(rows, 3 * MANY);
    assert_int_equal(
        vault_call_wait(scene->client, "proofs", NULL, WAIT_MS, &result),
        VAULT_OK);
    assert_string_equal(result, "1");
    vault_free(result);
    assert_int_equal(vlt_record_find(scene->folder, scene->vault, &record),
                     VLT_OK);
    assert_non_null(strstr(record.checkpoint, "\n109\n"));
    assert_non_null(strstr(record.proved, "\n105\n"));
    end(scene);
}

static void
a_rewrite_is_noticed_while_a_session_lasts(void **state)
{
    struct firm_scene *scene = begin();
    enum vault_status status = VAULT_OK;
    size_t rows = 0;

    assert_int_equal(query(scene, BRANCH, &rows), VAULT_OK);
    for (int i = 0; i < MANY && status == VAULT_OK; i++) {
        status = query(scene, GOOD, &rows);
    }
    assert_int_not_equal(status, VAULT_OK);
    assert_int_equal(vault_client_state(scene->client), VAULT_CLOSED);
    assert_int_equal(vault_client_process(scene->client), VAULT_E_PROTOCOL);
    end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_comes_with_evidence_that_holds),
        cmocka_unit_test(a_rewrite_between_two_pages_is_noticed),
        cmocka_unit_test(a_proof_is_asked_for_every_hundred_answers),
        cmocka_unit_test(a_rewrite_is_noticed_while_a_session_lasts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
