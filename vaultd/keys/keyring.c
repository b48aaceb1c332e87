#include "keys/keyring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/random.h"
#include "keys/keyring_internal.h"

enum {
    ROOM_FIRST = 128, /* entries: two pages */
    STATE_AT = 9,     /* in an entry, as all below */
    EPOCH_AT = 12,
    SUBJECT_AT = 16,
    KEY_AT = 32,
};

/* An entry without its key. */
struct entry {
    uint8_t kid[KEYRING_KID];
    uint8_t state;
    struct keyring_about about;
};

static const uint8_t *
entry_at(const struct keyring *ring, size_t i)
{
    return vlt_secret_peek(ring->slab) + i * KEYRING_ENTRY;
}

/* The key is not copied: it stays in the slab. */
static struct entry
read_entry(const uint8_t *at)
{
    struct vlt_reader r = vlt_reader_over(vlt_slice_of(at, KEY_AT));
    struct entry e;

    vlt_read_bytes(&r, e.kid, sizeof e.kid);
    e.about.type = (enum keyring_type)vlt_read_u8(&r);
    e.state = vlt_read_u8(&r);
    vlt_read_u16(&r);
    e.about.epoch = vlt_read_i32(&r);
    vlt_read_bytes(&r, e.about.subject, sizeof e.about.subject);
    return e;
}

/* Is the entry of this use?  It is compared where it lies. */
static bool
is_of_use(const uint8_t *at, const struct keyring_about *about)
{
    return at[KEYRING_KID] == (uint8_t)about->type &&
           vlt_load_u32(at + EPOCH_AT) == (uint32_t)about->epoch &&
           memcmp(at + SUBJECT_AT, about->subject, sizeof about->subject) == 0;
}

/* Ids and kids are random, so any mixing of their bits will do. */
static size_t
hash_use(const struct keyring_about *about)
{
    uint64_t x = vlt_load_u64(about->subject) ^
                 vlt_load_u64(about->subject + 8) ^
                 ((uint64_t)(uint32_t)about->epoch << 8 | about->type);

    x *= UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(x >> 32);
}

static size_t
hash_kid(const uint8_t *kid)
{
    return (size_t)vlt_load_u64(kid);
}

/* The slot where the kid is, or where it would go. */
static uint32_t *
kid_slot(const struct keyring *ring, const uint8_t *kid)
{
    size_t i = hash_kid(kid) & ring->kids.mask;

    while (ring->kids.at[i] != 0 && memcmp(entry_at(ring, ring->kids.at[i] - 1),
                                           kid, KEYRING_KID) != 0) {
        i = (i + 1) & ring->kids.mask;
    }
    return &ring->kids.at[i];
}

static uint32_t *
use_slot(const struct keyring *ring, const struct keyring_about *about)
{
    size_t i = hash_use(about) & ring->uses.mask;

    while (ring->uses.at[i] != 0 &&
           !is_of_use(entry_at(ring, ring->uses.at[i] - 1), about)) {
        i = (i + 1) & ring->uses.mask;
    }
    return &ring->uses.at[i];
}

static void
index_entry(struct keyring *ring, size_t i)
{
    struct entry e = read_entry(entry_at(ring, i));

    *kid_slot(ring, e.kid) = (uint32_t)(i + 1);
    if (e.state == KEYRING_LIVE) {
        *use_slot(ring, &e.about) = (uint32_t)(i + 1);
    }
}

static void
reindex(struct keyring *ring, uint32_t *kids, uint32_t *uses, size_t slots)
{
    free(ring->kids.at);
    free(ring->uses.at);
    ring->kids = (struct keyring_index){ .at = kids, .mask = slots - 1 };
    ring->uses = (struct keyring_index){ .at = uses, .mask = slots - 1 };
    for (size_t i = 0; i < ring->count; i++) {
        index_entry(ring, i);
    }
}

enum vlt_status
keyring_reserve(struct keyring *ring, size_t entries)
{
    struct vlt_secret *slab = NULL;
    size_t room = ring->room > 0 ? ring->room : ROOM_FIRST;

    if (entries > KEYRING_ENTRIES_MAX) {
        return VLT_E_LIMIT;
    }
    while (room < entries) {
        room *= 2;
    }
    if (room == ring->room) {
        return VLT_OK;
    }
    uint32_t *kids = calloc(2 * room, sizeof *kids);
    uint32_t *uses = calloc(2 * room, sizeof *uses);

    if (kids == NULL || uses == NULL ||
        vlt_secret_new(room * KEYRING_ENTRY, &slab) != VLT_OK) {
        free(kids);
        free(uses);
        return VLT_E_NOMEM;
    }
    if (ring->count > 0) {
        memcpy(vlt_secret_bytes(slab), vlt_secret_peek(ring->slab),
               ring->count * KEYRING_ENTRY);
    }
    vlt_secret_free(ring->slab);
    ring->slab = slab;
    ring->room = room;
    reindex(ring, kids, uses, 2 * room);
    return VLT_OK;
}

enum vlt_status
keyring_new(struct keyring **out)
{
    struct keyring *ring = calloc(1, sizeof *ring);

    if (ring == NULL) {
        return VLT_E_NOMEM;
    }
    enum vlt_status st = keyring_reserve(ring, ROOM_FIRST);

    if (st != VLT_OK) {
        keyring_free(ring);
        return st;
    }
    *out = ring;
    return VLT_OK;
}

void
keyring_free(struct keyring *ring)
{
    if (ring == NULL) {
        return;
    }
    vlt_secret_free(ring->slab);
    free(ring->kids.at);
    free(ring->uses.at);
    free(ring);
}

size_t
keyring_count(const struct keyring *ring)
{
    return ring->count;
}

bool
keyring_full(const struct keyring *ring)
{
    return ring->count == ring->room;
}

enum vlt_status
keyring_grow(struct keyring *ring)
{
    return keyring_reserve(ring, ring->count + 1);
}

static bool
no_subject(const struct keyring_about *about)
{
    static const uint8_t zero[VLT_ID_LEN];

    return memcmp(about->subject, zero, sizeof zero) == 0;
}

/* Only lanes have an epoch; the vault's own keys have no subject. */
static enum vlt_status
check_use(const struct keyring_about *about)
{
    switch (about->type) {
    case KEYRING_LANE:
        return VLT_OK;
    case KEYRING_FIRM:
    case KEYRING_BACKUP:
        return about->epoch == 0 ? VLT_OK : VLT_E_FORMAT;
    case KEYRING_VAULT:
    case KEYRING_IDENTITY:
    case KEYRING_INBOX:
        return about->epoch == 0 && no_subject(about) ? VLT_OK : VLT_E_FORMAT;
    }
    return VLT_E_LIMIT;
}

enum vlt_status
keyring_take(struct keyring *ring)
{
    const uint8_t *at = entry_at(ring, ring->count);
    struct entry e = read_entry(at);
    enum vlt_status st = check_use(&e.about);

    if (st != VLT_OK) {
        return st;
    }
    if (e.state != KEYRING_LIVE && e.state != KEYRING_STAGED) {
        return VLT_E_LIMIT;
    }
    if (at[KEYRING_KID + 2] != 0 || at[KEYRING_KID + 3] != 0) {
        return VLT_E_FORMAT;
    }
    if (*kid_slot(ring, e.kid) != 0 ||
        (e.state == KEYRING_LIVE && *use_slot(ring, &e.about) != 0)) {
        return VLT_E_CONFLICT;
    }
    index_entry(ring, ring->count);
    ring->count++;
    return VLT_OK;
}

static enum vlt_status
add(struct keyring *ring, const struct keyring_about *about,
    enum keyring_state state, const struct vlt_secret *key,
    uint8_t kid[KEYRING_KID])
{
    uint8_t made[KEYRING_KID];
    const uint8_t what[] = { (uint8_t)about->type, (uint8_t)state, 0, 0 };

    assert(!keyring_full(ring));
    assert(key == NULL || vlt_secret_len(key) == VLT_KEY_LEN);
    do {
        vlt_random(made, sizeof made);
    } while (*kid_slot(ring, made) != 0);

    uint8_t *at = vlt_secret_bytes(ring->slab) + ring->count * KEYRING_ENTRY;
    struct vlt_writer w = vlt_writer_over(at, KEYRING_ENTRY);

    vlt_write_bytes(&w, made, sizeof made);
    vlt_write_bytes(&w, what, sizeof what);
    vlt_write_i32(&w, about->epoch);
    vlt_write_bytes(&w, about->subject, sizeof about->subject);
    if (key != NULL) {
        vlt_write_bytes(&w, vlt_secret_peek(key), VLT_KEY_LEN);
    } else {
        vlt_random(at + KEY_AT, VLT_KEY_LEN);
    }
    enum vlt_status st = keyring_take(ring);

    if (st != VLT_OK) {
        vlt_wipe(at, KEYRING_ENTRY);
        return st;
    }
    memcpy(kid, made, sizeof made);
    return VLT_OK;
}

enum vlt_status
keyring_add(struct keyring *ring, const struct keyring_about *about,
            const struct vlt_secret *key, uint8_t kid[KEYRING_KID])
{
    return add(ring, about, KEYRING_LIVE, key, kid);
}

enum vlt_status
keyring_stage(struct keyring *ring, const struct keyring_about *about,
              uint8_t kid[KEYRING_KID])
{
    return add(ring, about, KEYRING_STAGED, NULL, kid);
}

/* ---- what stays ---- */

/* What becomes of each entry: its state, 0 to be gone. */
static void
mark(const struct keyring *ring, const uint8_t *kids, size_t count,
     uint8_t *states, uint8_t state)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t found = *kid_slot(ring, kids + i * KEYRING_KID);

        if (found != 0) {
            states[found - 1] = state;
        }
    }
}

static enum vlt_status
take_staying(const struct keyring *ring, const uint8_t *states,
             struct keyring *heir)
{
    enum vlt_status st = keyring_reserve(heir, ring->count);

    for (size_t i = 0; st == VLT_OK && i < ring->count; i++) {
        uint8_t *to =
            vlt_secret_bytes(heir->slab) + heir->count * KEYRING_ENTRY;

        if (states[i] != 0) {
            memcpy(to, entry_at(ring, i), KEYRING_ENTRY);
            to[STATE_AT] = states[i];
            st = keyring_take(heir);
        }
    }
    return st;
}

enum vlt_status
keyring_heir(const struct keyring *ring, const struct keyring_change *change,
             struct keyring **out)
{
    struct keyring *heir = NULL;
    uint8_t *states = calloc(ring->count + 1, 1);
    enum vlt_status st = states != NULL ? keyring_new(&heir) : VLT_E_NOMEM;

    if (st != VLT_OK) {
        goto done;
    }
    for (size_t i = 0; i < ring->count; i++) {
        states[i] = entry_at(ring, i)[STATE_AT];
    }
    mark(ring, change->live, change->live_count, states, KEYRING_LIVE);
    mark(ring, change->dead, change->dead_count, states, 0);
    st = take_staying(ring, states, heir);
    if (st == VLT_OK) {
        *out = heir;
        heir = NULL;
    }

done:
    keyring_free(heir);
    free(states);
    return st;
}

void
keyring_each(const struct keyring *ring, keyring_fn *fn, void *ctx)
{
    bool go_on = true;

    for (size_t i = 0; go_on && i < ring->count; i++) {
        struct entry e = read_entry(entry_at(ring, i));

        go_on = fn(ctx, e.kid, &e.about, e.state == KEYRING_LIVE);
    }
}

enum vlt_status
keyring_find(const struct keyring *ring, const uint8_t kid[KEYRING_KID],
             struct keyring_about *about, struct vlt_key *key)
{
    uint32_t found = *kid_slot(ring, kid);

    if (found == 0) {
        return VLT_E_NOT_FOUND;
    }
    size_t at = (size_t)(found - 1) * KEYRING_ENTRY;

    if (about != NULL) {
        *about = read_entry(vlt_secret_peek(ring->slab) + at).about;
    }
    if (key != NULL) {
        *key = (struct vlt_key){ .in = ring->slab, .at = at + KEY_AT };
    }
    return VLT_OK;
}

enum vlt_status
keyring_lookup(const struct keyring *ring, const struct keyring_about *about,
               uint8_t kid[KEYRING_KID], struct vlt_key *key)
{
    uint32_t found = *use_slot(ring, about);

    if (found == 0) {
        return VLT_E_NOT_FOUND;
    }
    memcpy(kid, entry_at(ring, found - 1), KEYRING_KID);
    if (key != NULL) {
        *key = (struct vlt_key){
            .in = ring->slab, .at = (size_t)(found - 1) * KEYRING_ENTRY + KEY_AT
        };
    }
    return VLT_OK;
}
