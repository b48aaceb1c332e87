#include <string.h>

#include "base/text.h"
#include "vaultctl/vaultctl.h"

static const struct view_column list_columns[] = {
    { "interaction", "id", VIEW_TEXT },
    { "firm", "firm", VIEW_TEXT },
    { "when", "t_event", VIEW_AGO },
    { "by", "channel", VIEW_TEXT },
    { "way", "direction", VIEW_TEXT },
    { "what", "subject", VIEW_TEXT },
    { "of 1000", "perceived.q", VIEW_NUMBER },
    { "weight", "weight", VIEW_NUMBER },
    { .head = NULL },
};

static const struct view_column added_columns[] = {
    { "interaction", "id", VIEW_TEXT },
    { .head = NULL },
};

/* A number on a scale, as {"scale","raw"} or as members of its own. */
static int
put_raw(struct run *run, struct vlt_json_out *put, const char *text)
{
    double raw;

    if (vlt_double_parse(vlt_slice_text(text), &raw) != VLT_OK) {
        return run_says(run, RUN_USAGE,
                        "\"%s\" is no number; rate from 0 to 10, or say "
                        "--scale",
                        text);
    }
    vlt_put_double(put, "raw", raw);
    return RUN_DONE;
}

static int
put_perceived(struct run *run)
{
    const char *value = args_value(run->args, "rate");
    const char *scale = args_value(run->args, "scale");

    if (value == NULL) {
        return scale == NULL ? RUN_DONE
                             : run_says(run, RUN_USAGE,
                                        "--scale says how --rate is meant; "
                                        "give both");
    }
    vlt_put_object(&run->put, "perceived");
    vlt_put_text(&run->put, "scale", scale != NULL ? scale : "nps");
    int code = put_raw(run, &run->put, value);

    vlt_put_end(&run->put);
    return code;
}

static int
add(struct run *run)
{
    run_params(run, true);
    int code = run_put_time(run, "t_event", "at");

    ctl_put_word(run, "firm", 0);
    run_put_text(run, "channel", "channel");
    run_put_text(run, "direction", "direction");
    run_put_text(run, "role", "role");
    run_put_text(run, "subject", "subject");
    if (code == RUN_DONE) {
        code = run_put_int(run, "weight", "weight");
    }
    if (code == RUN_DONE) {
        code = put_perceived(run);
    }
    return code != RUN_DONE
               ? code
               : view_answer(run, "interaction.add", NULL, added_columns);
}

static int
fill_list(struct run *run)
{
    ctl_put_word(run, "firm", 0);
    int code = run_put_time(run, "from", "from");

    return code != RUN_DONE ? code : run_put_time(run, "to", "to");
}

static int
list(struct run *run)
{
    static const struct view_list view = {
        .method = "interaction.list",
        .array = "interactions",
        .columns = list_columns,
        .none = "no interactions; type: vaultctl interaction add FIRM",
        .fill = fill_list,
    };

    return view_list(run, &view);
}

static int
rate(struct run *run)
{
    struct vlt_json_out *put = run_params(run, true);

    ctl_put_word(run, "id", 0);
    run_put_text(run, "scale", "scale");
    int code = put_raw(run, put, args_word(run->args, 1));

    if (code == RUN_DONE) {
        code = run_ask(run, "interaction.rate");
    }
    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE) {
        ctl_show_rating(run, run->result);
    }
    return code;
}

static int
score(struct run *run)
{
    run_params(run, false);
    ctl_put_word(run, "firm", 0);
    int code = run_ask(run, "interaction.score");

    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE) {
        ctl_show_score(run, args_word(run->args, 0), run->result);
    }
    return code;
}

static const struct args_option add_options[] = {
    { "at", "TIME", "when it was; now", false },
    { "channel", "HOW",
      "face, phone, email, chat, web, app, letter, device, community, other",
      false },
    { "direction", "WAY", "firm-person, person-firm or mutual", false },
    { "role", "ROLE", "yours: user, payer, buyer-for-others, employee, other",
      false },
    { "subject", "TEXT", "in a few words", false },
    { "weight", "N", "1 to 3", false },
    { "rate", "N", "what it was, 0 to 10", false },
    { "scale", "NAME", "of --rate: nps, likert-2 to likert-11, ces1, thumb, q",
      false },
    { .name = "practice", .value = "NAME" },
    { .name = "kind", .value = "KIND" },
    { .name = "words", .value = "TEXT" },
    { .name = "minutes", .value = "N" },
    { .name = "contacts", .value = "N" },
    { .name = "expect", .value = "N" },
    { .name = NULL },
};

static const struct args_option list_options[] = {
    { "from", "TIME", "RFC 3339, a date, or 7d", false },
    { "to", "TIME", "the same", false },
    { .name = "role", .value = "ROLE" },
    { .name = "kind", .value = "KIND" },
    { .name = "practice", .value = "NAME" },
    { .name = NULL },
};

static const struct args_option rate_options[] = {
    { "scale", "NAME", "nps, likert-2 to likert-11, ces1, thumb or q", false },
    { .name = "words", .value = "TEXT" },
    { .name = NULL },
};

static const struct args_option score_options[] = {
    { .name = "role", .value = "ROLE" },
    { .name = "at", .value = "TIME" },
    { .name = "with-retrospective" },
    { .name = NULL },
};

const struct args_command noun_interaction[] = {
    { .name = "add",
      .takes = "FIRM",
      .says = "note what happened with a firm",
      .examples = { "interaction add brightgrid --channel phone --rate 8",
                    "interaction add brightgrid --at 2d --subject 'nobody "
                    "came' --rate 3" },
      .min = 1,
      .max = 1,
      .options = add_options,
      .run = add },
    { .name = "list",
      .takes = "[FIRM]",
      .says = "what was noted",
      .examples = { "interaction list", "interaction list brightgrid" },
      .max = 1,
      .options = list_options,
      .run = list },
    { .name = "rate",
      .takes = "ID 0-10",
      .says = "how it was: one number is all that is ever asked for",
      .examples = { "interaction rate 01M80XE2R06J9ATSEGBABKZVWJ 8",
                    "interaction rate 01M80XE2R06J9ATSEGBABKZVWJ 4 --scale "
                    "likert-5" },
      .min = 2,
      .max = 2,
      .options = rate_options,
      .run = rate },
    { .name = "score",
      .takes = "FIRM",
      .says = "the running score of a firm, and what it is made of",
      .examples = { "interaction score brightgrid",
                    "interaction score brightgrid --json" },
      .min = 1,
      .max = 1,
      .options = score_options,
      .run = score },
    { .name = "mark", .says = "" },
    { .name = "show", .says = "" },
    { .name = "amend", .says = "" },
    { .name = "gone", .says = "" },
    { .name = "import", .says = "" },
    { .name = "rule", .says = "" },
    { .name = NULL },
};
