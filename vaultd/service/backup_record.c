#include "service/backup_record.h"

#include <string.h>

#include "store/record.h"
#include "json/json.h"
#include "json/json_write.h"

enum { RECORD_MAX = 32 << 10 };

static const char *const states[] = { "begun", "made", NULL };

enum vlt_status
backup_record_put(struct store_txn *txn, const struct backup_record *record)
{
    struct vlt_json_out json;
    struct vlt_buf text;
    enum vlt_status st;

    vlt_buf_init(&text, RECORD_MAX);
    json = vlt_json_out(&text);
    vlt_put_object(&json, NULL);
    vlt_put_uint(&json, "bytes", record->bytes);
    vlt_put_uint(&json, "commit", record->commit);
    vlt_put_text(&json, "file", record->file);
    vlt_put_text(&json, "state", states[record->made]);
    vlt_put_int(&json, "time", record->time);
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
    st = vlt_buf_status(&text);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_BACKUP, record->id, NULL,
                            vlt_buf_slice(&text));
    }
    vlt_buf_free(&text);
    return st;
}

enum vlt_status
backup_record_delete(struct store_txn *txn, const uint8_t id[VLT_ID_LEN])
{
    return store_meta_delete(txn, STORE_META_BACKUP, id);
}

static enum vlt_status
read_record(struct vlt_slice text, struct backup_record *out)
{
    struct vlt_json *document = NULL;
    struct vlt_walk walk;
    enum vlt_status st = vlt_json_parse(text, RECORD_MAX, 2, NULL, &document);

    if (st != VLT_OK) {
        return VLT_E_STORAGE;
    }
    vlt_walk_begin(&walk, document);
    out->bytes = (uint64_t)vlt_walk_int(&walk, "bytes", 0, INT64_MAX);
    out->commit = (uint64_t)vlt_walk_int(&walk, "commit", 0, INT64_MAX);
    out->time = vlt_walk_int(&walk, "time", INT64_MIN, INT64_MAX);
    out->made = vlt_walk_word(&walk, "state", states) == 1;
    (void)vlt_walk_int(&walk, "v", 1, 1);

    struct vlt_slice file = vlt_walk_text(&walk, "file", 1, BACKUP_PATH);

    st = vlt_walk_end(&walk);
    if (st == VLT_OK) {
        memcpy(out->file, file.at, file.len);
        out->file[file.len] = '\0';
    }
    vlt_json_free(document);
    return st == VLT_OK ? VLT_OK : VLT_E_STORAGE;
}

struct walking {
    backup_record_fn *fn;
    void *ctx;
    enum vlt_status st;
    struct backup_record record;
};

static bool
take(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct walking *w = ctx;

    memcpy(w->record.id, id, sizeof w->record.id);
    w->st = read_record(json, &w->record);
    return w->st == VLT_OK && w->fn(w->ctx, &w->record);
}

enum vlt_status
backup_record_each(const struct store_view *view, backup_record_fn *fn,
                   void *ctx)
{
    struct walking w = { .fn = fn, .ctx = ctx, .st = VLT_OK };
    enum vlt_status st = store_meta_each(view, STORE_META_BACKUP, take, &w);

    return st == VLT_OK ? w.st : st;
}
