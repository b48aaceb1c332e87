#include "model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rows {
    struct script_row *row; /* by time, equal times as they came */
    size_t count;
    size_t cap;
};

struct model {
    uint64_t seed;
    unsigned next; /* operation */
    struct rows rows[SCRIPT_STREAMS];
    struct part_about about[SCRIPT_STREAMS];
    char unit[SCRIPT_STREAMS][16];
    struct vlt_buf log;     /* entries as they are in the part */
    struct vlt_buf answers; /* likewise */
    struct vlt_buf scratch;
    struct parts parts;
};

/* ---- streams ---- */

static struct vlt_slice
scratch_done(struct model *model)
{
    if (vlt_buf_failed(&model->scratch)) {
        (void)fprintf(stderr, "model: no memory\n");
        exit(2);
    }
    return vlt_buf_slice(&model->scratch);
}

static void
show_stream(struct model *model, unsigned number)
{
    struct script_stream stream;
    char name[PARTS_NAME];

    script_stream(number, &stream);
    part_stream(name, stream.name);
    vlt_buf_clear(&model->scratch);
    part_put_about(&model->scratch, &model->about[number]);
    parts_put(&model->parts, name, scratch_done(model));
}

static void
show_rows(struct model *model, unsigned number)
{
    const struct rows *rows = &model->rows[number];
    struct vlt_buf *out = &model->scratch;
    struct script_stream stream;
    char name[PARTS_NAME];

    script_stream(number, &stream);
    part_rows(name, stream.name);
    vlt_buf_clear(out);
    for (size_t i = 0; i < rows->count; i++) {
        const struct script_row *row = &rows->row[i];

        part_put_row(out, row->time);
        for (unsigned j = 0; j < stream.columns; j++) {
            char text[32];

            if ((row->has >> j & 1) == 0) {
                continue;
            }
            if (stream.type[j] != SCRIPT_TEXT) {
                part_put_cell(out, j, row->bits[j]);
                continue;
            }
            (void)snprintf(text, sizeof text, "n%" PRIu64, row->bits[j]);
            part_put_text(out, j, vlt_slice_text(text));
        }
    }
    parts_put(&model->parts, name, scratch_done(model));
}

static void
do_stream(struct model *model, unsigned op)
{
    unsigned number = script_streams(op);
    struct script_stream stream;

    script_stream(number, &stream);
    model->about[number] =
        (struct part_about){ .unit = "W", .columns = stream.columns };
    show_stream(model, number);
    show_rows(model, number);
}

static void
do_set(struct model *model, unsigned op)
{
    unsigned number = script_set(op);
    struct script_stream stream;
    struct part_about *about = &model->about[number];

    script_stream(number, &stream);
    if (op % 2 == 0) {
        (void)snprintf(model->unit[number], sizeof model->unit[number], "u%u",
                       op);
        about->unit = model->unit[number];
    } else {
        about->columns = stream.columns + 1;
    }
    show_stream(model, number);
}

/* ---- rows ---- */

static bool
same(const struct script_row *a, const struct script_row *b)
{
    return a->time == b->time && a->has == b->has &&
           memcmp(a->bits, b->bits, sizeof a->bits) == 0;
}

static void
put_row(struct rows *rows, const struct script_row *row)
{
    size_t at = rows->count;

    while (at > 0 && rows->row[at - 1].time >= row->time) {
        if (same(&rows->row[at - 1], row)) {
            return;
        }
        at--;
    }
    while (at < rows->count && rows->row[at].time == row->time) {
        at++; /* behind those of its time */
    }
    if (rows->count == rows->cap) {
        rows->cap = rows->cap == 0 ? 64 : 2 * rows->cap;
        rows->row = realloc(rows->row, rows->cap * sizeof *rows->row);
        if (rows->row == NULL) {
            (void)fprintf(stderr, "model: no memory\n");
            exit(2);
        }
    }
    memmove(&rows->row[at + 1], &rows->row[at],
            (rows->count - at) * sizeof *rows->row);
    rows->row[at] = *row;
    rows->count++;
}

static void
do_append(struct model *model, unsigned op)
{
    struct script_batch batch;

    for (unsigned i = 0; i < script_batches(op); i++) {
        script_batch(model->seed, op, i, &batch);
        for (unsigned j = 0; j < batch.parts; j++) {
            const struct script_part *part = &batch.part[j];

            for (unsigned k = 0; k < part->rows; k++) {
                put_row(&model->rows[part->stream], &part->row[k]);
            }
            show_rows(model, part->stream);
        }
    }
}

static void
do_erase(struct model *model, unsigned op)
{
    struct script_erase erase;
    struct rows *rows;
    size_t kept = 0;

    script_erase(op, &erase);
    rows = &model->rows[erase.stream];
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->row[i].time < erase.from || rows->row[i].time >= erase.to) {
            rows->row[kept++] = rows->row[i];
        }
    }
    rows->count = kept;
    show_rows(model, erase.stream);
}

/* ---- consent ---- */

static void
do_grant(struct model *model, unsigned op)
{
    struct script_grant grant;
    char name[PARTS_NAME];

    script_grant(op, &grant);
    part_grant(name, grant.grant);
    if (grant.gone) {
        parts_drop(&model->parts, name);
    } else {
        parts_put(&model->parts, name, vlt_slice_text(grant.json));
    }
    part_put_log(&model->log, vlt_slice_text(grant.log));
    part_put_answer(&model->answers, op, script_now(op),
                    vlt_slice_text("{\"ok\":true}"));
    parts_put(&model->parts, "log", vlt_buf_slice(&model->log));
    parts_put(&model->parts, "answers", vlt_buf_slice(&model->answers));
}

/* The entry that was drained left an answer. */
static void
do_lock(struct model *model, unsigned op)
{
    part_put_answer(&model->answers, op, script_now(op),
                    vlt_slice_text("{\"ok\":true}"));
    parts_put(&model->parts, "answers", vlt_buf_slice(&model->answers));
}

static void
do_slot(struct model *model, unsigned op)
{
    unsigned of[SCRIPT_WORDS];
    unsigned count = script_words(op, of);

    vlt_buf_clear(&model->scratch);
    for (unsigned i = 0; i < count; i++) {
        part_put_words(&model->scratch, of[i]);
    }
    parts_put(&model->parts, "words", scratch_done(model));
}

static void
do_create(struct model *model, unsigned op)
{
    do_slot(model, op);
    parts_put(&model->parts, "log", vlt_buf_slice(&model->log));
    parts_put(&model->parts, "answers", vlt_buf_slice(&model->answers));
}

static void
do_nothing(struct model *model, unsigned op)
{
    (void)model;
    (void)op;
}

/* ---- */

/* What each kind leads to. */
typedef void model_fn(struct model *model, unsigned op);
static model_fn *const kinds[SCRIPT_KINDS] = {
    [SCRIPT_CREATE] = do_create,  [SCRIPT_STREAM] = do_stream,
    [SCRIPT_APPEND] = do_append,  [SCRIPT_LATE] = do_append,
    [SCRIPT_MANY] = do_append,    [SCRIPT_BIG] = do_append,
    [SCRIPT_TURN] = do_append,    [SCRIPT_REPEAT] = do_append,
    [SCRIPT_SET] = do_set,        [SCRIPT_GRANT] = do_grant,
    [SCRIPT_REVOKE] = do_grant,   [SCRIPT_SLOT] = do_slot,
    [SCRIPT_ROTATE] = do_nothing, [SCRIPT_LOCK] = do_lock,
    [SCRIPT_REOPEN] = do_nothing, [SCRIPT_ABORT] = do_nothing,
    [SCRIPT_ERASE] = do_erase,    [SCRIPT_FINISH] = do_nothing,
    [SCRIPT_BACKUP] = do_nothing, [SCRIPT_RESTORE] = do_nothing,
    [SCRIPT_ROLL] = do_append,    [SCRIPT_COMPACT] = do_append,
};

struct model *
model_new(uint64_t seed)
{
    struct model *model = calloc(1, sizeof *model);

    if (model == NULL) {
        (void)fprintf(stderr, "model: no memory\n");
        exit(2);
    }
    model->seed = seed;
    return model;
}

void
model_free(struct model *model)
{
    if (model == NULL) {
        return;
    }
    for (size_t i = 0; i < SCRIPT_STREAMS; i++) {
        free(model->rows[i].row);
    }
    vlt_buf_free(&model->log);
    vlt_buf_free(&model->answers);
    vlt_buf_free(&model->scratch);
    free(model);
}

void
model_do(struct model *model)
{
    unsigned op = model->next++;

    kinds[script_kind(op)](model, op);
}

const struct parts *
model_parts(const struct model *model)
{
    return &model->parts;
}
