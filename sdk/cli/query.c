#include "cli/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/frame.h"

enum { QUERY_COLUMNS = 64 };

/* Buckets are whole multiples from this Monday on. */
#define GRID (4 * VLT_DAY)

static const struct {
    const char *name;
    unsigned bit;
} stats[] = {
    { "mean", VAULT_MEAN }, { "min", VAULT_MIN },     { "max", VAULT_MAX },
    { "sum", VAULT_SUM },   { "count", VAULT_COUNT }, { "first", VAULT_FIRST },
    { "last", VAULT_LAST },
};

/* What a query is made of, and where its texts lie. */
struct asked {
    struct vault_query query;
    char from[VLT_TIME_TEXT], to[VLT_TIME_TEXT];
    const char *columns[QUERY_COLUMNS + 1];
};

static unsigned
stat_bit(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof stats / sizeof stats[0]; i++) {
        if (strlen(stats[i].name) == len &&
            strncmp(stats[i].name, name, len) == 0) {
            return stats[i].bit;
        }
    }
    return 0;
}

static int
read_stats(struct run *run, unsigned *out)
{
    for (size_t i = 0; args_each(run->args, "stat", i) != NULL; i++) {
        const char *text = args_each(run->args, "stat", i);

        for (;;) {
            size_t len = strcspn(text, ",");
            unsigned bit = stat_bit(text, len);

            if (bit == 0) {
                return run_says(run, RUN_USAGE,
                                "--stat \"%.*s\" is none of mean, min, max, "
                                "sum, count, first, last",
                                (int)len, text);
            }
            *out |= bit;
            if (text[len] == '\0') {
                break;
            }
            text += len + 1;
        }
    }
    return RUN_DONE;
}

static int
read_every(struct run *run, int64_t *out)
{
    const char *value = args_value(run->args, "every");
    int64_t span;

    if (value == NULL) {
        if (args_has(run->args, "stat")) {
            return run_says(run, RUN_USAGE,
                            "--stat needs buckets; say --every 1h too");
        }
        return RUN_DONE;
    }
    if (vlt_duration_parse(vlt_slice_text(value), &span) != VLT_OK ||
        span < VLT_SECOND) {
        return run_says(run, RUN_USAGE,
                        "--every \"%s\" is no duration; type one as 15min, "
                        "1h or 1d",
                        value);
    }
    *out = span / VLT_SECOND;
    return RUN_DONE;
}

/* A time that was said in words is moved onto the grid of the buckets, down,
 * or up where the bucket under way is wanted too. */
static int64_t
on_grid(int64_t time, int64_t every_s, bool up)
{
    int64_t span = every_s * VLT_SECOND;
    int64_t down = vlt_floor_div(time - GRID, span) * span + GRID;

    return up && down < time ? down + span : down;
}

static int
read_times(struct run *run, struct asked *asked)
{
    struct vault_query *query = &asked->query;
    const char *const names[2] = { "from", "to" };
    char *const texts[2] = { asked->from, asked->to };
    const char **const places[2] = { &query->from, &query->to };

    for (size_t i = 0; i < 2; i++) {
        int64_t time = 0;
        bool rough;
        int code = run_time(run, names[i], 0, &time, &rough);

        if (code != RUN_DONE) {
            return code;
        }
        if (!args_has(run->args, names[i])) {
            continue;
        }
        if (rough && query->every_s > 0) {
            time =
                on_grid(time, query->every_s, i == 1 && query->grant == NULL);
        }
        *places[i] = vlt_time_print(time, texts[i]);
    }
    return RUN_DONE;
}

static int
read_limit(struct run *run, uint64_t *out)
{
    const char *value = args_value(run->args, "limit");

    if (value != NULL &&
        (vlt_uint_parse(vlt_slice_text(value), out) != VLT_OK || *out == 0)) {
        return run_says(run, RUN_USAGE,
                        "--limit \"%s\" is no number of rows; type one as 100",
                        value);
    }
    return RUN_DONE;
}

static int
read_columns(struct run *run, struct asked *asked)
{
    size_t i = 0;

    for (; args_each(run->args, "column", i) != NULL; i++) {
        if (i >= QUERY_COLUMNS) {
            return run_says(run, RUN_USAGE, "at most %d columns may be named",
                            QUERY_COLUMNS);
        }
        asked->columns[i] = args_each(run->args, "column", i);
    }
    asked->query.columns = i > 0 ? asked->columns : NULL;
    return RUN_DONE;
}

int
query_patterns(struct run *run)
{
    for (size_t i = 0; i < run->args->count; i++) {
        const char *word = args_word(run->args, i);

        if (!vlt_pattern_valid(vlt_slice_text(word))) {
            return run_says(run, RUN_USAGE,
                            "\"%s\" is no stream and no pattern of streams; "
                            "type one as home/hall/temperature, home/*/power "
                            "or 'home/**'",
                            word);
        }
    }
    return RUN_DONE;
}

static int
read_query(struct run *run, const char *grant, struct asked *asked)
{
    struct vault_query *query = &asked->query;

    *query = (struct vault_query){
        .size = sizeof *query,
        .grant = grant,
        .streams = run->args->words, /* as many as argc: a NULL is behind */
        .where = args_value(run->args, "where"),
        .descending = args_has(run->args, "desc"),
    };
    int code = query_patterns(run);

    if (code == RUN_DONE) {
        code = read_every(run, &query->every_s);
    }
    if (code == RUN_DONE) {
        code = read_stats(run, &query->stats);
    }
    if (code == RUN_DONE) {
        code = read_times(run, asked);
    }
    if (code == RUN_DONE) {
        code = read_limit(run, &query->limit);
    }
    if (code == RUN_DONE) {
        code = read_columns(run, asked);
    }
    if (query->every_s > 0 && query->stats == 0) {
        query->stats = VAULT_MEAN;
    }
    return code;
}

static void
print(struct run *run, const struct frames *frames, bool theirs, bool chart)
{
    if (run->json) {
        frames_put_json(frames, &run->text);
    } else if (args_has(run->args, "ndjson")) {
        frames_put_ndjson(frames, &run->text);
    } else if (args_has(run->args, "csv")) {
        frames_put_csv(frames, run->out.tty, &run->text);
    } else if (chart || args_has(run->args, "chart")) {
        frames_put_charts(frames, run->out, &run->text);
    } else {
        frames_put_text(frames, theirs, run->out.colour, &run->text);
    }
}

static void
tell(const struct frames *frames, const struct vault_query *query,
     struct query_told *told)
{
    if (told == NULL) {
        return;
    }
    *told = (struct query_told){ .every_s = query->every_s };
    for (size_t i = 0; i < frames->count; i++) {
        told->rows += frames->at[i].rows;
    }
}

int
query_run(struct run *run, const char *grant, bool chart,
          struct query_told *told)
{
    struct asked asked = { 0 };
    struct frames frames = { 0 };
    int code = read_query(run, grant, &asked);

    if (code == RUN_DONE) {
        code = run_connect(run);
    }
    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status = vault_query_wait(
        run->client, &asked.query, frames_take, &frames, RUN_TIMEOUT_MS);

    if (frames.failed) {
        code = run_says(run, RUN_FAILED,
                        "the answer does not fit into memory; ask for less "
                        "with --from, --to or --limit");
    } else if (status != VAULT_OK) {
        code = run_fail(run, status);
    } else {
        print(run, &frames, grant != NULL, chart);
        tell(&frames, &asked.query, told);
    }
    frames_free(&frames);
    return code;
}
