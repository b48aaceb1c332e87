#include "vaultctl/vaultctl.h"

static const struct view_column list_columns[] = {
    { "firm", "name", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "says of itself", "claims.name", VIEW_THEIRS },
    { "fingerprint", "fingerprint", VIEW_TEXT },
    { "asks for key", "next.fingerprint", VIEW_TEXT },
    { "grants", "grants", VIEW_NUMBER },
    { "asks", "pending", VIEW_NUMBER },
    { "last seen", "last", VIEW_AGO },
    { .head = NULL },
};

static const struct view_column done_columns[] = {
    { "firm", "firm", VIEW_TEXT },
    { "id", "id", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "grants ended", "grants", VIEW_LIST },
    { "rules for its old key", "rules", VIEW_LIST },
    { "and more of them", "more_rules", VIEW_NUMBER },
    { "what it has is gone by", "delete_by", VIEW_AGO },
    { "sending stopped after", "silence_ms", VIEW_MS },
    { .head = NULL },
};

static int
invite(struct run *run)
{
    run_params(run, true);
    ctl_put_word(run, "name", 0);
    run_put_text(run, "expires", "expires");
    run_put_text(run, "address", "address");
    int code = run_ask(run, "firm.invite");

    if (code != RUN_DONE) {
        return code;
    }
    if (run->json) {
        run_print_answer(run);
        return code;
    }
    view_value(vlt_json_get(run->result, "url"), VIEW_TEXT, run->now,
               &run->text);
    vlt_buf_put_text(&run->text, "\ngood once, expires ");
    view_value(vlt_json_get(run->result, "expires"), VIEW_AGO, run->now,
               &run->text);
    vlt_buf_put_text(&run->text, "; when the firm has used it, compare "
                                 "fingerprints and type: vaultctl firm "
                                 "confirm ");
    vlt_buf_put_text(&run->text, args_word(run->args, 0));
    vlt_buf_put_text(&run->text, "\n");
    return code;
}

static int
fill_list(struct run *run)
{
    run_put_text(run, "state", "state");
    return RUN_DONE;
}

static int
list(struct run *run)
{
    static const struct view_list view = {
        .method = "firm.list",
        .array = "firms",
        .columns = list_columns,
        .none = "no firms; type: vaultctl firm invite NAME",
        .fill = fill_list,
    };

    return view_list(run, &view);
}

static const struct view_column print_columns[] = {
    { "firm", "name", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "id", "id", VIEW_TEXT },
    { "enrolled", "enrolled", VIEW_AGO },
    { "fingerprint", "fingerprint", VIEW_TEXT },
    { .head = NULL },
};

/* Nobody but the owner can tell whether whoever used the invitation is whom it
 * was for. */
static int
ask_fingerprint(struct run *run)
{
    run_params(run, false);
    ctl_put_word(run, "firm", 0);
    int code = run_ask(run, "firm.show");

    if (code != RUN_DONE) {
        return code;
    }
    view_fields(run, print_columns, vlt_json_get(run->result, "firm"));
    return run_confirm_shown(
        run,
        "Has the firm told you this fingerprint by another way than the "
        "vault, and is it to be let in?",
        "--fingerprint TEXT, which the vault compares");
}

static int
confirm(struct run *run)
{
    if (!args_has(run->args, "fingerprint") && !args_has(run->args, "yes")) {
        int code = ask_fingerprint(run);

        if (code != RUN_DONE) {
            return code;
        }
    }
    run_params(run, true);
    ctl_put_word(run, "firm", 0);
    run_put_text(run, "fingerprint", "fingerprint");
    return view_answer(run, "firm.confirm", NULL, done_columns);
}

static int
block(struct run *run)
{
    int code =
        run_confirm(run, "End every grant of this firm and let it in no more?");

    return code != RUN_DONE ? code
                            : ctl_act(run, "firm.block", "firm", done_columns);
}

static int
forget(struct run *run)
{
    int code = run_confirm(run, "End every grant of this firm, and know it no "
                                "more?");

    return code != RUN_DONE ? code
                            : ctl_act(run, "firm.forget", "firm", done_columns);
}

static const struct args_option invite_options[] = {
    { "expires", "SPAN", "how long it is good for; 1d", false },
    { "address", "HOST:PORT", "to stand in the URL", false },
    { .name = NULL },
};

static const struct args_option list_options[] = {
    { "state", "STATE",
      "only invited, pending, confirmed, blocked or forgotten", false },
    { .name = NULL },
};

static const struct args_option confirm_options[] = {
    { "fingerprint", "TEXT", "must be the firm's; blanks do not count", false },
    { "yes", NULL, "do not ask", false },
    { .name = NULL },
};

const struct args_command noun_firm[] = {
    { .name = "invite",
      .takes = "NAME",
      .says = "an invitation, good once, that you give to a firm",
      .examples = { "firm invite brightgrid",
                    "firm invite brightgrid --expires 7d --json" },
      .min = 1,
      .max = 1,
      .options = invite_options,
      .run = invite },
    { .name = "list",
      .says = "firms, and what they have and ask",
      .examples = { "firm list", "firm list --state pending" },
      .options = list_options,
      .run = list },
    { .name = "show",
      .takes = "NAME",
      .says = "how you stand with a firm: score, grants, what it read",
      .examples = { "firm show brightgrid", "firm show brightgrid --json" },
      .min = 1,
      .max = 1,
      .run = cmd_firm_show },
    { .name = "confirm",
      .takes = "NAME",
      .says = "the fingerprints are the same: let it ask, or change its key",
      .examples = { "firm confirm brightgrid",
                    "firm confirm brightgrid --fingerprint 'nyh6 jdrt v5gc "
                    "bnww lrd3'" },
      .min = 1,
      .max = 1,
      .options = confirm_options,
      .run = confirm },
    { .name = "block",
      .takes = "NAME",
      .says = "end all its grants, let it in no more",
      .examples = { "firm block brightgrid", "firm block brightgrid --yes" },
      .min = 1,
      .max = 1,
      .options = ctl_yes,
      .run = block },
    { .name = "forget",
      .takes = "NAME",
      .says = "end all its grants; its name and key are a stranger's again",
      .examples = { "firm forget brightgrid", "firm forget brightgrid --yes" },
      .min = 1,
      .max = 1,
      .options = ctl_yes,
      .run = forget },
    { .name = NULL },
};
