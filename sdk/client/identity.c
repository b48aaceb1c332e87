#include "client/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "client/file.h"
#include "crypto/secret.h"

static const char source_word[] = "source";

/* A file of one line. */
static enum vlt_status
make_line(const char *folder, const char *file, const char *text)
{
    char path[VLT_FILE_PATH];
    struct vlt_buf line = { 0 };
    enum vlt_status st = vlt_file_path(path, folder, file, "");

    if (st == VLT_OK) {
        vlt_buf_put_text(&line, text);
        vlt_buf_put_u8(&line, '\n');
        st = vlt_buf_status(&line);
    }
    if (st == VLT_OK) {
        st = vlt_file_replace(path, vlt_buf_slice(&line));
    }
    vlt_buf_free(&line);
    return st;
}

static enum vlt_status
make_key(const char *folder)
{
    char path[VLT_FILE_PATH];
    struct vlt_secret *seed = NULL;
    enum vlt_status st = vlt_secret_random(VLT_SIGN_SEED, &seed);

    if (st == VLT_OK) {
        st = vlt_file_path(path, folder, "key", "");
    }
    if (st == VLT_OK) {
        st = vlt_file_replace(
            path, vlt_slice_of(vlt_secret_peek(seed), VLT_SIGN_SEED));
    }
    vlt_secret_free(seed);
    return st;
}

/* The role first: what has a key is whole. */
static enum vault_status
make_files(const char *folder, const char *name, enum vlt_role role)
{
    char path[VLT_FILE_PATH];
    enum vlt_status st = role == VLT_ROLE_SOURCE
                             ? make_line(folder, "role", source_word)
                             : VLT_OK;

    if (st == VLT_OK) {
        st = make_key(folder);
    }
    if (st == VLT_OK) {
        st = make_line(folder, "name", name);
    }
    if (st == VLT_OK) {
        st = vlt_file_path(path, folder, "vaults", "");
    }
    if (st == VLT_OK && mkdir(path, S_IRWXU) != 0) {
        st = VLT_E_STORAGE;
    }
    return st == VLT_OK        ? VAULT_OK
           : st == VLT_E_NOMEM ? VAULT_E_NOMEM
                               : VAULT_E_FILE;
}

enum vault_status
vlt_identity_make(const char *folder, const char *name, enum vlt_role role)
{
    struct vlt_slice text = vlt_slice_text(name);

    if (text.len == 0 || text.len > VLT_IDENTITY_NAME ||
        !vlt_text_printable(text)) {
        return VAULT_E_USAGE;
    }
    if (vlt_secret_init() != VLT_OK) {
        return VAULT_E_NOMEM;
    }
    if (mkdir(folder, S_IRWXU) != 0) {
        return errno == EEXIST ? VAULT_E_CONFLICT : VAULT_E_FILE;
    }
    return make_files(folder, name, role);
}

enum vault_status
vault_identity_make(const char *folder, const char *name)
{
    return vlt_identity_make(folder, name, VLT_ROLE_FIRM);
}

/* ---- opening ---- */

static void
tell(char *detail, size_t size, const char *folder, const char *what)
{
    if (detail != NULL && size > 0) {
        snprintf(detail, size, "%s: %s", folder, what);
    }
}

static const char *
why_no_key(enum vlt_status st)
{
    switch (st) {
    case VLT_E_DENIED:
        return "the key can be read by others: set its mode to 0600";
    case VLT_E_FORMAT:
        return "the key has not 32 bytes";
    case VLT_E_NOT_FOUND:
        return "there is no key: this is no identity";
    case VLT_E_NOMEM:
        return "no memory that may be locked (see ulimit -l)";
    default:
        return "the key cannot be read";
    }
}

/* Where the seed comes from. */
struct key_source {
    vault_key_fn *fn; /* NULL: the folder's file */
    void *ctx;
};

static enum vlt_status
seed_of(const char *folder, const struct key_source *source,
        struct vlt_secret **out)
{
    char path[VLT_FILE_PATH];
    struct vlt_secret *seed = NULL;
    enum vlt_status st;

    if (source->fn == NULL) {
        st = vlt_file_path(path, folder, "key", "");
        return st == VLT_OK ? vlt_file_secret(path, VLT_SIGN_SEED, out) : st;
    }
    st = vlt_secret_new(VLT_SIGN_SEED, &seed);
    if (st == VLT_OK && source->fn(source->ctx, vlt_secret_bytes(seed)) != 0) {
        st = VLT_E_STORAGE;
    }
    if (st == VLT_OK) {
        *out = seed;
        seed = NULL;
    }
    vlt_secret_free(seed);
    return st;
}

static enum vlt_status
load_key(struct vault_identity *identity, const struct key_source *source)
{
    struct vlt_secret *seed = NULL;
    enum vlt_status st = seed_of(identity->folder, source, &seed);

    if (st == VLT_OK) {
        st = vlt_signer_new(vlt_key_of(seed), &identity->signer);
    }
    vlt_secret_free(seed);
    if (st != VLT_OK) {
        return st;
    }
    enum vlt_identity_kind kind = vlt_role_identity(identity->role);

    vlt_identity_of(kind, vlt_signer_pk(identity->signer), identity->id);
    vlt_identity_print(kind, identity->id, identity->id_text);
    vlt_fingerprint_print(identity->id, identity->fingerprint);
    return VLT_OK;
}

/* A file of one line, without its end. */
static enum vlt_status
load_line(const struct vault_identity *identity, const char *file,
          struct vlt_buf *text)
{
    char path[VLT_FILE_PATH];
    enum vlt_status st = vlt_file_path(path, identity->folder, file, "");

    if (st == VLT_OK) {
        st = vlt_file_read(path, VLT_IDENTITY_NAME + 1, text);
    }
    if (st == VLT_OK && text->len > 0 && text->at[text->len - 1] == '\n') {
        text->len--;
    }
    return st;
}

static enum vlt_status
load_role(struct vault_identity *identity)
{
    struct vlt_buf text = { 0 };
    enum vlt_status st = load_line(identity, "role", &text);

    identity->role = VLT_ROLE_FIRM;
    if (st == VLT_OK && vlt_slice_is(vlt_buf_slice(&text), source_word)) {
        identity->role = VLT_ROLE_SOURCE;
    } else if (st == VLT_OK) {
        st = VLT_E_FORMAT;
    }
    vlt_buf_free(&text);
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

static enum vlt_status
load_name(struct vault_identity *identity)
{
    struct vlt_buf text = { 0 };
    enum vlt_status st = load_line(identity, "name", &text);

    if (st == VLT_OK && (text.len == 0 || text.len > VLT_IDENTITY_NAME ||
                         !vlt_text_printable(vlt_buf_slice(&text)))) {
        st = VLT_E_FORMAT;
    }
    if (st == VLT_OK) {
        memcpy(identity->name, text.at, text.len);
        identity->name[text.len] = '\0';
    }
    vlt_buf_free(&text);
    return st;
}

struct gathering {
    struct vlt_known_vault *vaults;
    size_t count;
};

static void
gather(void *ctx, const struct vlt_record *record)
{
    struct gathering *all = ctx;

    if (all->count == VLT_RECORDS_MAX) {
        return;
    }
    size_t at = all->count++;

    while (at > 0 && all->vaults[at - 1].enrolled > record->enrolled) {
        all->vaults[at] = all->vaults[at - 1];
        at--;
    }
    struct vlt_known_vault *vault = &all->vaults[at];

    memcpy(vault->name, record->name, sizeof vault->name);
    vlt_address_print(&record->address, vault->address);
    vault->enrolled = record->enrolled;
}

enum vlt_status
vlt_identity_refresh(struct vault_identity *identity)
{
    struct gathering all = {
        calloc(VLT_RECORDS_MAX, sizeof *all.vaults),
        0,
    };

    if (all.vaults == NULL) {
        return VLT_E_NOMEM;
    }
    enum vlt_status st = vlt_record_each(identity->folder, gather, &all);

    if (st != VLT_OK) {
        free(all.vaults);
        return st;
    }
    free(identity->vaults);
    identity->vaults = all.vaults;
    identity->vault_count = all.count;
    return VLT_OK;
}

static enum vault_status
open_by(const char *folder, const struct key_source *source,
        struct vault_identity **out, char *detail, size_t size)
{
    struct vault_identity *identity;
    const char *why = "out of memory";
    enum vlt_status st = vlt_secret_init();

    identity = st == VLT_OK ? calloc(1, sizeof *identity) : NULL;
    if (identity != NULL) {
        identity->folder = vlt_text_copy(vlt_slice_text(folder));
    }
    if (identity == NULL || identity->folder == NULL) {
        st = VLT_E_NOMEM;
        goto done;
    }
    st = load_role(identity);
    if (st != VLT_OK) {
        why = "the file role can only say source";
        goto done;
    }
    st = load_key(identity, source);
    if (st != VLT_OK) {
        why = why_no_key(st);
        goto done;
    }
    st = load_name(identity);
    if (st != VLT_OK) {
        why = "the name cannot be read";
        goto done;
    }
    st = vlt_identity_refresh(identity);
    if (st != VLT_OK) {
        why = "the vaults' records cannot be read";
        goto done;
    }
    *out = identity;
    identity = NULL;

done:
    vault_identity_free(identity);
    if (st != VLT_OK) {
        tell(detail, size, folder, why);
    }
    return st == VLT_OK        ? VAULT_OK
           : st == VLT_E_NOMEM ? VAULT_E_NOMEM
                               : VAULT_E_FILE;
}

enum vault_status
vault_identity_open(const char *folder, struct vault_identity **out,
                    char *detail, size_t size)
{
    return open_by(folder, &(struct key_source){ .fn = NULL }, out, detail,
                   size);
}

enum vault_status
vault_identity_open_with(const char *folder, vault_key_fn *key, void *ctx,
                         struct vault_identity **out, char *detail, size_t size)
{
    struct key_source source = { key, ctx };

    return key != NULL ? open_by(folder, &source, out, detail, size)
                       : VAULT_E_USAGE;
}

/* All of a descriptor, which must be the seed. */
static int
read_seed(void *ctx, unsigned char seed[VLT_SIGN_SEED])
{
    const int *fd = ctx;
    size_t got = 0;
    ssize_t len = 1;
    unsigned char more;

    while (got < VLT_SIGN_SEED && len > 0) {
        len = read(*fd, seed + got, VLT_SIGN_SEED - got);
        if (len < 0 && errno == EINTR) {
            len = 1;
            continue;
        }
        got += len > 0 ? (size_t)len : 0;
    }
    return got == VLT_SIGN_SEED && read(*fd, &more, 1) == 0 ? 0 : -1;
}

enum vault_status
vault_identity_open_fd(const char *folder, int fd, struct vault_identity **out,
                       char *detail, size_t size)
{
    return vault_identity_open_with(folder, read_seed, &fd, out, detail, size);
}

void
vault_identity_free(struct vault_identity *identity)
{
    if (identity == NULL) {
        return;
    }
    vlt_signer_free(identity->signer);
    free(identity->vaults);
    free(identity->folder);
    free(identity);
}

const char *
vault_identity_id(const struct vault_identity *identity)
{
    return identity->id_text;
}

const char *
vault_identity_fingerprint(const struct vault_identity *identity)
{
    return identity->fingerprint;
}

/* Is it the address of this vault, "vd1:<52>" without its place? */
static bool
is_of(const char *address, const char *id)
{
    size_t len = strlen(id);

    return len == VLT_IDENTITY_TEXT - 1 && strncmp(address, id, len) == 0;
}

const char *
vault_identity_vault(const struct vault_identity *identity, const char *name)
{
    for (size_t i = 0; i < identity->vault_count; i++) {
        const struct vlt_known_vault *known = &identity->vaults[i];

        if (name == NULL || strcmp(known->name, name) == 0 ||
            is_of(known->address, name)) {
            return known->address;
        }
    }
    return NULL;
}
