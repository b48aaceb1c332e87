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
    { "asks for key", "next.fingerprint", VIEW_TEXT },
    { "enrolled", "enrolled", VIEW_AGO },
    { "confirmed", "confirmed", VIEW_AGO },
    { "last seen", "last", VIEW_AGO },
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
    { "uses", "uses", VIEW_NUMBER },
    { "signed for", "acknowledged", VIEW_NUMBER },
    { "to be deleted", "delete_by", VIEW_AGO },
    { .head = NULL },
};

/* One part of the screen: a method, and what the JSON calls it. */
struct part {
    const char *method;
    const char *name;
    bool optional; /* a name that no record can have has no score */
};

/* Ask for one part and keep its answer as a member of the whole. */
static int
ask_part(struct run *run, const struct part *part, struct vlt_buf *all)
{
    run_params(run, false);
    ctl_put_word(run, "firm", 0);
    enum vault_status status = run_try(run, part->method);

    if (status != VAULT_OK && (!part->optional || status != VAULT_E_PARAMS)) {
        return run_fail(run, status);
    }
    vlt_buf_printf(all, "%s\"%s\":", all->len > 1 ? "," : "", part->name);
    vlt_buf_put_text(all, status == VAULT_OK ? run->answer : "null");
    return RUN_DONE;
}

/* Ask for the entries behind index `after` (-1: from the first on), and put
 * them to a list.  *last is the index of the last; `after` where there was
 * none. */
static int
ask_entries(struct run *run, int64_t after, struct vlt_buf *list, int64_t *last)
{
    struct vlt_json_out *put = run_params(run, false);

    ctl_put_word(run, "firm", 0);
    vlt_put_list(put, "types");
    vlt_put_text(put, NULL, "use");
    vlt_put_text(put, NULL, "span.close");
    vlt_put_end(put);
    vlt_put_int(put, "limit", ENTRIES);
    if (after >= 0) {
        vlt_put_int(put, "after", after);
    }
    enum vault_status status = run_try(run, "audit.list");

    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    const struct vlt_json *entries = vlt_json_get(run->result, "entries");

    *last = after;
    for (size_t i = 0; i < vlt_json_count(entries); i++) {
        const struct vlt_json *entry = vlt_json_item(entries, i);

        vlt_buf_put_text(list, after >= 0 || i > 0 ? "," : "");
        vlt_json_print(entry, false, list);
        *last = vlt_json_int_of(vlt_json_get(entry, "index"));
    }
    return RUN_DONE;
}

/* All that was read, in as many pages as the vault makes of it. */
static int
ask_reads(struct run *run, struct vlt_buf *all)
{
    int64_t after = -1;
    int64_t last = -1;
    int code = RUN_DONE;

    vlt_buf_put_text(all, ",\"reads\":{\"entries\":[");
    do {
        after = last;
        code = ask_entries(run, after, all, &last);
    } while (code == RUN_DONE && last > after);
    vlt_buf_put_text(all, "]}");
    return code;
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
    ctl_show_score(run, name, vlt_json_get(all, "score"));
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
    };
    struct vlt_buf all = { 0 };
    struct vlt_json *whole = NULL;
    int code = run_connect(run);

    vlt_buf_put_text(&all, "{");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && code == RUN_DONE;
         i++) {
        code = ask_part(run, &parts[i], &all);
    }
    if (code == RUN_DONE) {
        code = ask_reads(run, &all);
    }
    vlt_buf_put_text(&all, "}");
    if (code == RUN_DONE && vlt_json_parse(vlt_buf_slice(&all), VLT_BUF_MAX, 40,
                                           NULL, &whole) != VLT_OK) {
        code = run_says(run, RUN_FAILED, "the screen does not fit into memory");
    }
    if (code == RUN_DONE && run->json) {
        vlt_buf_put_slice(&run->text, vlt_buf_slice(&all));
        vlt_buf_put_text(&run->text, "\n");
    } else if (code == RUN_DONE) {
        show_all(run, whole);
    }
    vlt_json_free(whole);
    vlt_buf_free(&all);
    return code;
}
