/*
 * What a firm keeps of a vault's log, and what it notices: another key, a log
 * that was rolled back or rewritten (WIRE.md, 9.4).
 */
#include "fake_log.h"
#include "firm_scene.h"

enum { SESSIONS = 4, TEXT = 8192 };

/* What the vault shows in one session. */
struct show {
    uint64_t size;    /* of the log, when session.info is asked */
    uint64_t grows;   /* so many more by the time of a proof */
    uint64_t parts;   /* a branch from here on; 0: none */
    uint32_t another; /* instance of the log */
    bool silent;      /* no head in session.info */
    bool unsigned_head;
    bool other_key;
};

static struct show shows[SESSIONS];
static uint8_t receipt_seed[VLT_SIGN_SEED];
static uint8_t other_seed[VLT_SIGN_SEED];

/* ---- the vault's side ---- */

static struct fake_log *
log_of(const struct show *show)
{
    static struct fake_log log;
    static struct vlt_signer *signers[2];

    if (signers[0] == NULL) {
        signers[0] = door_signer(receipt_seed);
        signers[1] = door_signer(other_seed);
    }
    memset(&log, 0, sizeof log);
    log.signer = signers[show->other_key ? 1 : 0];
    log.origin.instance = 7 + show->another;
    log.parts = show->parts;
    return &log;
}

static void
say_info(struct fake *fake, int64_t id, const struct show *show)
{
    struct fake_log *log = log_of(show);
    const uint8_t *pk = vlt_signer_pk(log->signer);
    struct vlt_buf text = { 0 };
    struct vlt_buf head = { 0 };

    log->signer = show->unsigned_head ? door_signer(other_seed) : log->signer;
    fake_log_head(log, show->size, &head);
    fake_log_info(pk, show->silent ? NULL : &head, &text);
    fake_result(fake, id, vlt_buf_text(&text));
    vlt_buf_free(&text);
    vlt_buf_free(&head);
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    const struct show *show = &shows[fake->connection];
    struct vlt_buf text = { 0 };

    if (vlt_slice_is(rpc->method, "session.info")) {
        say_info(fake, rpc->id.number, show);
        return true;
    }
    if (!vlt_slice_is(rpc->method, "audit.prove")) {
        fake_result(fake, rpc->id.number, "{}");
        return true;
    }
    const struct vlt_json *size = vlt_json_get(rpc->params, "size");
    uint64_t newest = show->size + show->grows;
    uint64_t from =
        (uint64_t)vlt_json_int_of(vlt_json_get(rpc->params, "from"));

    fake_log_prove(log_of(show), from,
                   size != NULL ? (uint64_t)vlt_json_int_of(size) : newest,
                   newest, &text);
    fake_result(fake, rpc->id.number, vlt_buf_text(&text));
    vlt_buf_free(&text);
    return true;
}

/* ---- the firm's side ---- */

/* Sessions one after the other; each but the last must be good. */
static enum vault_status
last_of(const struct show *list, size_t count, char detail[256])
{
    struct firm_scene *scene = firm_scene_begin();
    enum vault_status status = VAULT_E_INTERNAL;

    vlt_random(receipt_seed, sizeof receipt_seed);
    vlt_random(other_seed, sizeof other_seed);
    memset(shows, 0, sizeof shows);
    memcpy(shows, list, count * sizeof *list);
    firm_scene_open(scene, DOOR_GOOD, answer);
    for (size_t i = 0; i < count; i++) {
        status = firm_scene_connect(scene);
        assert_true(status == VAULT_OK || i + 1 == count);
    }
    snprintf(detail, 256, "%s", vault_client_detail(scene->client));
    firm_scene_close(scene);
    firm_scene_end(scene);
    return status;
}

static const struct {
    const char *says;
    size_t count;
    struct show show[SESSIONS];
    enum vault_status status;
    const char *detail; /* a part of it */
} histories[] = {
    { "a first session", 1, { { .size = 5 } }, VAULT_OK, "" },
    { "the same head", 2, { { .size = 5 }, { .size = 5 } }, VAULT_OK, "" },
    { "a log that grew",
      3,
      { { .size = 5 }, { .size = 9 }, { .size = 21 } },
      VAULT_OK,
      "" },
    { "a log that grows while it is proved",
      2,
      { { .size = 5 }, { .size = 9, .grows = 3 } },
      VAULT_OK,
      "" },
    { "a log that was empty",
      3,
      { { .size = 0 }, { .size = 4 }, { .size = 9 } },
      VAULT_OK,
      "" },
    { "a rewritten log that was empty once",
      3,
      { { .size = 0 }, { .size = 4 }, { .size = 9, .parts = 2 } },
      VAULT_E_PROTOCOL,
      "it was rewritten" },
    { "another receipt key",
      2,
      { { .size = 5 }, { .size = 9, .other_key = true } },
      VAULT_E_AUTH,
      "another receipt key" },
    { "a rollback",
      2,
      { { .size = 9 }, { .size = 5 } },
      VAULT_E_PROTOCOL,
      "rolled back from 9 to 5" },
    { "a rollback to nothing",
      2,
      { { .size = 9 }, { .size = 0 } },
      VAULT_E_PROTOCOL,
      "rolled back from 9 to 0" },
    { "another log",
      2,
      { { .size = 5 }, { .size = 9, .another = 1 } },
      VAULT_E_PROTOCOL,
      "another log" },
    { "two heads of one size",
      2,
      { { .size = 9 }, { .size = 9, .parts = 4 } },
      VAULT_E_PROTOCOL,
      "two heads of one size" },
    { "a rewritten log that grew",
      2,
      { { .size = 9 }, { .size = 12, .parts = 4 } },
      VAULT_E_PROTOCOL,
      "it was rewritten" },
    { "a branch from behind what was kept",
      2,
      { { .size = 9 }, { .size = 12, .parts = 9 } },
      VAULT_OK,
      "" },
    { "a head that another key signed",
      1,
      { { .size = 5, .unsigned_head = true } },
      VAULT_E_PROTOCOL,
      "not signed by the pinned key" },
    { "no head any more",
      2,
      { { .size = 5 }, { .silent = true } },
      VAULT_E_PROTOCOL,
      "shows no head" },
};

static void
a_log_only_grows(void **state)
{
    for (size_t i = 0; i < sizeof histories / sizeof *histories; i++) {
        char detail[256];

        print_message("%s\n", histories[i].says);
        enum vault_status status =
            last_of(histories[i].show, histories[i].count, detail);

        print_message("  %s\n", detail);
        assert_int_equal(status, histories[i].status);
        assert_non_null(strstr(detail, histories[i].detail));
    }
}

/* A vault that was caught is caught again: what was kept stays. */
static void
what_was_kept_is_not_overwritten_by_what_is_wrong(void **state)
{
    struct firm_scene *scene = firm_scene_begin();
    struct vlt_record record;

    memset(shows, 0, sizeof shows);
    shows[0].size = 9;
    shows[1].size = 5;
    shows[2].size = 12;
    shows[2].parts = 3;
    shows[3].size = 9;
    firm_scene_open(scene, DOOR_GOOD, answer);
    assert_int_equal(firm_scene_connect(scene), VAULT_OK);
    assert_int_equal(firm_scene_connect(scene), VAULT_E_PROTOCOL);
    assert_int_equal(firm_scene_connect(scene), VAULT_E_PROTOCOL);
    assert_int_equal(vlt_record_find(scene->folder, scene->vault, &record),
                     VLT_OK);
    assert_non_null(strstr(record.checkpoint, "\n9\n"));
    assert_int_equal(firm_scene_connect(scene), VAULT_OK);
    firm_scene_close(scene);
    firm_scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_only_grows),
        cmocka_unit_test(what_was_kept_is_not_overwritten_by_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
