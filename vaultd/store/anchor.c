#define _GNU_SOURCE /* O_NOFOLLOW, O_DIRECTORY */

#include "store/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"
#include "crypto/hash.h"
#include "keys/files.h"
#include "store/store_internal.h"
#include "util/log.h"

enum {
    SIGNED = 96,
    CONTENT = SIGNED + VLT_HASH_LEN,
};

static const uint8_t magic[8] = { 'v', 'd', 'a', 'n', 'c', 'h', 'r', '1' };

/* ---- bytes ---- */

void
anchor_encode(const struct anchor *anchor, struct vlt_key key,
              uint8_t out[ANCHOR_SECTOR])
{
    struct vlt_writer w = vlt_writer_over(out, ANCHOR_SECTOR);
    struct vlt_slice signed_part = vlt_slice_of(out, SIGNED);
    uint8_t mac[VLT_HASH_LEN];

    vlt_write_bytes(&w, magic, sizeof magic);
    vlt_write_bytes(&w, anchor->vault, sizeof anchor->vault);
    vlt_write_bytes(&w, anchor->instance, sizeof anchor->instance);
    vlt_write_u64(&w, anchor->at.commit);
    vlt_write_u64(&w, anchor->at.audit_size);
    vlt_write_bytes(&w, anchor->at.audit_head, sizeof anchor->at.audit_head);
    vlt_write_u64(&w, anchor->at.keyring_g);
    vlt_hash_keyed(key, &signed_part, 1, mac);
    vlt_write_bytes(&w, mac, sizeof mac);
    vlt_write_zeros(&w, ANCHOR_SECTOR - CONTENT);
}

enum vlt_status
anchor_decode(struct vlt_slice sector, struct vlt_key key, struct anchor *out)
{
    struct vlt_reader r = vlt_reader_over(sector);
    struct vlt_slice signed_part = vlt_slice_of(sector.at, SIGNED);
    uint8_t found[sizeof magic];
    uint8_t mac[VLT_HASH_LEN];
    uint8_t own[VLT_HASH_LEN];
    struct anchor anchor;

    vlt_read_bytes(&r, found, sizeof found);
    vlt_read_bytes(&r, anchor.vault, sizeof anchor.vault);
    vlt_read_bytes(&r, anchor.instance, sizeof anchor.instance);
    anchor.at.commit = vlt_read_u64(&r);
    anchor.at.audit_size = vlt_read_u64(&r);
    vlt_read_bytes(&r, anchor.at.audit_head, sizeof anchor.at.audit_head);
    anchor.at.keyring_g = vlt_read_u64(&r);
    vlt_read_bytes(&r, mac, sizeof mac);
    vlt_read_zeros(&r, ANCHOR_SECTOR - CONTENT);
    if (!vlt_reader_done(&r) || memcmp(found, magic, sizeof magic) != 0) {
        return VLT_E_FORMAT;
    }
    vlt_hash_keyed(key, &signed_part, 1, own);
    if (!vlt_equal(mac, own, sizeof mac)) {
        return VLT_E_AUTH;
    }
    *out = anchor;
    return VLT_OK;
}

enum vlt_status
anchor_pick(struct vlt_slice file, struct vlt_key key, size_t *which,
            struct anchor *out)
{
    bool any = false;

    for (size_t i = 0; i < 2 && file.len == ANCHOR_FILE; i++) {
        struct anchor anchor;
        struct vlt_slice sector =
            vlt_slice_of(file.at + i * ANCHOR_SECTOR, ANCHOR_SECTOR);

        if (anchor_decode(sector, key, &anchor) == VLT_OK &&
            (!any || anchor.at.commit > out->at.commit)) {
            *out = anchor;
            *which = i;
            any = true;
        }
    }
    return any ? VLT_OK : VLT_E_AUTH;
}

/* ---- the file ---- */

void
anchor_of(const struct root *root, struct store_anchor *out)
{
    out->commit = root->commit;
    out->keyring_g = root->keyring_g;
    out->audit_size = root->audit_size;
    memcpy(out->audit_head, root->audit_head, sizeof out->audit_head);
}

/* Is it the vault's directory, or one directly in it?  What lies there is put
 * back with the vault, and then tells nothing. */
static bool
is_inside(const struct store *store, int dir)
{
    struct stat vault;
    struct stat here;
    struct stat above;

    return fstat(store->dir.fd, &vault) != 0 || fstat(dir, &here) != 0 ||
           fstatat(dir, "..", &above, 0) != 0 ||
           (here.st_dev == vault.st_dev && here.st_ino == vault.st_ino) ||
           (above.st_dev == vault.st_dev && above.st_ino == vault.st_ino);
}

static enum vlt_status
open_file(struct store *store, int dir, const char *path, struct vlt_buf *why)
{
    char name[2 * VLT_ID_LEN + 1];
    struct stat about;
    int fd;

    vlt_hex_print(store_vault_id(store), VLT_ID_LEN, name);
    fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && (errno == EACCES || errno == EROFS || errno == EPERM)) {
        return store_say(VLT_E_NOT_FOUND, why,
                         "the anchor's directory %s may not be written", path);
    }
    if (fd < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        if (fd >= 0) {
            close(fd);
        }
        return store_say(VLT_E_STORAGE, why, "the anchor in %s: %s", path,
                         fd < 0 ? strerror(errno) : "is no file");
    }
    store->anchor_fd = fd;
    return files_sync_dir(dir, why) == VLT_OK ? VLT_OK : VLT_E_STORAGE;
}

enum vlt_status
store_anchor_keep(struct store *store, const char *path, struct vlt_buf *why)
{
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum vlt_status st;

    if (dir < 0 && errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
        return store_say(VLT_E_STORAGE, why, "the anchor's directory %s: %s",
                         path, strerror(errno));
    }
    if (dir < 0) {
        return store_say(VLT_E_NOT_FOUND, why,
                         "there is no directory %s for the anchor", path);
    }
    if (is_inside(store, dir)) {
        st = store_say(VLT_E_CONFLICT, why,
                       "the anchor must lie outside the vault: %s is in it",
                       path);
    } else {
        st = open_file(store, dir, path, why);
    }
    close(dir);
    return st;
}

bool
store_anchor_kept(const struct store *store)
{
    return store->anchor_fd >= 0;
}

/* As many bytes as there are, at most len. */
static ssize_t
read_all(int fd, uint8_t *at, size_t len)
{
    size_t have = 0;

    while (have < len) {
        ssize_t got = pread(fd, at + have, len - have, (off_t)have);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? got : (ssize_t)have;
        }
        have += (size_t)got;
    }
    return (ssize_t)have;
}

/* It has its length before it says anything, so a cut may leave zeros. */
static bool
says_nothing(const uint8_t *at, size_t len)
{
    while (len > 0 && *at == 0) {
        at++;
        len--;
    }
    return len == 0;
}

enum vlt_status
store_anchor_read(struct store *store, struct store_anchor *out)
{
    /* A power cut may leave the first sector without the file's length: what
     * is not there is zeros. */
    uint8_t bytes[ANCHOR_FILE] = { 0 };
    struct anchor anchor;
    size_t which = 0;
    ssize_t len;
    enum vlt_status st;

    if (store->anchor_fd < 0) {
        return VLT_E_NOT_FOUND;
    }
    if (store->anchor_key == NULL) {
        return VLT_E_LOCKED;
    }
    len = read_all(store->anchor_fd, bytes, sizeof bytes);
    if (len < 0) {
        return VLT_E_STORAGE;
    }
    if (says_nothing(bytes, (size_t)len)) {
        return VLT_E_NOT_FOUND;
    }
    st = anchor_pick(vlt_slice_of(bytes, sizeof bytes),
                     vlt_key_of(store->anchor_key), &which, &anchor);
    if (st != VLT_OK ||
        memcmp(anchor.vault, store_vault_id(store), VLT_ID_LEN) != 0 ||
        memcmp(anchor.instance, store_instance_id(store), VLT_ID_LEN) != 0) {
        return VLT_E_AUTH;
    }
    store->anchor_next = 1 - which;
    *out = anchor.at;
    return VLT_OK;
}

void
store_anchor_now(const struct store *store, struct store_anchor *out)
{
    *out = store->last;
}

static bool
write_all(int fd, const uint8_t *at, size_t len, off_t to)
{
    while (len > 0) {
        ssize_t put = pwrite(fd, at, len, to);

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        at += put;
        to += put;
        len -= (size_t)put;
    }
    return true;
}

enum vlt_status
store_anchor_write(struct store *store)
{
    uint8_t sector[ANCHOR_SECTOR];
    struct anchor anchor = { .at = store->last };
    struct stat about;
    off_t to = (off_t)(store->anchor_next * ANCHOR_SECTOR);

    if (store->anchor_fd < 0) {
        return VLT_E_NOT_FOUND;
    }
    if (store->anchor_key == NULL) {
        return VLT_E_LOCKED;
    }
    memcpy(anchor.vault, store_vault_id(store), sizeof anchor.vault);
    memcpy(anchor.instance, store_instance_id(store), sizeof anchor.instance);
    anchor_encode(&anchor, vlt_key_of(store->anchor_key), sector);
    /* A file that is new, or cut, gets its whole length with the first. */
    if (fstat(store->anchor_fd, &about) != 0 ||
        (about.st_size != ANCHOR_FILE &&
         ftruncate(store->anchor_fd, ANCHOR_FILE) != 0) ||
        !write_all(store->anchor_fd, sector, sizeof sector, to) ||
        fdatasync(store->anchor_fd) != 0) {
        log_error("store", "the anchor cannot be written: %s", strerror(errno));
        return VLT_E_STORAGE;
    }
    store->anchor_next = 1 - store->anchor_next;
    return VLT_OK;
}

enum vlt_status
anchor_write_ahead(struct store *store, struct vlt_secret *next)
{
    struct vlt_secret *now = store->anchor_key;
    struct store_anchor said;

    /* Which sector must stay is known by reading it. */
    enum vlt_status st = store_anchor_read(store, &said);

    if (st == VLT_E_STORAGE || st == VLT_E_LOCKED) {
        return st;
    }
    store->anchor_key = next;
    st = store_anchor_write(store);
    store->anchor_key = now;
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

void
anchor_take_back(struct store *store)
{
    if (store->anchor_fd >= 0) {
        store->anchor_next = 1 - store->anchor_next;
    }
}
