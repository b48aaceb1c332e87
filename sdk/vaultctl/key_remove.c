/* One thing less that opens the vault. */
#include "base/text.h"
#include "vaultctl/vaultctl.h"

static const char *
words_of(const struct vlt_json *slot)
{
    struct vlt_slice type = vlt_json_text_of(vlt_json_get(slot, "type"));

    return vlt_slice_is(type, "passphrase") ? "a passphrase"
           : vlt_slice_is(type, "recovery") ? "24 recovery words"
                                            : "a key file";
}

static int64_t
number_of(const struct vlt_json *slot)
{
    return vlt_json_int_of(vlt_json_get(slot, "slot"));
}

/* The one slot that is left without this one; NULL: there are others, none, or
 * no such slot. */
static const struct vlt_json *
last_but(const struct vlt_json *slots, int64_t number)
{
    const struct vlt_json *one = vlt_json_item(slots, 0);
    const struct vlt_json *two = vlt_json_item(slots, 1);

    if (vlt_json_count(slots) != 2) {
        return NULL;
    }
    if (number_of(one) == number) {
        return two;
    }
    return number_of(two) == number ? one : NULL;
}

/* What is left, where that is one thing alone; else it stays empty. */
static int
look_left(struct run *run, int64_t number, struct vlt_buf *left)
{
    run_params(run, false);
    int code = run_ask(run, "key.list");

    if (code != RUN_DONE) {
        return code;
    }
    const struct vlt_json *last =
        last_but(vlt_json_get(run->result, "slots"), number);

    if (last != NULL) {
        vlt_buf_printf(left,
                       "Without it slot %lld, %s, is all that opens the "
                       "vault: when that is lost, so is everything in it; "
                       "vaultctl key add adds another way.",
                       (long long)number_of(last), words_of(last));
    }
    return RUN_DONE;
}

static int
ask(struct run *run, struct vlt_slice left)
{
    struct vlt_buf what = { 0 };

    if (left.len > 0) {
        vlt_buf_put_slice(&what, left);
        vlt_buf_put_text(&what, " ");
    }
    vlt_buf_put_text(&what, "Is this slot to open the vault no more?");
    const char *text = vlt_buf_text(&what);
    int code = text != NULL
                   ? run_confirm(run, text)
                   : run_says(run, RUN_FAILED, "there is no memory to ask in");

    vlt_buf_free(&what);
    return code;
}

int
cmd_key_remove(struct run *run)
{
    static const struct view_column columns[] = {
        { "removed slot", "slot", VIEW_NUMBER },
        { .head = NULL },
    };
    struct vlt_buf left = { 0 };
    int64_t number;

    if (vlt_int_parse(vlt_slice_text(args_word(run->args, 0)), &number) !=
        VLT_OK) {
        return run_says(run, RUN_USAGE,
                        "\"%s\" is no slot; vaultctl key list has their "
                        "numbers",
                        args_word(run->args, 0));
    }
    int code = look_left(run, number, &left);

    if (code == RUN_DONE) {
        code = ask(run, vlt_buf_slice(&left));
    }
    if (code == RUN_DONE) {
        run_params(run, true);
        vlt_put_int(&run->put, "slot", number);
        code = view_answer(run, "key.remove", NULL, columns);
    }
    if (code == RUN_DONE && left.len > 0 && args_has(run->args, "yes")) {
        code = run_flush(run);
        run_says(run, RUN_DONE, "%s", vlt_buf_text(&left));
    }
    vlt_buf_free(&left);
    return code;
}
