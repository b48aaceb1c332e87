#include "client/record.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/id.h"
#include "client/file.h"
#include "json/json.h"
#include "json/json_write.h"

enum { NAME_CHARS = 8, PREFIX = 4, KEY_TEXT = 43 };

static const char ending[] = ".json";

void
vlt_record_name(const uint8_t vault[VLT_IDENTITY_LEN],
                char out[VLT_RECORD_NAME])
{
    char text[VLT_IDENTITY_TEXT];

    vlt_identity_print(VLT_IDENTITY_VAULT, vault, text);
    memcpy(out, text + PREFIX, NAME_CHARS);
    out[NAME_CHARS] = '\0';
}

static enum vlt_status
read_key(struct vlt_slice text, struct vlt_record *out)
{
    struct vlt_buf key = { 0 };
    enum vlt_status st = VLT_OK;

    if (text.len > 0) {
        st = vlt_base64url_get(text, &key);
        if (st == VLT_OK && key.len != sizeof out->key) {
            st = VLT_E_FORMAT;
        }
        if (st == VLT_OK) {
            memcpy(out->key, key.at, sizeof out->key);
            out->has_key = true;
        }
    }
    vlt_buf_free(&key);
    return st;
}

static void
keep(struct vlt_slice text, char out[VLT_LIMIT_CHECKPOINT + 1])
{
    if (text.len > 0) {
        memcpy(out, text.at, text.len);
    }
    out[text.len] = '\0';
}

static enum vlt_identity_kind
kind_of(const struct vlt_record *record)
{
    return record->is_source ? VLT_IDENTITY_SOURCE : VLT_IDENTITY_FIRM;
}

/* Whose record it is: one of the two members, which says what it is. */
static struct vlt_slice
read_self(struct vlt_walk *walk, struct vlt_record *out)
{
    out->is_source = vlt_walk_has(walk, "source");
    return vlt_walk_text(walk, out->is_source ? "source" : "firm", 1,
                         VLT_IDENTITY_TEXT);
}

enum vlt_status
vlt_record_parse(struct vlt_slice text, struct vlt_record *out)
{
    struct vlt_record record = { .name = "" };
    struct vlt_json *document = NULL;
    struct vlt_slice none = { 0 };
    uint8_t vault[VLT_IDENTITY_LEN];
    struct vlt_walk walk;
    enum vlt_status st =
        vlt_json_parse(text, VLT_RECORD_MAX, 4, NULL, &document);

    if (st != VLT_OK) {
        return st == VLT_E_NOMEM ? st : VLT_E_FORMAT;
    }
    vlt_walk_begin(&walk, document);
    struct vlt_slice id = vlt_walk_text(&walk, "vault", 1, VLT_IDENTITY_TEXT);
    struct vlt_slice at = vlt_walk_text(&walk, "address", 1, VLT_ADDRESS_TEXT);
    struct vlt_slice self = read_self(&walk, &record);

    record.enrolled = vlt_walk_int(&walk, "enrolled", 0, INT64_MAX);
    struct vlt_slice key =
        vlt_walk_text_or(&walk, "receipt", KEY_TEXT, KEY_TEXT, none);
    struct vlt_slice checkpoint =
        vlt_walk_text_or(&walk, "checkpoint", 1, VLT_LIMIT_CHECKPOINT, none);
    struct vlt_slice proved =
        vlt_walk_text_or(&walk, "proved", 1, VLT_LIMIT_CHECKPOINT, checkpoint);

    struct vlt_slice rendezvous =
        vlt_walk_text_or(&walk, "rendezvous", VLT_RENDEZVOUS_TEXT - 1,
                         VLT_RENDEZVOUS_TEXT - 1, none);

    st = vlt_walk_end(&walk);
    if (st == VLT_OK &&
        (vlt_identity_parse(VLT_IDENTITY_VAULT, id, vault) != VLT_OK ||
         vlt_address_parse(at, &record.address) != VLT_OK ||
         memcmp(vault, record.address.vault, sizeof vault) != 0 ||
         vlt_identity_parse(kind_of(&record), self, record.firm) != VLT_OK ||
         read_key(key, &record) != VLT_OK ||
         (rendezvous.len > 0 &&
          vlt_rendezvous_parse(rendezvous, record.rendezvous) != VLT_OK))) {
        st = VLT_E_FORMAT;
    }
    if (st == VLT_OK) {
        keep(checkpoint, record.checkpoint);
        keep(proved, record.proved);
        record.has_rendezvous = rendezvous.len > 0;
        *out = record;
    }
    vlt_json_free(document);
    return st;
}

static void
print(const struct vlt_record *record, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);
    char text[VLT_ADDRESS_TEXT];
    struct vlt_buf key = { 0 };

    vlt_put_object(&json, NULL);
    vlt_put_text(
        &json, "vault",
        vlt_identity_print(VLT_IDENTITY_VAULT, record->address.vault, text));
    vlt_put_text(&json, "address", vlt_address_print(&record->address, text));
    vlt_put_text(&json, record->is_source ? "source" : "firm",
                 vlt_identity_print(kind_of(record), record->firm, text));
    vlt_put_int(&json, "enrolled", record->enrolled);
    if (record->has_key) {
        vlt_base64url_put(&key, vlt_slice_of(record->key, sizeof record->key));
        vlt_put_slice(&json, "receipt", vlt_buf_slice(&key));
    } else {
        vlt_put_null(&json, "receipt");
    }
    vlt_put_text(&json, "checkpoint",
                 record->checkpoint[0] != '\0' ? record->checkpoint : NULL);
    vlt_put_text(&json, "proved",
                 record->proved[0] != '\0' ? record->proved : NULL);
    if (record->has_rendezvous) {
        vlt_put_text(&json, "rendezvous",
                     vlt_rendezvous_print(record->rendezvous, text));
    }
    vlt_put_end(&json);
    vlt_buf_put_u8(out, '\n');
    out->failed = out->failed || key.failed;
    vlt_buf_free(&key);
}

/* As the name in this folder, with this ending. */
static enum vlt_status
store(const char *dir, const struct vlt_record *record, const char *tail)
{
    char path[VLT_FILE_PATH];
    struct vlt_buf text = { 0 };
    enum vlt_status st = vlt_file_path(path, dir, record->name, tail);

    if (st == VLT_OK) {
        print(record, &text);
        st = vlt_buf_status(&text);
    }
    if (st == VLT_OK) {
        st = vlt_file_replace(path, vlt_buf_slice(&text));
    }
    vlt_buf_free(&text);
    return st;
}

enum vlt_status
vlt_record_set_aside(const char *folder, const struct vlt_record *record)
{
    char dir[VLT_FILE_PATH];
    char tail[32];
    time_t now = time(NULL);
    enum vlt_status st = vlt_file_path(dir, folder, "vaults", "");

    (void)snprintf(tail, sizeof tail, ".before-%lld", (long long)now);
    return st == VLT_OK ? store(dir, record, tail) : st;
}

static enum vlt_status
load(const char *dir, const char *name, struct vlt_record *out)
{
    char path[VLT_FILE_PATH];
    struct vlt_buf text = { 0 };
    enum vlt_status st = vlt_file_path(path, dir, name, ending);

    if (st == VLT_OK) {
        st = vlt_file_read(path, VLT_RECORD_MAX, &text);
    }
    if (st == VLT_OK) {
        st = vlt_record_parse(vlt_buf_slice(&text), out);
    }
    if (st == VLT_OK) {
        memcpy(out->name, name, strlen(name) + 1);
    }
    vlt_buf_free(&text);
    return st;
}

/* What is kept under the record's name, if it is of the same vault. */
static enum vlt_status
merge(const char *dir, struct vlt_record *record, vlt_record_merge_fn *fn)
{
    struct vlt_record kept = { .name = "" };
    struct vlt_record merged = *record;
    enum vlt_status st = load(dir, record->name, &kept);

    if (st == VLT_E_NOMEM || st == VLT_E_STORAGE) {
        return st;
    }
    bool same =
        st == VLT_OK && memcmp(kept.address.vault, record->address.vault,
                               sizeof kept.address.vault) == 0;

    st = fn(same ? &kept : NULL, &merged);
    if (st == VLT_OK) {
        st = store(dir, &merged, ending);
    }
    if (st == VLT_OK) {
        *record = merged;
    }
    return st;
}

enum vlt_status
vlt_record_merge(const char *folder, struct vlt_record *record,
                 vlt_record_merge_fn *fn)
{
    char dir[VLT_FILE_PATH];
    int lock = -1;
    enum vlt_status st = vlt_file_path(dir, folder, "vaults", "");

    if (st == VLT_OK) {
        st = vlt_file_lock(dir, &lock);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = merge(dir, record, fn);
    vlt_file_unlock(lock);
    return st;
}

static enum vlt_status
replace(const struct vlt_record *kept, struct vlt_record *record)
{
    (void)kept;
    (void)record;
    return VLT_OK;
}

enum vlt_status
vlt_record_store(const char *folder, const struct vlt_record *record)
{
    struct vlt_record copy = *record;

    return vlt_record_merge(folder, &copy, replace);
}

/* A record's file?  Its name without the ending then stands in out. */
static bool
record_name(const char *file, char out[VLT_RECORD_NAME])
{
    size_t len = strlen(file);
    size_t tail = sizeof ending - 1;

    if (len <= tail || len - tail >= VLT_RECORD_NAME ||
        strcmp(file + len - tail, ending) != 0) {
        return false;
    }
    memcpy(out, file, len - tail);
    out[len - tail] = '\0';
    return true;
}

enum vlt_status
vlt_record_each(const char *folder, vlt_record_fn *fn, void *ctx)
{
    char dir[VLT_FILE_PATH];
    char name[VLT_RECORD_NAME];
    struct vlt_record record;
    enum vlt_status st = vlt_file_path(dir, folder, "vaults", "");
    DIR *entries;

    if (st != VLT_OK) {
        return st;
    }
    entries = opendir(dir);
    if (entries == NULL) {
        return errno == ENOENT ? VLT_OK : VLT_E_STORAGE;
    }
    for (struct dirent *at; (at = readdir(entries)) != NULL;) {
        if (record_name(at->d_name, name) &&
            load(dir, name, &record) == VLT_OK) {
            fn(ctx, &record);
        }
    }
    closedir(entries);
    return VLT_OK;
}

struct search {
    const uint8_t *vault;
    struct vlt_record *out;
    bool found;
};

static void
look_at(void *ctx, const struct vlt_record *record)
{
    struct search *search = ctx;

    if (memcmp(record->address.vault, search->vault, VLT_IDENTITY_LEN) == 0) {
        *search->out = *record;
        search->found = true;
    }
}

enum vlt_status
vlt_record_find(const char *folder, const uint8_t vault[VLT_IDENTITY_LEN],
                struct vlt_record *out)
{
    struct search search = { vault, out, false };
    enum vlt_status st = vlt_record_each(folder, look_at, &search);

    return st != VLT_OK || search.found ? st : VLT_E_NOT_FOUND;
}
