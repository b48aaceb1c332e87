/* What is in a backup, piece by piece. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/bundle.h"
#include "store/parcel.h"
#include "store/store_internal.h"

enum { SLICE = 64 << 10 };

static const char changed[] = "the backup was changed, or is not whole";

/* What comes next of the text. */
enum at {
    AT_MANIFEST,
    AT_ENTRIES,
    AT_TREE,
    AT_DATA,
};

struct unpacking {
    enum at at;
    size_t have; /* bytes of this part */
    uint8_t manifest[MANIFEST_LEN];
    struct vlt_secret *entries;
    uint8_t tree[MANIFEST_TREE];
    int data;
    uint64_t written;
    struct bundle_front front;
    struct vlt_buf *why;
};

static enum vlt_status
misfit(struct unpacking *u)
{
    return store_say(VLT_E_AUTH, u->why,
                     "the backup is whole, but what it says does not fit "
                     "together");
}

static enum vlt_status
end_manifest(struct unpacking *u)
{
    struct manifest *m = &u->front.manifest;
    enum vlt_status st =
        manifest_decode(vlt_slice_of(u->manifest, sizeof u->manifest), m);

    if (st == VLT_E_LIMIT) {
        return store_say(VLT_E_FORMAT, u->why,
                         "the backup is of a newer kind than this program "
                         "knows");
    }
    if (st != VLT_OK || m->entries == 0) {
        return misfit(u);
    }
    u->at = AT_ENTRIES;
    return vlt_secret_new((size_t)m->entries * KEYRING_ENTRY, &u->entries);
}

static enum vlt_status
end_entries(struct unpacking *u)
{
    enum vlt_status st = keyring_of_entries(
        vlt_slice_of(vlt_secret_peek(u->entries), vlt_secret_len(u->entries)),
        &u->front.ring);

    vlt_secret_free(u->entries);
    u->entries = NULL;
    u->at = AT_TREE;
    if (st == VLT_E_LIMIT) {
        return store_say(VLT_E_FORMAT, u->why,
                         "the backup holds keys of a newer kind than this "
                         "program knows");
    }
    return st == VLT_E_FORMAT ? misfit(u) : st;
}

static enum vlt_status
end_tree(struct unpacking *u)
{
    enum vlt_status st = manifest_decode_tree(
        vlt_slice_of(u->tree, sizeof u->tree), &u->front.tree);

    u->at = AT_DATA;
    return st == VLT_OK ? st : misfit(u);
}

/* Where the next bytes of what stands in front go, and how many there are. */
static uint8_t *
room(struct unpacking *u, size_t *len)
{
    switch (u->at) {
    case AT_MANIFEST:
        *len = sizeof u->manifest;
        return u->manifest;
    case AT_ENTRIES:
        *len = vlt_secret_len(u->entries);
        return vlt_secret_bytes(u->entries);
    case AT_TREE:
    case AT_DATA:
        break;
    }
    *len = sizeof u->tree;
    return u->tree;
}

static enum vlt_status
take_front(struct unpacking *u, struct vlt_slice *text)
{
    typedef enum vlt_status end_fn(struct unpacking *);
    static end_fn *const ends[] = { end_manifest, end_entries, end_tree };
    size_t len;
    uint8_t *to = room(u, &len);
    size_t some = text->len < len - u->have ? text->len : len - u->have;

    memcpy(to + u->have, text->at, some);
    u->have += some;
    *text = vlt_slice_of(text->at + some, text->len - some);
    if (u->have < len) {
        return VLT_OK;
    }
    u->have = 0;
    return ends[u->at](u);
}

static enum vlt_status
write_data(struct unpacking *u, struct vlt_slice bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(u->data, bytes.at, bytes.len);

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return store_say(VLT_E_STORAGE, u->why, "cannot write data.mdb: %s",
                             strerror(errno));
        }
        u->written += (uint64_t)put;
        bytes = vlt_slice_of(bytes.at + put, bytes.len - (size_t)put);
    }
    return VLT_OK;
}

static enum vlt_status
take_text(void *ctx, struct vlt_slice text)
{
    struct unpacking *u = ctx;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && text.len > 0 && u->at != AT_DATA) {
        st = take_front(u, &text);
    }
    return st == VLT_OK ? write_data(u, text) : st;
}

static enum vlt_status
read_all(const struct store_bundle *bundle, struct unpacker *unpacker,
         struct vlt_buf *why)
{
    off_t at = HEADER_LEN;
    uint8_t *slice = malloc(SLICE);
    enum vlt_status st = slice != NULL ? VLT_OK : VLT_E_NOMEM;
    ssize_t len = 1;

    while (st == VLT_OK && len > 0) {
        do {
            len = pread(bundle->fd, slice, SLICE, at);
        } while (len < 0 && errno == EINTR);
        if (len < 0) {
            st = store_say(VLT_E_STORAGE, why, "cannot read the backup: %s",
                           strerror(errno));
        } else if (len > 0) {
            at += len;
            st = unpacker_put(unpacker, vlt_slice_of(slice, (size_t)len));
        }
    }
    free(slice);
    return st == VLT_OK ? unpacker_end(unpacker) : st;
}

/* Say where a piece did not open, unless something else is said already. */
static enum vlt_status
say_piece(enum vlt_status st, const struct unpacker *unpacker, size_t said,
          struct vlt_buf *why)
{
    if (st != VLT_E_AUTH || why == NULL || why->len > said) {
        return st;
    }
    return store_say(st, why, "%s: piece %llu does not open", changed,
                     (unsigned long long)unpacker_piece(unpacker));
}

enum vlt_status
bundle_unpack(const struct store_bundle *bundle, int data, struct vlt_buf *why,
              struct bundle_front *out)
{
    struct unpacking u = { .data = data, .why = why };
    struct parcel_about about = { .key = bundle->key };
    struct unpacker *unpacker = NULL;
    size_t said = why != NULL ? why->len : 0;
    enum vlt_status st;

    memcpy(about.random, bundle->header.stream, sizeof about.random);
    st = unpacker_new(&about, take_text, &u, &unpacker);
    if (st != VLT_OK) {
        return st;
    }
    st = read_all(bundle, unpacker, why);
    st = say_piece(st, unpacker, said, why);
    if (st == VLT_OK && (u.at != AT_DATA || u.written == 0)) {
        st = misfit(&u);
    }
    if (st == VLT_OK) {
        *out = u.front;
        u.front.ring = NULL;
    }
    unpacker_free(unpacker);
    vlt_secret_free(u.entries);
    keyring_free(u.front.ring);
    return st;
}
