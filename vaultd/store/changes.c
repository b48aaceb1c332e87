#include "store/changes.h"

#include <stdlib.h>
#include <string.h>

#include "store/seeds.h"

enum { FIRST = 1024 /* changes that there is room for at first */ };

static bool
make_room(struct changes *changes)
{
    size_t cap = changes->cap == 0 ? FIRST : 2 * changes->cap;
    struct change *more;

    if (changes->count < changes->cap) {
        return true;
    }
    if (cap > CHANGES_MOST) {
        changes->lost = VLT_E_BUSY;
        return false;
    }
    more = realloc(changes->change, cap * sizeof *more);
    if (more == NULL) {
        changes->lost = VLT_E_NOMEM;
        return false;
    }
    changes->change = more;
    changes->cap = cap;
    return true;
}

void
changes_note(struct changes *changes, enum env_db db, struct vlt_slice key,
             size_t bytes)
{
    if (changes == NULL || changes->lost != VLT_OK ||
        (seed_planted(SEED_CHANGE_FORGOTTEN) && db == ENV_LANE)) {
        return;
    }
    if (key.len > CHANGES_KEY) {
        changes->lost = VLT_E_LIMIT;
        return;
    }
    if (!make_room(changes)) {
        return;
    }
    struct change *change = &changes->change[changes->count++];

    change->db = (uint8_t)db;
    change->len = (uint8_t)key.len;
    if (key.len > 0) {
        memcpy(change->key, key.at, key.len);
    }
    changes->bytes += bytes;
}

void
changes_end(struct changes *changes, bool committed)
{
    if (changes == NULL) {
        return;
    }
    if (committed) {
        changes->committed = changes->count;
        changes->bytes_kept = changes->bytes;
    } else {
        changes->count = changes->committed;
        changes->bytes = changes->bytes_kept;
    }
}

void
changes_take(struct changes *changes, struct changes *out)
{
    changes_end(changes, false);
    *out = *changes;
    *changes = (struct changes){ .lost = VLT_OK };
}

void
changes_free(struct changes *changes)
{
    free(changes->change);
    *changes = (struct changes){ .lost = VLT_OK };
}
