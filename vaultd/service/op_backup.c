/*
 * Backups: make one, list those that were made.
 *
 * Making has five steps.  The parameters and the passphrase are checked; an
 * errand makes the file; on the commit thread, in a turn alone, the snapshot is
 * taken and the backup noted as begun; another errand writes the file; and a
 * last turn notes it as made.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "service/backup_internal.h"
#include "service/guard.h"
#include "service/nouns.h"
#include "service/reauth.h"
#include "service/service_internal.h"
#include "store/backup.h"

/* ---- create ---- */

struct create {
    struct service *service;
    bool taken; /* the errand is ours */
    struct backup_record record;
    struct store_backup *backup;
    struct vlt_buf why; /* of the errand */
};

static void
create_clear(void *state)
{
    struct create *create = state;

    if (create == NULL) {
        return;
    }
    store_backup_free(create->backup);
    vlt_buf_free(&create->why);
    if (create->taken) {
        errand_drop(create->service);
    }
    free(create);
}

enum vlt_status
backup_read_file(struct call *call, struct vlt_walk *params,
                 char out[BACKUP_PATH + 1])
{
    struct vlt_slice file = vlt_walk_text(params, "file", 1, BACKUP_PATH);

    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    if (file.at[0] != '/' || memchr(file.at, 0, file.len) != NULL) {
        return call_refuse_at(call, "file",
                              "It must be a path from the root on, as "
                              "/media/disk/home.backup.");
    }
    noun_copy(out, BACKUP_PATH + 1, file);
    return VLT_OK;
}

static enum vlt_status
create_check(struct call *call, struct vlt_walk *params)
{
    struct create *create = call_state(call, sizeof *create);
    enum vlt_status st;

    if (create == NULL) {
        return VLT_E_NOMEM;
    }
    create->service = call->service;
    vlt_buf_init(&create->why, CALL_DETAIL);
    st = backup_read_file(call, params, create->record.file);
    return st == VLT_OK ? errand_free(call) : st;
}

static void
create_begin(struct call *call)
{
    struct create *create = call->state;

    errand_take(call->service);
    create->taken = true;
}

static enum vlt_status
log_backup(struct turn *turn, const struct backup_record *record,
           const char *what)
{
    struct guard_event event = { .type = AUDIT_BACKUP };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "backup", record->id);
    vlt_put_uint(&json, "commit", record->commit);
    vlt_put_text(&json, "event", what);
    vlt_put_text(&json, "file", record->file);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

/* What the store says of it, to the owner. */
static enum vlt_status
refuse(struct call *call, enum vlt_status st, struct vlt_buf *why)
{
    if (why->len == 0) {
        return st;
    }
    switch (st) {
    case VLT_E_NOT_FOUND:
        return call_refuse_at(call, "file", "%s.", vlt_buf_text(why));
    case VLT_E_LIMIT:
        st = VLT_E_CONFLICT;
        break;
    case VLT_E_UNKNOWN:
        st = VLT_E_STORAGE;
        break;
    default:
        break;
    }
    return call_refuse(call, st, "%s.", vlt_buf_text(why));
}

static enum vlt_status
snapshot(struct call *call, struct create *create)
{
    struct store_backup_wish wish = { .now_ns = 0 };
    struct vlt_buf why;
    enum vlt_status st;

    create->record.time = service_wall(call->service);
    vlt_ulid_new(create->record.time, create->record.id);
    wish.now_ns = create->record.time;
    memcpy(wish.id, create->record.id, sizeof wish.id);
    vlt_buf_init(&why, CALL_DETAIL);
    st = store_backup_begin(create->backup, &wish, &why);
    if (st != VLT_OK) {
        st = refuse(call, st, &why);
    } else {
        create->record.commit = store_backup_commit(create->backup);
    }
    vlt_buf_free(&why);
    return st;
}

/* ---- the file and the snapshot ---- */

/* A disk may hang, for which neither a commit nor a worker may wait. */
static enum vlt_status
open_file(struct call *call, struct errand *errand)
{
    struct create *create = call->state;

    (void)errand;
    return store_backup_open(call->service->store, create->record.file,
                             &create->why, &create->backup);
}

static enum vlt_status
begin_it(struct call *call, struct turn *turn, enum vlt_status ran)
{
    struct create *create = call->state;
    struct store_txn *txn;
    enum vlt_status st = ran;

    if (st == VLT_OK) {
        st = snapshot(call, create);
    }
    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st == VLT_OK) {
        st = backup_record_put(txn, &create->record);
    }
    return st == VLT_OK ? log_backup(turn, &create->record, "begun") : st;
}

/* ---- its errand ---- */

static enum vlt_status
write_file(struct call *call, struct errand *errand)
{
    struct create *create = call->state;
    struct store_backup *backup = create->backup;
    enum vlt_status st = VLT_OK;
    bool over = false;

    while (st == VLT_OK && !over) {
        st = store_backup_step(backup, &create->why, &over);
        errand_tell(errand, store_backup_done(backup),
                    store_backup_size(backup));
    }
    return st == VLT_OK ? store_backup_finish(backup, &create->why) : st;
}

/* Note what became of it.  A file whose directory did not sync stays "begun":
 * it may be there. */
static enum vlt_status
note_end(struct call *call, struct turn *turn, enum vlt_status ran)
{
    struct create *create = call->state;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK || ran == VLT_E_UNKNOWN) {
        return st;
    }
    if (ran != VLT_OK) {
        st = backup_record_delete(txn, create->record.id);
        return st == VLT_OK ? log_backup(turn, &create->record, "failed") : st;
    }
    create->record.made = true;
    create->record.bytes = store_backup_done(create->backup);
    st = backup_record_put(txn, &create->record);
    return st == VLT_OK ? log_backup(turn, &create->record, "made") : st;
}

static void
create_ended(struct call *call, enum vlt_status ran, enum vlt_status st)
{
    struct create *create = call->state;

    if (ran != VLT_OK) {
        call_fail(call, refuse(call, ran, &create->why));
        return;
    }
    if (st != VLT_OK) {
        call_fail(call, call_refuse(call, st,
                                    "The backup is whole, but the vault could "
                                    "not note it as made; the list has it as "
                                    "begun."));
        return;
    }
    struct vlt_json_out json = call_result(call);

    backup_put(&json, "backup", &create->record);
    vlt_put_end(&json);
    call_answer(call);
}

static void
create_cancel(struct call *call)
{
    struct create *create = call->state;

    store_backup_cancel(create->backup);
}

static void
begun(struct call *call, enum vlt_status ran, enum vlt_status st)
{
    static const struct errand_steps writing = { .what = "backup",
                                                 .run = write_file,
                                                 .commit = note_end,
                                                 .ended = create_ended,
                                                 .cancel = create_cancel };
    struct create *create = call->state;

    if (ran != VLT_OK) {
        call_fail(call, refuse(call, ran, &create->why));
    } else if (st != VLT_OK) {
        call_fail(call, st);
    } else {
        errand_start(call, &writing);
    }
}

static void
create_done(struct call *call, enum vlt_status st)
{
    static const struct errand_steps opening = { .what = "backup",
                                                 .run = open_file,
                                                 .alone = true,
                                                 .commit = begin_it,
                                                 .ended = begun };

    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }
    /* The root key would be in memory for as long as the file is written. */
    reauth_free(call->reauth);
    call->reauth = NULL;
    errand_start(call, &opening);
}

/* ---- list ---- */

void
backup_put(struct vlt_json_out *json, const char *name,
           const struct backup_record *record)
{
    vlt_put_object(json, name);
    vlt_put_ulid(json, "id", record->id);
    vlt_put_text(json, "file", record->file);
    vlt_put_text(json, "state", record->made ? "made" : "begun");
    vlt_put_time(json, "time", record->time);
    vlt_put_uint(json, "commit", record->commit);
    if (record->made) {
        vlt_put_uint(json, "bytes", record->bytes);
    } else {
        vlt_put_null(json, "bytes");
    }
    vlt_put_end(json);
}

struct listing {
    struct vlt_json_out json;
    const struct vlt_buf *text;
};

static bool
list_one(void *ctx, const struct backup_record *record)
{
    struct listing *listing = ctx;

    backup_put(&listing->json, NULL, record);
    return listing->text->len < NOUN_ROOM;
}

static enum vlt_status
list_prepare(struct call *call)
{
    struct listing listing = { .json = call_result(call),
                               .text = &call->result };
    struct store_read *read = NULL;
    enum vlt_status st = store_read_begin(call->service->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    vlt_put_list(&listing.json, "backups");
    st = backup_record_each(store_read_view(read), list_one, &listing);
    store_read_end(read);
    vlt_put_end(&listing.json);
    vlt_put_end(&listing.json);
    return st;
}

const struct method op_backup[] = {
    { .name = "backup.create",
      .roles = ROLE_OWNER,
      .flags = METHOD_REAUTH,
      .check = create_check,
      .begin = create_begin,
      .done = create_done,
      .clear = create_clear },
    { .name = "backup.verify",
      .roles = ROLE_OWNER,
      .check = backup_verify_check,
      .begin = backup_verify_begin,
      .prepare = backup_verify_prepare,
      .done = backup_verify_done,
      .clear = backup_verify_clear },
    { .name = "backup.list", .roles = ROLE_OWNER, .prepare = list_prepare },
    { .name = NULL },
};
