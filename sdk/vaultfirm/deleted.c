/*
 * deleted: what a grant gave is gone, says the firm, and signs it.
 */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/ago.h"
#include "vaultfirm/vaultfirm.h"

enum {
    LISTED = 8, /* recipients or exceptions in one statement */
    NS_PER_S = 1000000000,
};

struct saying {
    struct vault_deletion deletion;
    struct vault_deleted_by recipient[LISTED];
    struct vault_kept kept[LISTED];
};

static const struct view_column held_columns[] = {
    { "uses still held", "uses", VIEW_LIST },
    { "to be deleted", "delete_by", VIEW_AGO },
    { "a statement is due", "due", VIEW_AGO },
    { .head = NULL },
};

/* "3-7", or "3" for one. */
static bool
read_uses(struct vlt_slice text, uint64_t *from, uint64_t *to)
{
    const uint8_t *dash = text.len > 0 ? memchr(text.at, '-', text.len) : NULL;
    size_t len = dash != NULL ? (size_t)(dash - text.at) : text.len;
    struct vlt_slice first = vlt_slice_of(text.at, len);
    struct vlt_slice last =
        dash != NULL ? vlt_slice_of(dash + 1, text.len - len - 1) : first;

    return vlt_uint_parse(first, from) == VLT_OK &&
           vlt_uint_parse(last, to) == VLT_OK && *from >= 1 && *to >= *from;
}

static bool
read_time(struct vlt_slice text, int64_t now, int64_t *out)
{
    int64_t time;
    bool rough;

    if (ago_parse(text, now, &time, &rough) != VLT_OK) {
        return false;
    }
    *out = vlt_floor_div(time, NS_PER_S);
    return true;
}

/* "3-7:2030-01-01:Tax Act": which uses, until when, and by which law. */
static bool
read_kept(const char *text, int64_t now, struct vault_kept *out)
{
    const char *first = strchr(text, ':');
    const char *second = first != NULL ? strchr(first + 1, ':') : NULL;

    if (second == NULL || second[1] == '\0') {
        return false;
    }
    out->law = second + 1;
    return read_uses(vlt_slice_of(text, (size_t)(first - text)), &out->from,
                     &out->to) &&
           read_time(vlt_slice_of(first + 1, (size_t)(second - first - 1)), now,
                     &out->until);
}

static int
read_lists(struct run *run, struct saying *saying)
{
    const char *text;

    while ((text = args_each(run->args, "recipient",
                             saying->deletion.recipient_count)) != NULL) {
        if (saying->deletion.recipient_count == LISTED) {
            return run_says(run, RUN_USAGE, "at most %d recipients", LISTED);
        }
        saying->recipient[saying->deletion.recipient_count++] =
            (struct vault_deleted_by){ text, saying->deletion.deleted_at };
    }
    while ((text = args_each(run->args, "except",
                             saying->deletion.exception_count)) != NULL) {
        if (saying->deletion.exception_count == LISTED ||
            !read_kept(text, run->now,
                       &saying->kept[saying->deletion.exception_count])) {
            return run_says(run, RUN_USAGE,
                            "--except \"%s\" is none, or one too many; type up "
                            "to %d as 3-7:2030-01-01:LAW",
                            text, LISTED);
        }
        saying->deletion.exception_count++;
    }
    return RUN_DONE;
}

static int
read_options(struct run *run, struct saying *saying)
{
    const char *uses = args_value(run->args, "uses");
    const char *at = args_value(run->args, "at");

    saying->deletion = (struct vault_deletion){
        .size = sizeof saying->deletion,
        .deleted_at = run->now / NS_PER_S,
        .anonymised = args_has(run->args, "anonymised"),
        .recipients = saying->recipient,
        .exceptions = saying->kept,
    };
    if (uses != NULL && !read_uses(vlt_slice_text(uses), &saying->deletion.from,
                                   &saying->deletion.to)) {
        return run_says(run, RUN_USAGE,
                        "--uses \"%s\" are none; type the first and the last "
                        "as 1-12",
                        uses);
    }
    if (at != NULL && !read_time(vlt_slice_text(at), run->now,
                                 &saying->deletion.deleted_at)) {
        return run_says(run, RUN_USAGE,
                        "--at \"%s\" is no time; type one as 2026-12-01 or 2d",
                        at);
    }
    return read_lists(run, saying);
}

int
cmd_deleted(struct run *run)
{
    struct saying saying = { .deletion = { .size = 0 } };
    char *answer = NULL;
    int code = read_options(run, &saying);

    if (code == RUN_DONE) {
        code = run_connect(run);
    }
    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status =
        vault_deleted_wait(run->client, args_word(run->args, 0),
                           &saying.deletion, RUN_TIMEOUT_MS, &answer);

    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    code = firm_take_answer(run, answer);
    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE) {
        const struct vlt_json *held = vlt_json_get(run->result, "held_by_firm");

        vlt_buf_put_text(&run->text, "the vault has the statement\n");
        if (vlt_json_count(held) > 0) {
            view_table(run, held_columns, held);
        }
    }
    return code;
}
