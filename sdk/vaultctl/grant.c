#include <errno.h>
#include <string.h>

#include "cli/file.h"
#include "vaultctl/vaultctl.h"

static const struct view_column list_columns[] = {
    { "grant", "id", VIEW_TEXT },
    { "firm", "firm", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT },
    { "action", "action", VIEW_TEXT },
    { "streams", "streams", VIEW_LIST },
    { "ends", "exp", VIEW_AGO },
    { "last read", "last_use", VIEW_AGO },
    { .head = NULL },
};

static const struct view_column show_columns[] = {
    { "grant", "id", VIEW_TEXT },
    { "firm", "firm", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT },
    { "basis", "basis", VIEW_TEXT },
    { "action", "action", VIEW_TEXT },
    { "given by", "born", VIEW_TEXT },
    { "rules", "rules", VIEW_LIST },
    { "from", "nbf", VIEW_TEXT },
    { "until", "exp", VIEW_TEXT },
    { "uses left", "uses_left", VIEW_NUMBER },
    { "it keeps for", "keep_s", VIEW_SPAN },
    { "streams", "streams", VIEW_LIST },
    { "waiting streams", "held", VIEW_LIST },
    { "last read", "last_use", VIEW_AGO },
    { "countersigned", "countersigned", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column item_columns[] = {
    { "item", "n", VIEW_NUMBER },
    { "data", "data", VIEW_TEXT },
    { "as", "stats", VIEW_LIST },
    { "of each", "bucket_s", VIEW_SPAN },
    { "back", "window_s", VIEW_SPAN },
    { "late", "delay_s", VIEW_SPAN },
    { .head = NULL },
};

static const struct view_column revoked_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "ended", "ended_at", VIEW_TEXT },
    { "last message", "last_seq", VIEW_NUMBER },
    { "rows given in all", "rows", VIEW_NUMBER },
    { "silent after, ms", "silence_ms", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column many_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "rows given", "rows", VIEW_NUMBER },
    { .head = NULL },
};

static int
fill_list(struct run *run)
{
    run_put_text(run, "state", "state");
    run_put_text(run, "firm", "firm");
    return RUN_DONE;
}

static int
list(struct run *run)
{
    static const struct view_list view = {
        .method = "grant.list",
        .array = "grants",
        .columns = list_columns,
        .none = "no grants in force",
        .fill = fill_list,
    };

    return view_list(run, &view);
}

static int
show(struct run *run)
{
    run_params(run, false);
    ctl_put_word(run, "grant", 0);
    int code = view_answer(run, "grant.show", "grant", show_columns);

    if (code == RUN_DONE && !run->json) {
        vlt_buf_put_text(&run->text, "\n");
        const struct vlt_json *items = view_member(run->result, "grant.items");

        view_table(run, item_columns, items);
        ctl_show_least(run, items,
                       vlt_json_int_of(view_member(
                           run->result, "grant.obligations.min_readings")));
    }
    return code;
}

/* One at a time, so that each answer tells of one grant. */
static int
revoke_one(struct run *run, const char *id)
{
    struct vlt_json_out *put = run_params(run, true);

    vlt_put_text(put, "grant", id);
    return view_answer(run, "grant.revoke", NULL, revoked_columns);
}

static int
revoke_many(struct run *run)
{
    struct vlt_json_out *put = run_params(run, true);

    if (args_has(run->args, "all")) {
        vlt_put_bool(put, "all", true);
    }
    run_put_text(run, "firm", "firm");
    int code = run_ask(run, "grant.revoke");

    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE) {
        view_table(run, many_columns, vlt_json_get(run->result, "grants"));
    }
    return code;
}

static int
revoke(struct run *run)
{
    bool firm = args_has(run->args, "firm");
    bool all = args_has(run->args, "all");
    size_t ways =
        (run->args->count > 0 ? 1U : 0U) + (firm ? 1U : 0U) + (all ? 1U : 0U);

    if (ways != 1) {
        return run_says(run, RUN_USAGE,
                        "say exactly one of: the grants' ids, --firm NAME, "
                        "--all (vaultctl grant list names them)");
    }
    int code = run_confirm(run, all    ? "End every grant of every firm?"
                                : firm ? "End every grant of this firm?"
                                       : "End this grant?");

    if (code == RUN_DONE && (firm || all)) {
        return revoke_many(run);
    }
    for (size_t i = 0; code == RUN_DONE && i < run->args->count; i++) {
        code = revoke_one(run, args_word(run->args, i));
    }
    return code;
}

static const struct view_column receipt_columns[] = {
    { "seq", "seq", VIEW_NUMBER },
    { "receipt", "receipt", VIEW_TEXT },
    { "countersignature", "countersignature", VIEW_TEXT },
    { .head = NULL },
};

static int
receipt(struct run *run)
{
    const char *path = args_value(run->args, "out");

    run_params(run, false);
    ctl_put_word(run, "grant", 0);
    int code = run_put_int(run, "from", "from");

    if (code == RUN_DONE) {
        code = run_ask(run, "grant.receipt");
    }
    if (code != RUN_DONE) {
        return code;
    }
    if (path != NULL) {
        if (file_write(path, vlt_slice_text(run->answer)) != VLT_OK) {
            return run_says(run, RUN_FAILED, "%s cannot be written: %s", path,
                            strerror(errno));
        }
        return code;
    }
    if (run->json) {
        run_print_answer(run);
        return code;
    }
    const struct vlt_json *all = vlt_json_get(run->result, "receipts");

    for (size_t i = 0; i < vlt_json_count(all); i++) {
        view_fields(run, receipt_columns, vlt_json_item(all, i));
    }
    return code;
}

static const struct args_option list_options[] = {
    { "state", "STATE", "active and suspended where it is not said", false },
    { "firm", "NAME", "only of this firm", false },
    { .name = NULL },
};

static const struct args_option revoke_options[] = {
    { "firm", "NAME", "all of this firm", false },
    { "all", NULL, "all of all firms", false },
    { "yes", NULL, "do not ask", false },
    { .name = NULL },
};

static const struct args_option receipt_options[] = {
    { "from", "N", "from this one on; the newest where it is not said", false },
    { "out", "FILE", "keep it there, for vaultfirm receipt verify", false },
    { .name = NULL },
};

const struct args_command noun_grant[] = {
    { .name = "list",
      .says = "what is given, to whom, until when",
      .examples = { "grant list", "grant list --firm brightgrid" },
      .options = list_options,
      .run = list },
    { .name = "show",
      .takes = "ID",
      .says = "one grant, with its terms",
      .examples = { "grant show 01M80XE2R06J9ATSEGBABKZVWC",
                    "grant show 01M80XE2R06J9ATSEGBABKZVWC --json" },
      .min = 1,
      .max = 1,
      .run = show },
    { .name = "revoke",
      .takes = "ID… | --firm NAME | --all",
      .says = "end it, now",
      .examples = { "grant revoke 01M80XE2R06J9ATSEGBABKZVWC",
                    "grant revoke --firm brightgrid --yes" },
      .max = ARGS_MANY,
      .options = revoke_options,
      .run = revoke },
    { .name = "receipt",
      .takes = "ID",
      .says = "the signed receipt of a grant",
      .examples = { "grant receipt 01M80XE2R06J9ATSEGBABKZVWC",
                    "grant receipt 01M80XE2R06J9ATSEGBABKZVWC --from 1 --out "
                    "receipt.json" },
      .min = 1,
      .max = 1,
      .options = receipt_options,
      .run = receipt },
    { .name = "invalidate", .says = "" },
    { .name = "suspend", .says = "" },
    { .name = "resume", .says = "" },
    { .name = "renew", .says = "" },
    { .name = "narrow", .says = "" },
    { .name = "admit", .says = "" },
    { .name = "held-by", .says = "" },
    { .name = NULL },
};
