#include <string.h>

#include "base/text.h"
#include "vaultctl/vaultctl.h"

enum { READS = 5, ENTRIES = 1000 };

static const struct view_column firm_columns[] = {
    { "state", "state", VIEW_TEXT },
    { "says of itself", "claims.name", VIEW_THEIRS },
    { "contact", "claims.contact", VIEW_THEIRS },
    { "id", "id", VIEW_TEXT },
    { "fingerprint", "fingerprint", VIEW_TEXT },
    { "enrolled", "enrolled", VIEW_AGO },
    { "confirmed", "confirmed", VIEW_AGO },
    { "last seen", "last", VIEW_AGO },
    { .head = NULL },
};

static const struct view_column score_columns[] = {
    { "score", "S", VIEW_MILLI },
    { "than expected", "class", VIEW_TEXT },
    { "level of 1000", "L", VIEW_MILLI },
    { "n", "n", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column part_columns[] = {
    { "interaction", "id", VIEW_TEXT },
    { "difference", "d", VIEW_NUMBER },
    { "weight", "weight", VIEW_NUMBER },
    { "share, ppm", "share_ppm", VIEW_NUMBER },
    { "adds", "delta", VIEW_NANO },
    { .head = NULL },
};

static const struct view_column grant_columns[] = {
    { "grant", "id", VIEW_TEXT },          { "state", "state", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT },   { "action", "action", VIEW_TEXT },
    { "streams", "streams", VIEW_LIST },   { "ends", "exp", VIEW_AGO },
    { "last read", "last_use", VIEW_AGO }, { .head = NULL },
};

static const struct view_column held_columns[] = {
    { "it still holds, from grant", "grant", VIEW_TEXT },
    { "to be deleted", "delete_by", VIEW_AGO },
    { .head = NULL },
};

/* One part of the screen: a method, its parameter, what the JSON calls it. */
struct part {
    const char *method;
    const char *name;
    bool optional; /* a firm without interactions has no score */
};

/* Ask for one part and keep its answer as a member of the whole. */
static int
ask_part(struct run *run, const struct part *part, struct vlt_buf *all)
{
    struct vlt_json_out *put = run_params(run, false);

    ctl_put_word(run, "firm", 0);
    if (strcmp(part->method, "audit.list") == 0) {
        vlt_put_list(put, "types");
        vlt_put_text(put, NULL, "use");
        vlt_put_text(put, NULL, "span.close");
        vlt_put_end(put);
        vlt_put_int(put, "limit", ENTRIES);
    }
    enum vault_status status = run_try(run, part->method);

    if (status != VAULT_OK && part->optional) {
        vlt_buf_printf(all, ",\"%s\":null", part->name);
        return RUN_DONE;
    }
    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    vlt_buf_printf(all, "%s\"%s\":", all->len > 1 ? "," : "", part->name);
    vlt_buf_put_text(all, run->answer);
    return RUN_DONE;
}

static void
show_score(struct run *run, const struct vlt_json *score)
{
    if (vlt_json_kind(score) != VLT_JSON_OBJECT) {
        vlt_buf_put_text(&run->text, "score  none yet\n");
        return;
    }
    view_fields(run, score_columns, score);
    const struct vlt_json *parts = vlt_json_get(score, "contributions");

    if (vlt_json_count(parts) > 0) {
        vlt_buf_put_text(&run->text, "\n");
        view_table(run, part_columns, parts);
    }
}

/* What a detail of a use tells: rows and streams. */
static void
show_use(struct run *run, const struct vlt_json *entry)
{
    struct vlt_json *detail = NULL;
    struct vlt_slice text = vlt_json_text_of(vlt_json_get(entry, "detail"));

    vlt_buf_put_text(&run->text, "  ");
    view_value(vlt_json_get(entry, "time"), VIEW_AGO, run->now, &run->text);
    if (text.len > 0 &&
        vlt_json_parse(text, VLT_BUF_MAX, 40, NULL, &detail) == VLT_OK) {
        const struct vlt_json *streams = vlt_json_get(detail, "streams");

        vlt_buf_printf(
            &run->text, "  %lld rows",
            (long long)vlt_json_int_of(vlt_json_get(detail, "rows")));
        for (size_t i = 0; i < vlt_json_count(streams); i++) {
            vlt_buf_put_text(&run->text, i > 0 ? ", " : "  of ");
            vlt_text_put_escaped(&run->text,
                                 vlt_json_text_of(vlt_json_get(
                                     vlt_json_item(streams, i), "name")));
        }
    }
    vlt_buf_put_text(&run->text, "\n");
    vlt_json_free(detail);
}

static void
show_reads(struct run *run, const struct vlt_json *reads)
{
    const struct vlt_json *entries = vlt_json_get(reads, "entries");
    size_t count = vlt_json_count(entries);

    if (count == 0) {
        vlt_buf_put_text(&run->text, "read  nothing so far\n");
        return;
    }
    vlt_buf_printf(&run->text, "read  %zu time%s, the last:\n", count,
                   count == 1 ? "" : "s");
    for (size_t i = count > READS ? count - READS : 0; i < count; i++) {
        show_use(run, vlt_json_item(entries, i));
    }
}

static void
show_all(struct run *run, const struct vlt_json *all)
{
    const char *name = args_word(run->args, 0);
    const struct vlt_json *grants = view_member(all, "grants.grants");
    const struct vlt_json *held = view_member(all, "firm.held");

    vlt_text_put_escaped(&run->text, vlt_slice_text(name));
    vlt_buf_put_text(&run->text, "\n");
    view_fields(run, firm_columns, view_member(all, "firm.firm"));
    vlt_buf_put_text(&run->text, "\n");
    show_score(run, vlt_json_get(all, "score"));
    vlt_buf_put_text(&run->text, "\n");
    if (vlt_json_count(grants) > 0) {
        view_table(run, grant_columns, grants);
    } else {
        vlt_buf_put_text(&run->text, "no grants in force\n");
    }
    vlt_buf_put_text(&run->text, "\n");
    show_reads(run, vlt_json_get(all, "reads"));
    if (vlt_json_count(held) > 0) {
        vlt_buf_put_text(&run->text, "\n");
        view_table(run, held_columns, held);
    }
    vlt_buf_put_text(&run->text, "\nstop  vaultctl grant revoke --firm ");
    vlt_text_put_escaped(&run->text, vlt_slice_text(name));
    vlt_buf_put_text(&run->text, " | firm block ");
    vlt_text_put_escaped(&run->text, vlt_slice_text(name));
    vlt_buf_put_text(&run->text, "\n");
}

int
cmd_firm_show(struct run *run)
{
    static const struct part parts[] = {
        { "firm.show", "firm", false },
        { "interaction.score", "score", true },
        { "grant.list", "grants", false },
        { "audit.list", "reads", true },
    };
    struct vlt_buf all = { 0 };
    struct vlt_json *whole = NULL;
    int code = run_connect(run);

    vlt_buf_put_text(&all, "{");
    for (size_t i = 0; i < 4 && code == RUN_DONE; i++) {
        code = ask_part(run, &parts[i], &all);
    }
    vlt_buf_put_text(&all, "}");
    if (code == RUN_DONE && run->json) {
        vlt_buf_put_slice(&run->text, vlt_buf_slice(&all));
        vlt_buf_put_text(&run->text, "\n");
    } else if (code == RUN_DONE &&
               vlt_json_parse(vlt_buf_slice(&all), VLT_BUF_MAX, 40, NULL,
                              &whole) == VLT_OK) {
        show_all(run, whole);
    }
    vlt_json_free(whole);
    vlt_buf_free(&all);
    return code;
}
