#include "look.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "store/record.h"

enum {
    SLICE = 4096 /* rows of a slice of a scan */
};

/* One look at a vault. */
struct looking {
    struct rig *rig;
    const struct look_about *about;
    const struct store_view *view;
    struct parts *parts;
    struct vlt_buf *why;
    struct vlt_buf text; /* of the part under way */
    bool good;
};

static bool
fail(struct looking *l, const char *what)
{
    vlt_buf_printf(l->why, "%s; ", what);
    l->good = false;
    return false;
}

static void
put(struct looking *l, const char *name)
{
    if (vlt_buf_failed(&l->text)) {
        (void)fail(l, "no memory to look");
    } else {
        parts_put(l->parts, name, vlt_buf_slice(&l->text));
    }
    vlt_buf_clear(&l->text);
}

/* ---- streams ---- */

static void
put_rows(struct looking *l, const struct vlt_rows *rows)
{
    for (size_t i = 0; i < vlt_rows_count(rows); i++) {
        part_put_row(&l->text, vlt_rows_times(rows)[i]);
        for (size_t j = 0; j < vlt_rows_columns(rows); j++) {
            if (!vlt_rows_has(rows, i, j)) {
                continue;
            }
            if (vlt_rows_column(rows, j).field.type == VLT_TYPE_TEXT) {
                part_put_text(&l->text, (unsigned)j, vlt_rows_text(rows, i, j));
            } else {
                part_put_cell(&l->text, (unsigned)j, vlt_rows_bits(rows, i, j));
            }
        }
    }
}

static struct vlt_rows *
rows_for(const struct stream *stream)
{
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields, .count = stream->columns };
    struct vlt_rows *rows;

    for (size_t i = 0; i < stream->columns; i++) {
        fields[i] =
            (struct vlt_field){ .id = stream->column[i].id,
                                .type = (enum vlt_type)stream->column[i].type };
    }
    return vlt_rows_new(&schema, &rows) == VLT_OK ? rows : NULL;
}

/* All rows of a stream, slice by slice. */
static void
look_at_rows(struct looking *l, const struct stream *stream)
{
    struct series_want want = { .from = VLT_TIME_MIN, .to = VLT_TIME_MAX };
    struct series_at at = { .time = want.from };
    struct vlt_rows *rows = rows_for(stream);
    bool more = rows != NULL;
    char name[PARTS_NAME];

    while (more) {
        enum vlt_status st = series_scan(l->rig->series, l->view, stream, &want,
                                         &at, SLICE, SIZE_MAX, rows, &more);

        if (st != VLT_OK) {
            (void)fail(l, "a stream cannot be read");
            break;
        }
        put_rows(l, rows);
    }
    vlt_rows_free(rows);
    part_rows(name, stream->name);
    put(l, name);
}

static void
look_at_stream(struct looking *l, const struct stream *stream)
{
    struct part_about about = { .unit = stream->unit,
                                .columns = (unsigned)stream->columns };
    char name[PARTS_NAME];

    part_stream(name, stream->name);
    part_put_about(&l->text, &about);
    put(l, name);
    look_at_rows(l, stream);
}

/* Streams are held first: a scan may need the lock of those who walk them. */
struct found {
    size_t count;
    const struct stream *stream[SCRIPT_STREAMS + 1];
};

static bool
find_one(void *ctx, const struct stream *stream)
{
    struct found *found = ctx;

    found->stream[found->count++] = stream_hold(stream);
    return found->count <= SCRIPT_STREAMS;
}

static void
look_at_streams(struct looking *l)
{
    struct found found = { .count = 0 };

    series_each(l->rig->series, find_one, &found);
    for (size_t i = 0; i < found.count; i++) {
        look_at_stream(l, found.stream[i]);
        stream_release(found.stream[i]);
    }
}

/* A batch that is acknowledged must be known, so that its repeat is seen. */
static void
look_at_sequences(struct looking *l)
{
    static const uint8_t boot[8] = { RIG_BOOT };
    char text[60];

    for (unsigned op = 0; op < l->about->done; op++) {
        for (unsigned i = 0; script_counts(op) && i < script_batches(op); i++) {
            if (!series_knows(l->rig->series, script_source(op, i), boot,
                              script_seq(op, i))) {
                (void)snprintf(text, sizeof text,
                               "the batch of operation %u is not known", op);
                (void)fail(l, text);
                return;
            }
        }
    }
}

/* ---- consent ---- */

static bool
look_at_grant(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct looking *l = ctx;
    char name[PARTS_NAME];

    part_grant(name, (unsigned)(id[1] << 8 | id[2]));
    parts_put(l->parts, name, json);
    return true;
}

static bool
look_at_setting(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    (void)id;
    (void)json;
    return fail(ctx, "a setting that was not committed is there");
}

static bool
look_at_entry(void *ctx, const struct audit_entry *entry)
{
    struct looking *l = ctx;

    part_put_log(&l->text, entry->detail);
    return true;
}

static void
note_problem(void *ctx, const char *problem)
{
    (void)fail(ctx, problem);
}

static void
look_at_log(struct looking *l)
{
    static const uint8_t master[AUDIT_TREE_LEN];
    struct audit_head head;

    if (audit_each(l->rig->audit, l->view, master, 0, UINT64_MAX, look_at_entry,
                   l) != VLT_OK) {
        (void)fail(l, "the log cannot be read");
    }
    put(l, "log");
    if (audit_verify(l->view, note_problem, l, &head) != VLT_OK) {
        (void)fail(l, "the log cannot be checked");
    }
}

static void
look_at_answers(struct looking *l)
{
    struct store_idem idem = { .principal = { RIG_FIRM } };
    struct vlt_buf answer = { 0 };

    for (unsigned op = 0; op < l->about->ops; op++) {
        enum script_kind kind = script_kind(op);
        int64_t when;

        if (kind != SCRIPT_GRANT && kind != SCRIPT_REVOKE &&
            kind != SCRIPT_LOCK) {
            continue;
        }
        rig_id(idem.ulid, RIG_ANSWER, op);
        vlt_buf_clear(&answer);
        switch (store_idem_get(l->view, &idem, &answer, &when)) {
        case VLT_OK:
            part_put_answer(&l->text, op, when, vlt_buf_slice(&answer));
            break;
        case VLT_E_NOT_FOUND:
            break;
        default:
            (void)fail(l, "an answer cannot be read");
        }
    }
    vlt_buf_free(&answer);
    put(l, "answers");
}

/* ---- what opens it ---- */

/* Of all words that there ever were: which do? */
static void
look_at_words(struct looking *l)
{
    for (unsigned op = 0; op < l->about->ops; op++) {
        struct vlt_secret *words = NULL;
        struct vlt_secret *root = NULL;

        if (script_kind(op) != SCRIPT_SLOT) {
            continue;
        }
        enum vlt_status st = rig_words(op, &words);

        if (st == VLT_OK) {
            st = store_root_key(l->rig->store, STORE_TYPED, words, &root);
        }
        if (st == VLT_OK) {
            part_put_words(&l->text, op);
        } else if (st != VLT_E_AUTH) {
            (void)fail(l, "words cannot be tried");
        }
        vlt_secret_free(words);
        vlt_secret_free(root);
    }
    put(l, "words");
}

/* ---- */

/* It never says more than the vault has, which would be taken for a vault that
 * was put back, and knows each consent that is acknowledged. */
static void
look_at_anchor(struct looking *l)
{
    struct store_anchor anchor = { .commit = 0 };
    struct store_anchor now;
    uint64_t consents = 0;
    enum vlt_status st = store_anchor_read(l->rig->store, &anchor);

    if (st != VLT_OK && st != VLT_E_NOT_FOUND) {
        (void)fail(l, "the anchor does not open");
        return;
    }
    for (unsigned op = 0; op < l->about->done; op++) {
        consents +=
            script_kind(op) == SCRIPT_GRANT || script_kind(op) == SCRIPT_REVOKE;
    }
    store_anchor_now(l->rig->store, &now);
    if (anchor.commit > now.commit || anchor.audit_size > now.audit_size ||
        anchor.keyring_g > now.keyring_g) {
        (void)fail(l, "the anchor is ahead of the vault");
    }
    if (anchor.audit_size < consents) {
        (void)fail(l, "the anchor does not know a consent");
    }
}

static void
look_at_store(struct looking *l)
{
    struct series_check packed;
    struct store_check found;

    if (store_check(l->view, l->why, &found) != VLT_OK ||
        series_check(l->rig->series, l->view, l->why, &packed) != VLT_OK) {
        l->good = false;
    }
    if (store_meta_each(l->view, STORE_META_GRANT, look_at_grant, l) !=
            VLT_OK ||
        store_meta_each(l->view, STORE_META_SETTING, look_at_setting, l) !=
            VLT_OK) {
        (void)fail(l, "grants and settings cannot be read");
    }
}

bool
look(struct rig *rig, const struct look_about *about, struct parts *out,
     struct vlt_buf *why)
{
    struct looking l = {
        .rig = rig, .about = about, .parts = out, .why = why, .good = true
    };
    struct store_read *read;

    out->count = 0;
    if (store_read_begin(rig->store, &read) != VLT_OK) {
        return fail(&l, "it cannot be read");
    }
    l.view = store_read_view(read);
    look_at_store(&l);
    look_at_anchor(&l);
    look_at_streams(&l);
    look_at_sequences(&l);
    look_at_log(&l);
    look_at_answers(&l);
    look_at_words(&l);
    store_read_end(read);
    vlt_buf_free(&l.text);
    return l.good;
}
