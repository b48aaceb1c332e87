#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "cli/file.h"
#include "vaultctl/audit.h"
#include "vaultctl/heads.h"

static const struct view_column entry_columns[] = {
    { "index", "index", VIEW_NUMBER }, { "what", "type", VIEW_TEXT },
    { "when", "time", VIEW_TEXT },     { "of", "subject", VIEW_TEXT },
    { "detail", "detail", VIEW_TEXT }, { .head = NULL },
};

/* Options that are parameters of the same name. */
static const char *const times[] = { "from", "to" };
static const char *const numbers[] = { "after", "before", "limit" };

static const struct view_column head_columns[] = {
    { "log", "origin", VIEW_TEXT },  { "entries", "size", VIEW_NUMBER },
    { "root", "root", VIEW_TEXT },   { "when", "time", VIEW_TEXT },
    { "short", "short", VIEW_TEXT }, { .head = NULL },
};

/* What was asked for; the newest, unless it is to go on behind an entry. */
static int
put_wish(struct run *run)
{
    struct vlt_json_out *put = run_params(run, false);
    int code = RUN_DONE;

    run_put_text(run, "firm", "firm");
    run_put_text(run, "grant", "grant");
    run_put_list(run, "types", "type");
    if (!args_has(run->args, "after")) {
        vlt_put_bool(put, "newest", true);
    }
    for (size_t i = 0; code == RUN_DONE && i < 2; i++) {
        code = run_put_time(run, times[i], times[i]);
    }
    for (size_t i = 0; code == RUN_DONE && i < 3; i++) {
        code = run_put_int(run, numbers[i], numbers[i]);
    }
    return code;
}

/* How to see what is before, or behind. */
static void
show_more(struct run *run, const struct vlt_json *entries)
{
    int64_t size = vlt_json_int_of(vlt_json_get(run->result, "size"));
    int64_t first =
        vlt_json_int_of(vlt_json_get(vlt_json_item(entries, 0), "index"));
    int64_t last = vlt_json_int_of(vlt_json_get(
        vlt_json_item(entries, vlt_json_count(entries) - 1), "index"));

    vlt_buf_printf(&run->text, "\nof %lld entries", (long long)size);
    if (!args_has(run->args, "after") && first > 0) {
        vlt_buf_printf(&run->text, "; older ones: --before %lld",
                       (long long)first);
    }
    if (args_has(run->args, "after") && last + 1 < size) {
        vlt_buf_printf(&run->text, "; newer ones: --after %lld",
                       (long long)last);
    }
    vlt_buf_put_text(&run->text, "\n");
}

static int
list(struct run *run)
{
    int code = put_wish(run);

    if (code == RUN_DONE) {
        code = run_ask(run, "audit.list");
    }
    if (code != RUN_DONE) {
        return code;
    }
    const struct vlt_json *entries = vlt_json_get(run->result, "entries");

    if (run->json) {
        run_print_answer(run);
    } else if (vlt_json_count(entries) == 0) {
        vlt_buf_put_text(&run->text, "no such entries\n");
    } else {
        view_table(run, entry_columns, entries);
        show_more(run, entries);
    }
    return code;
}

/* The checkpoint into a file, to be kept elsewhere. */
static int
keep_head(struct run *run, const char *path)
{
    struct vlt_slice text =
        vlt_json_text_of(vlt_json_get(run->result, "checkpoint"));

    if (file_write(path, text) != VLT_OK) {
        return run_says(run, RUN_FAILED, "%s cannot be written: %s", path,
                        strerror(errno));
    }
    return RUN_DONE;
}

int
audit_look(struct run *run)
{
    bool accept = args_has(run->args, "accept");
    struct heads_look look = { .accept = accept, .strict = accept };

    if (args_has(run->args, "firm")) {
        return RUN_DONE; /* of another tree */
    }
    heads_look(run, &look);
    heads_look_end(&look);
    return look.alarm ? RUN_FAILED : RUN_DONE;
}

static int
head(struct run *run)
{
    const char *path = args_value(run->args, "out");
    bool brief = args_has(run->args, "short");

    run_params(run, false);
    run_put_text(run, "firm", "firm");
    int code = run_ask(run, "audit.head");

    if (code == RUN_DONE && path != NULL) {
        code = keep_head(run, path);
    }
    if (code != RUN_DONE) {
        return code;
    }
    if (run->json) {
        run_print_answer(run);
    } else if (brief || args_has(run->args, "checkpoint")) {
        const char *member = brief ? "short" : "checkpoint";
        struct vlt_slice text =
            vlt_json_text_of(vlt_json_get(run->result, member));

        vlt_buf_put_slice(&run->text, text);
        vlt_buf_put_text(&run->text, brief ? "\n" : "");
    } else {
        view_fields(run, head_columns, run->result);
    }
    return audit_look(run);
}

static void
show_verified(struct run *run, const char *kept_in)
{
    if (run->json) {
        run_print_answer(run);
    } else if (vlt_json_bool_of(vlt_json_get(run->result, "ok"))) {
        vlt_buf_printf(
            &run->text, "whole: %lld entries, head ",
            (long long)vlt_json_int_of(vlt_json_get(run->result, "size")));
        view_value(vlt_json_get(run->result, "head"), VIEW_TEXT, run->now,
                   &run->text);
        vlt_buf_put_text(&run->text, "\n");
    } else {
        audit_show_problems(run, kept_in);
    }
}

static int
verify(struct run *run)
{
    struct heads_look look = { .strict = true };
    int code = run_connect(run);

    if (code != RUN_DONE) {
        return code;
    }
    heads_look(run, &look);
    struct vlt_json_out *put = run_params(run, false);

    code = audit_put_heads(run, put, vlt_buf_slice(&look.kept));
    if (args_has(run->args, "require-head")) {
        vlt_put_bool(put, "require_head", true);
    }
    if (code == RUN_DONE) {
        code = run_ask_long(run, "audit.verify");
    }
    if (code == RUN_DONE) {
        show_verified(run, look.path);
        code = vlt_json_bool_of(vlt_json_get(run->result, "ok")) && !look.alarm
                   ? RUN_DONE
                   : RUN_FAILED;
    }
    heads_look_end(&look);
    return code;
}

static int
prove(struct run *run)
{
    struct vlt_json_out *put = run_params(run, false);
    int64_t index;

    run_put_text(run, "firm", "firm");
    if (vlt_int_parse(vlt_slice_text(args_word(run->args, 0)), &index) !=
        VLT_OK) {
        return run_says(run, RUN_USAGE,
                        "\"%s\" is no index of an entry; vaultctl audit list "
                        "shows them",
                        args_word(run->args, 0));
    }
    vlt_put_int(put, "index", index);
    int code = run_ask(run, "audit.prove");

    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE) {
        vlt_buf_put_slice(&run->text,
                          vlt_json_text_of(vlt_json_get(run->result, "proof")));
    }
    return code;
}

static const struct args_option list_options[] = {
    { "firm", "NAME", "the log of this firm; else that of all", false },
    { "grant", "ID", "only of this grant", false },
    { "type", "WORD", "only these, as use, grant, request", true },
    { "from", "TIME", "RFC 3339, a date, or 7d", false },
    { "to", "TIME", "the same", false },
    { "before", "INDEX", "the last ones before this entry", false },
    { "after", "INDEX", "the first ones behind this entry", false },
    { "limit", "N", "at most so many; 100", false },
    { .name = NULL },
};

static const struct args_option head_options[] = {
    { "firm", "NAME", "of this firm's log", false },
    { "short", NULL, "a line to compare by telephone", false },
    { "checkpoint", NULL, "signed, as verify --with takes it", false },
    { "out", "FILE", "write it there too, signed, for verify --with", false },
    { "accept", NULL,
      "keep it in place of the one kept before, though the log went back",
      false },
    { .name = NULL },
};

static const struct args_option verify_options[] = {
    { "with", "FILE", "a head kept elsewhere, by audit head --out or --json",
      true },
    { "require-head", NULL, "fail where none was given and none is kept",
      false },
    { .name = NULL },
};

static const struct args_option prove_options[] = {
    { "firm", "NAME", "in this firm's log", false },
    { .name = NULL },
};

const struct args_command noun_audit[] = {
    { .name = "list",
      .says = "what happened, the newest last",
      .examples = { "audit list --from 7d",
                    "audit list --firm brightgrid --type use" },
      .options = list_options,
      .run = list },
    { .name = "head",
      .says = "the newest signed head of the log",
      .examples = { "audit head --short", "audit head --out head.txt" },
      .options = head_options,
      .run = head },
    { .name = "verify",
      .says = "is the log whole, and does it extend the heads that were kept",
      .examples = { "audit verify", "audit verify --with head.txt" },
      .options = verify_options,
      .run = verify },
    { .name = "prove",
      .takes = "INDEX",
      .says = "a proof that this entry is in the log",
      .examples = { "audit prove 17", "audit prove 3 --firm brightgrid" },
      .min = 1,
      .max = 1,
      .options = prove_options,
      .run = prove },
    { .name = "export",
      .says = "the whole log with its signed head, to be verified elsewhere",
      .examples = { "audit export --to log.ndjson",
                    "audit export --firm brightgrid --from-index 100" },
      .options = audit_export_options,
      .run = audit_export },
    { .name = NULL },
};
