#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "cli/file.h"
#include "vaultfirm/vaultfirm.h"

enum { FILE_MAX = 4 << 20 };

int
cmd_receipt_get(struct run *run)
{
    const char *path = args_value(run->args, "out");
    struct vlt_json_out *put = run_params(run, false);

    /* From the first on: the chain is what a verifier follows. */
    vlt_put_text(put, "grant", args_word(run->args, 0));
    vlt_put_int(put, "from", 1);
    int code = run_ask(run, "grant.receipt");

    if (code != RUN_DONE) {
        return code;
    }
    if (path == NULL) {
        run_print_answer(run);
        return code;
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

static void
print_json(struct run *run, const struct vault_receipt *receipt)
{
    struct vlt_json_out put = vlt_json_out(&run->text);
    const char *fault = vault_receipt_fault(receipt);
    const char *grant = vault_receipt_grant(receipt);
    const char *payload = vault_receipt_payload(receipt);

    vlt_put_object(&put, NULL);
    vlt_put_bool(&put, "ok", vault_receipt_ok(receipt) != 0);
    vlt_put_text(&put, "grant",
                 grant != NULL && grant[0] != '\0' ? grant : NULL);
    vlt_put_text(&put, "event", vault_receipt_event(receipt));
    vlt_put_text(&put, "fault", fault[0] != '\0' ? fault : NULL);
    vlt_put_list(&put, "unchecked");
    for (size_t i = 0; vault_receipt_unchecked(receipt, i) != NULL; i++) {
        vlt_put_text(&put, NULL, vault_receipt_unchecked(receipt, i));
    }
    vlt_put_end(&put);
    if (payload != NULL && payload[0] != '\0') {
        vlt_put_raw(&put, "payload", vlt_slice_text(payload));
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
print_text(struct run *run, const struct vault_receipt *receipt)
{
    const char *payload = vault_receipt_payload(receipt);
    struct vlt_json *document = NULL;

    if (vault_receipt_ok(receipt)) {
        vlt_buf_put_text(&run->text, "holds\n");
    } else {
        vlt_buf_put_text(&run->text, "does not hold: ");
        vlt_text_put_escaped(&run->text,
                             vlt_slice_text(vault_receipt_fault(receipt)));
        vlt_buf_put_text(&run->text, "\n");
    }
    if (payload != NULL && vlt_json_parse(vlt_slice_text(payload), FILE_MAX, 40,
                                          NULL, &document) == VLT_OK) {
        view_fields(run, payload_columns, document);
    }
    for (size_t i = 0; vault_receipt_unchecked(receipt, i) != NULL; i++) {
        vlt_buf_printf(&run->text, "%s%s\n", i == 0 ? "not checked:\n  " : "  ",
                       vault_receipt_unchecked(receipt, i));
    }
    vlt_json_free(document);
}

static enum vault_status
verify(struct run *run, const struct vlt_buf *file,
       struct vault_receipt **receipt)
{
    const char *key = args_value(run->args, "vault");
    const char *text = (const char *)file->at;

    if (key != NULL) {
        return vault_receipt_verify_with(key, args_value(run->args, "firm-key"),
                                         text, file->len, run->now, receipt);
    }
    return vault_receipt_verify(run->identity, text, file->len, run->now,
                                receipt);
}

int
cmd_receipt_verify(struct run *run)
{
    struct vlt_buf file = { 0 };
    struct vault_receipt *receipt = NULL;
    int code = run_read_file(run, args_word(run->args, 0), FILE_MAX, &file);

    if (code == RUN_DONE && !args_has(run->args, "vault")) {
        code = firm_identity(run);
    }
    if (code != RUN_DONE) {
        vlt_buf_free(&file);
        return code;
    }
    enum vault_status status = verify(run, &file, &receipt);

    if (receipt == NULL) {
        code = run_says(run, run_code(status), "%s", vault_strerror(status));
    } else {
        if (run->json) {
            print_json(run, receipt);
        } else {
            print_text(run, receipt);
        }
        code = vault_receipt_ok(receipt) ? RUN_DONE : RUN_FAILED;
    }
    vault_receipt_free(receipt);
    vlt_buf_free(&file);
    return code;
}
