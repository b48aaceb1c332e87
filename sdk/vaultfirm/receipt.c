#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cli/file.h"
#include "vaultfirm/vaultfirm.h"

enum { FILE_MAX = 4 << 20, KEY_BASE64 = 43, KEY_BASE32 = 52 };

/* What a receipt's state is as an exit code. */
static int
code_of(const struct vault_receipt *receipt)
{
    return vault_receipt_ok(receipt)        ? RUN_DONE
           : vault_receipt_genuine(receipt) ? RUN_NOT_IN_FORCE
                                            : RUN_FAILED;
}

/* Is what the vault gave genuine, and of the grant that was asked for?  Else
 * nothing of it may be shown or kept. */
static int
check_answer(struct run *run)
{
    const char *name = args_value(run->args, "vault");
    const char *vault = name != NULL && strchr(name, '@') != NULL
                            ? name
                            : vault_identity_vault(run->identity, name);
    struct vault_receipt *receipt = NULL;
    enum vault_status status =
        vault_receipt_verify_of(run->identity, vault, run->answer,
                                strlen(run->answer), run->now, &receipt);
    int code;

    if (receipt == NULL) {
        return run_says(run, run_code(status), "%s", vault_strerror(status));
    }
    code = code_of(receipt);
    if (code == RUN_FAILED) {
        code = run_says(run, code,
                        "what the vault gave does not hold: %s; nothing of it "
                        "is shown",
                        vault_receipt_fault(receipt));
    } else if (strcasecmp(vault_receipt_grant(receipt),
                          args_word(run->args, 0)) != 0) {
        code = run_says(run, RUN_FAILED,
                        "what the vault gave is of another grant; nothing of "
                        "it is shown");
    }
    vault_receipt_free(receipt);
    return code;
}

int
cmd_receipt_get(struct run *run)
{
    const char *path = args_value(run->args, "out");
    struct vlt_json_out *put = run_params(run, false);

    /* From the first on: the chain is what a verifier follows. */
    vlt_put_text(put, "grant", args_word(run->args, 0));
    vlt_put_int(put, "from", 1);
    int code = run_ask(run, "grant.receipt");

    if (code == RUN_DONE) {
        code = check_answer(run);
    }
    if (code != RUN_DONE && code != RUN_NOT_IN_FORCE) {
        return code;
    }
    if (path == NULL) {
        run_print_answer(run);
        return run->json
                   ? code
                   : run_says(run, code,
                              "to read it: --out FILE, then vaultfirm receipt "
                              "verify FILE");
    }
    if (file_write(path, vlt_slice_text(run->answer)) != VLT_OK) {
        return run_says(run, RUN_FAILED, "%s cannot be written: %s", path,
                        strerror(errno));
    }
    if (run->json) {
        run_print_answer(run);
    } else {
        vlt_buf_printf(&run->text, "%zu kept\n",
                       vlt_json_count(vlt_json_get(run->result, "receipts")));
    }
    return code;
}

/* What a receipt says is shown where it is to be believed, and not else. */
static void
print_json(struct run *run, const struct vault_receipt *receipt)
{
    struct vlt_json_out put = vlt_json_out(&run->text);
    bool genuine = vault_receipt_genuine(receipt) != 0;
    const char *fault = vault_receipt_fault(receipt);
    const char *grant = vault_receipt_grant(receipt);

    vlt_put_object(&put, NULL);
    vlt_put_bool(&put, "ok", vault_receipt_ok(receipt) != 0);
    vlt_put_bool(&put, "genuine", genuine);
    vlt_put_text(&put, "grant", genuine && grant[0] != '\0' ? grant : NULL);
    vlt_put_text(&put, "event", genuine ? vault_receipt_event(receipt) : NULL);
    vlt_put_text(&put, "fault", fault[0] != '\0' ? fault : NULL);
    vlt_put_list(&put, "unchecked");
    for (size_t i = 0; vault_receipt_unchecked(receipt, i) != NULL; i++) {
        vlt_put_text(&put, NULL, vault_receipt_unchecked(receipt, i));
    }
    vlt_put_end(&put);
    if (genuine) {
        vlt_put_raw(&put, "payload",
                    vlt_slice_text(vault_receipt_payload(receipt)));
    }
    vlt_put_end(&put);
    vlt_buf_put_u8(&run->text, '\n');
}

static const struct view_column payload_columns[] = {
    { "event", "event", VIEW_TEXT },
    { "grant", "grant", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT },
    { "the firm's words", "purpose_text", VIEW_THEIRS },
    { "by", "by", VIEW_TEXT },
    { "action", "action", VIEW_TEXT },
    { "firm", "controller.name", VIEW_THEIRS },
    { "number", "seq", VIEW_TEXT },
    { "kept for", "keep_s", VIEW_SPAN },
    { .head = NULL },
};

static void
print_payload(struct run *run, const struct vault_receipt *receipt)
{
    struct vlt_slice payload = vlt_slice_text(vault_receipt_payload(receipt));
    struct vlt_json *document = NULL;

    if (vlt_json_parse(payload, FILE_MAX, 40, NULL, &document) == VLT_OK) {
        view_fields(run, payload_columns, document);
    }
    vlt_json_free(document);
}

static void
print_text(struct run *run, const struct vault_receipt *receipt)
{
    bool genuine = vault_receipt_genuine(receipt) != 0;

    if (vault_receipt_ok(receipt)) {
        vlt_buf_put_text(&run->text, "holds\n");
    } else {
        vlt_buf_put_text(&run->text, genuine ? "genuine; " : "does not hold: ");
        vlt_text_put_escaped(&run->text,
                             vlt_slice_text(vault_receipt_fault(receipt)));
        vlt_buf_put_text(&run->text, "\n");
    }
    if (!genuine) {
        return;
    }
    print_payload(run, receipt);
    for (size_t i = 0; vault_receipt_unchecked(receipt, i) != NULL; i++) {
        vlt_buf_printf(&run->text, "%s%s\n", i == 0 ? "not checked:\n  " : "  ",
                       vault_receipt_unchecked(receipt, i));
    }
}

/* A key as text: no name of a vault and no address is so long. */
static bool
is_key(const char *text)
{
    size_t len = strlen(text);

    return strchr(text, ':') == NULL &&
           (len == KEY_BASE64 || len == KEY_BASE32);
}

static int
verify(struct run *run, const struct vlt_buf *file,
       struct vault_receipt **receipt)
{
    const char *vault = args_value(run->args, "vault");
    const char *firm_key = args_value(run->args, "firm-key");
    const char *text = (const char *)file->at;
    bool key = vault != NULL && is_key(vault);
    enum vault_status status;

    if (firm_key != NULL && !key) {
        return run_says(run, RUN_USAGE,
                        "--firm-key goes with --vault KEY; else the keys are "
                        "those of the identity");
    }
    int code = key ? RUN_DONE : firm_identity(run);

    if (code != RUN_DONE) {
        return code;
    }
    if (key) {
        status = vault_receipt_verify_with(vault, firm_key, text, file->len,
                                           run->now, receipt);
    } else if (vault != NULL) {
        status = vault_receipt_verify_of(run->identity, vault, text, file->len,
                                         run->now, receipt);
    } else {
        status = vault_receipt_verify(run->identity, text, file->len, run->now,
                                      receipt);
    }
    if (status == VAULT_E_NOT_FOUND) {
        return run_says(run, RUN_NOT_FOUND,
                        "--vault \"%s\": this identity has had no session with "
                        "a vault of that name or address; a key has %d or %d "
                        "characters",
                        vault, KEY_BASE64, KEY_BASE32);
    }
    return *receipt != NULL
               ? RUN_DONE
               : run_says(run, run_code(status), "%s", vault_strerror(status));
}

int
cmd_receipt_verify(struct run *run)
{
    struct vlt_buf file = { 0 };
    struct vault_receipt *receipt = NULL;
    int code = run_read_file(run, args_word(run->args, 0), FILE_MAX, &file);

    if (code == RUN_DONE) {
        code = verify(run, &file, &receipt);
    }
    if (code == RUN_DONE) {
        if (run->json) {
            print_json(run, receipt);
        } else {
            print_text(run, receipt);
        }
        code = code_of(receipt);
    }
    vault_receipt_free(receipt);
    vlt_buf_free(&file);
    return code;
}
