/*
 * Reading rows under a grant, and what the grant says of those that are not
 * there.
 */
#include "cli/query.h"

#include <string.h>

#include "base/id.h"
#include "cli/ago.h"
#include "vaultfirm/vaultfirm.h"

enum { PAYLOAD_MAX = 65536, PAYLOAD_DEPTH = 16, ACKNOWLEDGE_MS = 5000 };

/* NULL: told that it is missing. */
static const char *
grant_of(struct run *run)
{
    const char *grant = args_value(run->args, "grant");

    if (grant == NULL) {
        run_says(run, RUN_USAGE,
                 "by which grant? say --grant ID (vaultfirm grants lists "
                 "them)");
    }
    return grant;
}

/* Ask for something of the grant without a word if that fails: the rows were
 * printed, and that is what counts. */
static bool
ask_of(struct run *run, const char *method, const char *grant)
{
    vlt_put_text(run_params(run, false), "grant", grant);
    return run_try(run, method) == VAULT_OK;
}

/* The payload of a compact JWS, which the session vouches for. */
static struct vlt_json *
payload_of(struct vlt_slice jws)
{
    struct vlt_buf bytes = { 0 };
    struct vlt_json *payload = NULL;
    size_t begin = 0;
    size_t end;

    while (begin < jws.len && jws.at[begin] != '.') {
        begin++;
    }
    begin += begin < jws.len ? 1 : 0;
    for (end = begin; end < jws.len && jws.at[end] != '.'; end++) {
    }
    if (vlt_base64url_get(vlt_slice_of(jws.at + begin, end - begin), &bytes) ==
            VLT_OK &&
        vlt_json_parse(vlt_buf_slice(&bytes), PAYLOAD_MAX, PAYLOAD_DEPTH, NULL,
                       &payload) != VLT_OK) {
        payload = NULL;
    }
    vlt_buf_free(&bytes);
    return payload;
}

/* How many readings a bucket must have, by the newest receipt; 0: not known. */
static int64_t
least_readings(struct run *run, const char *grant)
{
    int64_t least = 0;

    if (!ask_of(run, "grant.receipt", grant)) {
        return 0;
    }
    struct vlt_json *payload = payload_of(vlt_json_text_of(vlt_json_get(
        vlt_json_item(vlt_json_get(run->result, "receipts"), 0), "receipt")));

    if (payload != NULL) {
        least =
            vlt_json_int_of(view_member(payload, "obligations.min_readings"));
    }
    vlt_json_free(payload);
    return least;
}

static void
put_span(struct vlt_buf *out, const char *before, int64_t seconds,
         const char *after)
{
    vlt_buf_put_text(out, before);
    ago_put_span(seconds, out);
    vlt_buf_put_text(out, after);
}

/* What an item of the grant keeps back. */
static void
put_limits(const struct vlt_json *item, int64_t least, struct vlt_buf *out)
{
    int64_t window = vlt_json_int_of(vlt_json_get(item, "window_s"));
    int64_t delay = vlt_json_int_of(vlt_json_get(item, "delay_s"));
    int64_t bucket = vlt_json_int_of(vlt_json_get(item, "bucket_s"));
    struct vlt_slice data = vlt_json_text_of(vlt_json_get(item, "data"));

    vlt_buf_put_text(out, "\n");
    vlt_buf_put_slice(out, data);
    vlt_buf_put_text(out, ":");
    if (window > 0) {
        put_span(out, " nothing older than ", window, ";");
    }
    if (delay > 0) {
        put_span(out, " nothing newer than ", delay, ";");
    }
    if (bucket > 0) {
        put_span(out, " whole buckets of ", bucket,
                 " that have closed, the newest not;");
    }
    if (bucket > 0 && least > 1) {
        vlt_buf_printf(out, " none of fewer than %lld readings;",
                       (long long)least);
    }
    vlt_buf_put_text(out, " and only where the vault has rows");
}

/* Why there may be nothing, as far as the grant tells. */
static void
tell_reasons(struct run *run, const char *grant)
{
    int64_t least = least_readings(run, grant);
    struct vlt_buf why = { 0 };

    if (!ask_of(run, "grant.show", grant)) {
        return;
    }
    const struct vlt_json *items = view_member(run->result, "grant.items");

    for (size_t i = 0; i < vlt_json_count(items); i++) {
        put_limits(vlt_json_item(items, i), least, &why);
    }
    const char *text = vlt_buf_text(&why);

    if (text != NULL) {
        run_says(run, RUN_DONE, "no rows; the grant gives of%s", text);
    }
    vlt_buf_free(&why);
}

/* People are told; programs that want rows get rows alone. */
static bool
for_people(const struct run *run)
{
    return !run->json && !args_has(run->args, "csv") &&
           !args_has(run->args, "ndjson");
}

/* What was printed is signed for; where that fails it is told, and the rows are
 * there all the same. */
static void
acknowledge(struct run *run)
{
    enum vault_status status =
        vault_acknowledge_wait(run->client, ACKNOWLEDGE_MS);

    if (status != VAULT_OK) {
        run_says(run, RUN_DONE, "what was given is not acknowledged: %s",
                 vault_client_detail(run->client)[0] != '\0'
                     ? vault_client_detail(run->client)
                     : vault_strerror(status));
    }
}

int
cmd_query(struct run *run)
{
    const char *grant = grant_of(run);
    struct query_told told = { .rows = 0 };
    int64_t least = 0;

    if (grant == NULL) {
        return RUN_USAGE;
    }
    int code = query_run(run, grant, false, &told);

    if (code != RUN_DONE) {
        return code;
    }
    acknowledge(run);
    if (told.rows == 0) {
        tell_reasons(run, grant);
    } else if (told.every_s > 0 && for_people(run)) {
        least = least_readings(run, grant);
    }
    if (least > 1) {
        vlt_buf_printf(&run->text,
                       "buckets of fewer than %lld readings are left out\n",
                       (long long)least);
    }
    return code;
}

int
cmd_watch(struct run *run)
{
    const char *grant = grant_of(run);

    if (grant == NULL) {
        return RUN_USAGE;
    }
    int code = query_watch(run, grant, args_value(run->args, "cursor"));

    if (code == RUN_INTERRUPTED) {
        acknowledge(run);
    }
    return code;
}
