/*
 * Countersigning: a firm signs what its vault signed for it, and nothing else.
 */
#include "fake_log.h"
#include "firm_scene.h"
#include "wire/deletion.h"
#include "wire/receipt.h"

enum { TOKEN = 16384 };

static const char grant[] = "01M80XE2R06J9ATSEGBABKZVWC"; /* the vector's */
static const char other_grant[] = "01M8AA8WV8QXMVC3ZS7RCYX309";

/* What the vault gives as the newest receipt. */
enum kind { GOOD, FORGED, BROKEN, FOREIGN, OTHER_GRANT, NONE, KINDS };

static const struct {
    const char *says;
    enum vault_status status;
    const char *detail; /* a part of it */
} kinds[KINDS] = {
    [GOOD] = { "a receipt of ours", VAULT_OK, "" },
    [FORGED] = { "signed by another key", VAULT_E_AUTH, "does not hold" },
    [BROKEN] = { "changed after it was signed", VAULT_E_AUTH, "does not hold" },
    [FOREIGN] = { "of a foreign firm", VAULT_E_AUTH, "of another firm" },
    [OTHER_GRANT] = { "of another grant", VAULT_E_AUTH, "of another grant" },
    [NONE] = { "no receipt at all", VAULT_E_AUTH, "does not hold" },
};

static enum kind kind;
static uint8_t receipt_seed[VLT_SIGN_SEED];
static uint8_t other_seed[VLT_SIGN_SEED];
static uint8_t firm_id[VLT_IDENTITY_LEN];
static uint8_t firm_pk[VLT_SIGN_PK];

/* ---- the vault's side ---- */

static void
load(const char *name, struct vlt_buf *out)
{
    char path[512];
    char part[4096];
    size_t len;

    snprintf(path, sizeof path, "%s/tests/vectors/receipt/%s", VAULT_SOURCE,
             name);
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        _exit(1);
    }
    while ((len = fread(part, 1, sizeof part, file)) > 0) {
        vlt_buf_put(out, part, len);
    }
    fclose(file);
}

/* The vector's receipt, made out to our firm by our vault. */
static void
make(struct vlt_buf *payload, struct vlt_buf *token)
{
    struct vlt_signer *signer =
        door_signer(kind == FORGED ? other_seed : receipt_seed);
    struct vlt_json *document = NULL;
    struct vlt_buf vector = { 0 };
    struct vlt_receipt receipt;

    load("payload.json", &vector);
    if (vlt_receipt_read(vlt_buf_slice(&vector), &document, &receipt, NULL) !=
        VLT_OK) {
        _exit(1);
    }
    memcpy(receipt.aud, firm_id, sizeof receipt.aud);
    receipt.aud[0] ^= kind == FOREIGN;
    receipt.grant[15] ^= kind == OTHER_GRANT;
    vlt_receipt_put(&receipt, payload);
    if (vlt_receipt_sign(signer, vlt_buf_slice(payload), token) != VLT_OK) {
        _exit(1);
    }
    if (kind == BROKEN) {
        uint8_t *middle = &token->at[token->len / 2];

        *middle = *middle == 'A' ? 'B' : 'A';
    }
    vlt_json_free(document);
    vlt_buf_free(&vector);
    vlt_signer_free(signer);
}

static void
answer_receipt(struct fake *fake, int64_t id)
{
    struct vlt_buf payload = { 0 };
    struct vlt_buf token = { 0 };
    char text[TOKEN];

    make(&payload, &token);
    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"result\":{\"grant\":\"%s\","
             "\"receipts\":[%s%s%s]}}",
             (long long)id, grant,
             kind == NONE ? "" : "{\"seq\":1,\"receipt\":\"",
             kind == NONE ? "" : vlt_buf_text(&token),
             kind == NONE ? "" : "\",\"countersignature\":null}");
    fake_text(fake, text);
    vlt_buf_free(&payload);
    vlt_buf_free(&token);
}

/* Takes the firm's signature of exactly those bytes, and no other. */
static void
answer_signed(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_slice token =
        vlt_json_text_of(vlt_json_get(rpc->params, "countersignature"));
    struct vlt_buf payload = { 0 };
    struct vlt_buf signed_payload = { 0 };
    struct vlt_buf ours = { 0 };

    make(&payload, &ours);
    if (kind != GOOD ||
        vlt_json_int_of(vlt_json_get(rpc->params, "seq")) != 1 ||
        vlt_jws_verify(token, VLT_LIMIT_RECEIPT_JWS, VLT_TYP_COUNTERSIGN,
                       firm_pk, &signed_payload) != VLT_OK ||
        !vlt_slice_equal(vlt_buf_slice(&payload),
                         vlt_buf_slice(&signed_payload))) {
        _exit(1);
    }
    fake_result(fake, rpc->id.number, "{}");
    vlt_buf_free(&payload);
    vlt_buf_free(&signed_payload);
    vlt_buf_free(&ours);
}

/* Takes the firm's statement, signed by it, with the receipt's subject. */
static void
answer_deleted(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_slice token =
        vlt_json_text_of(vlt_json_get(rpc->params, "statement"));
    struct vlt_buf vector = { 0 };
    struct vlt_buf payload = { 0 };
    struct vlt_json *documents[2] = { NULL, NULL };
    struct vlt_deletion said;
    struct vlt_receipt receipt;
    char at[VLT_WALK_AT];
    char says[VLT_WALK_SAYS];

    load("payload.json", &vector);
    if (kind != GOOD ||
        vlt_receipt_read(vlt_buf_slice(&vector), &documents[0], &receipt,
                         NULL) != VLT_OK ||
        vlt_jws_verify(token, VLT_LIMIT_DELETION_JWS, VLT_TYP_DELETION, firm_pk,
                       &payload) != VLT_OK ||
        vlt_deletion_read(vlt_buf_slice(&payload), &documents[1], &said, at,
                          says) != VLT_OK ||
        memcmp(said.sub, receipt.sub, sizeof said.sub) != 0 ||
        memcmp(said.iss, firm_id, sizeof said.iss) != 0 || said.from != 3 ||
        said.to != 9 || said.exception_count != 1) {
        _exit(1);
    }
    fake_result(fake, rpc->id.number, "{\"held_by_firm\":[]}");
    vlt_json_free(documents[0]);
    vlt_json_free(documents[1]);
    vlt_buf_free(&vector);
    vlt_buf_free(&payload);
}

static void
answer_info(struct fake *fake, int64_t id)
{
    struct vlt_signer *signer = door_signer(receipt_seed);
    struct fake_log log = { .signer = signer };
    struct vlt_buf head = { 0 };
    struct vlt_buf text = { 0 };

    fake_log_head(&log, 1, &head);
    fake_log_info(vlt_signer_pk(signer), &head, &text);
    fake_result(fake, id, vlt_buf_text(&text));
    vlt_buf_free(&head);
    vlt_buf_free(&text);
    vlt_signer_free(signer);
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (vlt_slice_is(rpc->method, "session.info")) {
        answer_info(fake, rpc->id.number);
    } else if (vlt_slice_is(rpc->method, "grant.receipt")) {
        answer_receipt(fake, rpc->id.number);
    } else if (vlt_slice_is(rpc->method, "grant.countersign")) {
        answer_signed(fake, rpc);
    } else if (vlt_slice_is(rpc->method, "grant.deleted")) {
        answer_deleted(fake, rpc);
    } else if (vlt_slice_is(rpc->method, "grant.show")) {
        fake_result(fake, rpc->id.number,
                    "{\"held_by_firm\":[{\"uses\":[3,4]},{\"uses\":[5,9]}]}");
    } else {
        fake_result(fake, rpc->id.number, "{}");
    }
    return true;
}

/* ---- the firm's side ---- */

static struct firm_scene *
begin(enum kind which)
{
    struct firm_scene *scene = firm_scene_begin();

    kind = which;
    vlt_random(receipt_seed, sizeof receipt_seed);
    vlt_random(other_seed, sizeof other_seed);
    memcpy(firm_id, scene->identity->id, sizeof firm_id);
    memcpy(firm_pk, vlt_signer_pk(scene->identity->signer), sizeof firm_pk);
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

static void
only_what_is_ours_is_countersigned(void **state)
{
    for (enum kind which = GOOD; which < KINDS; which++) {
        struct firm_scene *scene = begin(which);

        print_message("%s\n", kinds[which].says);
        assert_int_equal(vault_countersign_wait(scene->client, grant, WAIT_MS),
                         kinds[which].status);
        assert_non_null(
            strstr(vault_client_detail(scene->client), kinds[which].detail));
        /* The vault is still there: it was not sent a signature. */
        assert_int_equal(
            vault_call_wait(scene->client, "ping", NULL, WAIT_MS, NULL),
            VAULT_OK);
        end(scene);
    }
}

/* A statement rests on the receipt as a countersignature does; without uses it
 * is about all that is held. */
static void
only_of_what_is_ours_it_is_said_that_it_is_deleted(void **state)
{
    static const struct vault_kept kept = {
        .from = 3, .to = 3, .law = "Tax Act", .until = 1900000000
    };
    const struct vault_deletion deletion = { .size = sizeof deletion,
                                             .exception_count = 1,
                                             .exceptions = &kept };
    const struct vault_deletion other = { .size = 3 };

    for (enum kind which = GOOD; which < KINDS; which++) {
        struct firm_scene *scene = begin(which);

        print_message("%s\n", kinds[which].says);
        assert_int_equal(
            vault_deleted_wait(scene->client, grant, &deletion, WAIT_MS, NULL),
            kinds[which].status);
        assert_int_equal(
            vault_call_wait(scene->client, "ping", NULL, WAIT_MS, NULL),
            VAULT_OK);
        assert_int_equal(
            vault_deleted_wait(scene->client, grant, &other, WAIT_MS, NULL),
            VAULT_E_USAGE);
        end(scene);
    }
}

static void
a_receipt_of_a_grant_that_was_not_asked_for_is_not_signed(void **state)
{
    struct firm_scene *scene = begin(GOOD);

    assert_int_equal(
        vault_countersign_wait(scene->client, other_grant, WAIT_MS),
        VAULT_E_AUTH);
    assert_int_equal(vault_countersign_wait(scene->client, "x", WAIT_MS),
                     VAULT_E_USAGE);
    end(scene);
}

static void
without_a_session_nothing_is_signed(void **state)
{
    struct firm_scene *scene = begin(GOOD);

    vault_client_free(scene->client);
    assert_int_equal(vault_client_new(NULL, &scene->client), VAULT_OK);
    assert_int_equal(vault_countersign_wait(scene->client, grant, WAIT_MS),
                     VAULT_E_CONNECT);
    end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_ours_is_countersigned),
        cmocka_unit_test(only_of_what_is_ours_it_is_said_that_it_is_deleted),
        cmocka_unit_test(
            a_receipt_of_a_grant_that_was_not_asked_for_is_not_signed),
        cmocka_unit_test(without_a_session_nothing_is_signed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
