/*
 * policy_record: the set in force as a sealed record: its files as they were
 * applied, and what was outside them, the firms that names meant and the
 * owner's country.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/force_internal.h"
#include "json/json_write.h"

enum {
    RECORD_MAX = STORE_META_MAX,
    RECORD_DEPTH = 4,
};

/* The record of part `main`. */
static const uint8_t main_id[VLT_ID_LEN] = "main";

/* What a new vault holds. */
static const char nothing[] = "version: 1\n";

enum vlt_status
force_put(struct store_txn *txn, const struct set_box *box)
{
    struct vlt_json_out json;
    struct vlt_buf buf;
    enum vlt_status st;

    vlt_buf_init(&buf, RECORD_MAX);
    json = vlt_json_out(&buf);
    vlt_put_object(&json, NULL);
    vlt_put_time(&json, "applied", box->set.applied);
    vlt_put_list(&json, "files");
    for (size_t i = 0; i < box->set.files; i++) {
        vlt_put_object(&json, NULL);
        if (box->file[i].answers) {
            vlt_put_bool(&json, "answers", true);
        }
        vlt_put_slice(&json, "name", box->file[i].name);
        vlt_put_slice(&json, "text", box->file[i].text);
        vlt_put_end(&json);
    }
    vlt_put_end(&json);
    vlt_put_list(&json, "firms");
    for (size_t i = 0; i < box->named_count; i++) {
        vlt_put_object(&json, NULL);
        vlt_put_hex(&json, "id", box->named[i].id, POLICY_FIRM_LEN);
        vlt_put_text(&json, "name", box->named[i].name);
        vlt_put_end(&json);
    }
    vlt_put_end(&json);
    vlt_put_text(&json, "home",
                 vocab_country(policy_settings(box->owned)->home));
    vlt_put_int(&json, "v", 1);
    vlt_put_uint(&json, "version", box->set.version);
    vlt_put_end(&json);
    st = vlt_buf_status(&buf);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_POLICY, main_id, NULL,
                            vlt_buf_slice(&buf));
    }
    vlt_buf_free(&buf);
    return st;
}

/* Names as they were found when the files were applied. */
static bool
find_stored(void *ctx, struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN])
{
    const struct vlt_json *list = ctx;

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        const struct vlt_json *at = vlt_json_item(list, i);

        if (vlt_slice_equal(name, vlt_json_text_of(vlt_json_get(at, "name")))) {
            return vlt_hex_parse(vlt_json_text_of(vlt_json_get(at, "id")), id,
                                 POLICY_FIRM_LEN) == VLT_OK;
        }
    }
    return false;
}

static enum vlt_status
set_from(const struct consent_file *file, size_t count,
         const struct vlt_json *names, int home, struct set_box **out)
{
    struct policy_text_firms firms = { .ctx = (void *)(uintptr_t)names,
                                       .find = find_stored };
    struct consent_files files = {
        .count = count, .file = file, .firms = &firms, .home = home
    };
    struct consent_policy *policy = NULL;
    enum vlt_status st = consent_policy_read(&files, NULL, NULL, &policy);

    if (st == VLT_OK) {
        *out = policy->box;
        policy->box = NULL;
        consent_policy_free(policy);
    }
    return st;
}

static enum vlt_status
read_record(struct vlt_slice text, struct set_box **out)
{
    struct consent_file file[POLICY_TEXT_FILES];
    struct vlt_json *document = NULL;
    const struct vlt_json *list;
    struct vlt_walk walk;
    size_t count = 0;
    enum vlt_status st =
        vlt_json_parse(text, RECORD_MAX, RECORD_DEPTH, NULL, &document);

    if (st != VLT_OK) {
        return st;
    }
    vlt_walk_begin(&walk, document);
    (void)vlt_walk_int(&walk, "v", 1, 1);

    int64_t applied = vlt_walk_time(&walk, "applied");
    int64_t version = vlt_walk_int(&walk, "version", 1, INT64_MAX);

    list = vlt_walk_list(&walk, "files", 0, POLICY_TEXT_FILES);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_walk item;

        vlt_walk_item(&item, &walk, "files", list, i);
        file[i].answers = vlt_walk_bool_or(&item, "answers", false);
        file[i].name = vlt_walk_text(&item, "name", 1, POLICY_FILE);
        file[i].text = vlt_walk_text(&item, "text", 0, POLICY_TEXT_MAX);
        count += vlt_walk_end(&item) == VLT_OK;
    }
    /* The country that `home` meant when the files were applied. */
    struct vlt_slice home =
        vlt_walk_text_or(&walk, "home", 2, 2, vlt_slice_text(""));
    const struct vlt_json *names =
        vlt_walk_list(&walk, "firms", 0, POLICY_RULES * POLICY_FIRMS);

    st = vlt_walk_end(&walk);
    if (st == VLT_OK) {
        st = set_from(file, count, names,
                      vocab_country_find((const char *)home.at, home.len), out);
    }
    if (st == VLT_OK) {
        (*out)->set.applied = applied;
        (*out)->set.version = (uint64_t)version;
    }
    vlt_json_free(document);
    return st;
}

enum vlt_status
force_load(struct consent *consent, const struct store_view *view)
{
    const struct consent_file empty = {
        .name = vlt_slice_text("main.yaml"),
        .text = vlt_slice_text(nothing),
    };
    struct set_box *box = NULL;
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init(&json, RECORD_MAX);
    st = store_meta_get(view, STORE_META_POLICY, main_id, &json);
    if (st == VLT_OK) {
        st = read_record(vlt_buf_slice(&json), &box);
    } else if (st == VLT_E_NOT_FOUND) {
        st = set_from(&empty, 1, NULL, VOCAB_NONE, &box);
    }
    vlt_buf_free(&json);
    if (st == VLT_OK) {
        lock_take(consent->lock);
        consent->set = box;
        lock_drop(consent->lock);
    }
    return st;
}
