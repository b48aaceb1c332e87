/* receipt get: what a vault gives is printed only where it is genuine. */
#include <fcntl.h>

#include "../client/firm_scene.h"
#include "fake_log.h"
#include "vaultfirm/vaultfirm.h"
#include "wire/receipt.h"

enum { ROOM = 65536 };

static const char grant[] = "01M80XE2R06J9ATSEGBABKZVWC"; /* the vector's */

/* What the vault gives. */
enum kind { GOOD, OVER, FORGED, BROKEN, OTHER_GRANT, NONE, KINDS };

static const struct {
    const char *says;
    int code;
} kinds[KINDS] = {
    [GOOD] = { "a receipt of ours", RUN_DONE },
    [OVER] = { "of a grant that ran out", RUN_NOT_IN_FORCE },
    [FORGED] = { "signed by another key", RUN_FAILED },
    [BROKEN] = { "changed after it was signed", RUN_FAILED },
    [OTHER_GRANT] = { "of another grant", RUN_FAILED },
    [NONE] = { "no receipt at all", RUN_FAILED },
};

static enum kind kind;
static uint8_t receipt_seed[VLT_SIGN_SEED];
static uint8_t other_seed[VLT_SIGN_SEED];
static uint8_t firm_id[VLT_IDENTITY_LEN];

/* ---- the vault's side ---- */

static void
load(struct vlt_buf *out)
{
    FILE *file =
        fopen(VAULT_SOURCE "/tests/vectors/receipt/payload.json", "rb");
    char part[4096];
    size_t len;

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
make(struct vlt_buf *token)
{
    struct vlt_signer *signer =
        door_signer(kind == FORGED ? other_seed : receipt_seed);
    struct vlt_signer *ours = door_signer(receipt_seed);
    struct vlt_json *document = NULL;
    struct vlt_buf vector = { 0 };
    struct vlt_buf payload = { 0 };
    struct vlt_receipt receipt;

    load(&vector);
    if (vlt_receipt_read(vlt_buf_slice(&vector), &document, &receipt, NULL) !=
        VLT_OK) {
        _exit(1);
    }
    memcpy(receipt.aud, firm_id, sizeof receipt.aud);
    vlt_identity_of(VLT_IDENTITY_RECEIPT, vlt_signer_pk(ours), receipt.iss);
    if (kind == OVER) {
        receipt.exp = receipt.nbf + 1;
    }
    receipt.grant[15] ^= kind == OTHER_GRANT;
    vlt_receipt_put(&receipt, &payload);
    if (vlt_receipt_sign(signer, vlt_buf_slice(&payload), token) != VLT_OK) {
        _exit(1);
    }
    if (kind == BROKEN) {
        uint8_t *middle = &token->at[token->len / 2];

        *middle = *middle == 'A' ? 'B' : 'A';
    }
    vlt_json_free(document);
    vlt_buf_free(&vector);
    vlt_buf_free(&payload);
    vlt_signer_free(signer);
    vlt_signer_free(ours);
}

static void
answer_receipt(struct fake *fake, int64_t id)
{
    struct vlt_buf token = { 0 };
    struct vlt_buf text = { 0 };

    make(&token);
    vlt_buf_printf(&text, "{\"grant\":\"%s\",\"receipts\":[", grant);
    if (kind != NONE) {
        vlt_buf_put_text(&text, "{\"seq\":1,\"receipt\":\"");
        vlt_buf_put_slice(&text, vlt_buf_slice(&token));
        vlt_buf_put_text(&text, "\",\"countersignature\":null}");
    }
    vlt_buf_put_text(&text, "]}");
    fake_result(fake, id, vlt_buf_text(&text));
    vlt_buf_free(&token);
    vlt_buf_free(&text);
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
    } else {
        fake_result(fake, rpc->id.number, "{}");
    }
    return true;
}

/* ---- the firm's side ---- */

/* Run the program as typed; what it printed, into said. */
static int
typed(struct firm_scene *scene, const char *out, char said[ROOM])
{
    char words[][8] = { "firm", "receipt", "get", "--vault", "--out" };
    char *argv[] = { words[0],        words[1], words[2],
                     (char[27]){ 0 }, words[3], scene->address,
                     words[4],        NULL,     NULL };
    char path[64];
    char file[64];
    int kept = dup(STDOUT_FILENO);

    memcpy(argv[3], grant, sizeof grant);
    if (out != NULL) {
        (void)snprintf(file, sizeof file, "%s", out);
        argv[7] = file;
    }
    (void)snprintf(path, sizeof path, "%s/said", scene->dir);
    int fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);

    assert_true(fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0);
    int code = run_main(&vaultfirm_program, out != NULL ? 8 : 6, argv);

    (void)dup2(kept, STDOUT_FILENO);
    ssize_t len = pread(fd, said, ROOM - 1, 0);

    assert_true(len >= 0);
    said[len] = '\0';
    (void)close(fd);
    (void)close(kept);
    (void)unlink(path);
    return code;
}

static struct firm_scene *
begin(enum kind which)
{
    struct firm_scene *scene = firm_scene_begin();

    kind = which;
    vlt_random(receipt_seed, sizeof receipt_seed);
    vlt_random(other_seed, sizeof other_seed);
    memcpy(firm_id, scene->identity->id, sizeof firm_id);
    assert_int_equal(setenv("VAULTFIRM_IDENTITY", scene->folder, 1), 0);
    firm_scene_open(scene, DOOR_GOOD, answer);
    return scene;
}

static void
end(struct firm_scene *scene)
{
    firm_scene_close(scene);
    firm_scene_end(scene);
}

static void
only_what_is_genuine_is_printed(void **state)
{
    static char said[ROOM];

    for (enum kind which = GOOD; which < KINDS; which++) {
        struct firm_scene *scene = begin(which);

        print_message("%s\n", kinds[which].says);
        assert_int_equal(typed(scene, NULL, said), kinds[which].code);
        if (which <= OVER) {
            assert_non_null(strstr(said, "\"receipts\":[{\"seq\":1"));
        } else {
            assert_string_equal(said, "");
        }
        end(scene);
    }
}

static void
what_is_forged_is_not_kept(void **state)
{
    static char said[ROOM];
    char path[64];

    for (enum kind which = GOOD; which <= FORGED; which++) {
        struct firm_scene *scene = begin(which);

        (void)snprintf(path, sizeof path, "%s/kept", scene->dir);
        assert_int_equal(typed(scene, path, said), kinds[which].code);
        assert_int_equal(access(path, F_OK) == 0, which <= OVER);
        (void)unlink(path);
        end(scene);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_genuine_is_printed),
        cmocka_unit_test(what_is_forged_is_not_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
