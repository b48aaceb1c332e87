/* The keys are destroyed in place. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keys/files.h"
#include "store/slots.h"
#include "store/store_internal.h"

static const char *const kinds[] = { "header", "erase", "keyring" };

enum { KINDS = sizeof kinds / sizeof *kinds };

/* The first failure counts; what comes behind is done all the same. */
static void
note(enum vlt_status *first, enum vlt_status st)
{
    if (*first == VLT_OK) {
        *first = st;
    }
}

static bool
is_key_file(const char *name)
{
    for (size_t i = 0; i < KINDS; i++) {
        size_t len = strlen(kinds[i]);

        if (strncmp(name, kinds[i], len) == 0 && name[len] == '.') {
            return true;
        }
    }
    return false;
}

/* What is left over of other generations, or of writing one. */
static enum vlt_status
destroy_others(int dir, struct vlt_buf *why)
{
    int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again >= 0 ? fdopendir(again) : NULL;
    enum vlt_status st = VLT_OK;
    struct dirent *entry;

    if (list == NULL) {
        if (again >= 0) {
            (void)close(again);
        }
        return store_say(VLT_E_STORAGE, why, "the directory cannot be listed");
    }
    while ((entry = readdir(list)) != NULL) {
        if (is_key_file(entry->d_name)) {
            note(&st, files_destroy(dir, entry->d_name, why));
        }
    }
    (void)closedir(list);
    return st;
}

enum vlt_status
store_panic(struct store *store, struct vlt_buf *why)
{
    static const uint8_t nothing[HEADER_LEN];
    static const struct header none;
    char name[FILES_NAME_MAX];
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; i < KINDS; i++) {
        note(&st, files_destroy(store->dir.fd,
                                files_name(kinds[i], store->dir.n, name), why));
    }
    note(&st, destroy_others(store->dir.fd, why));
    slots_take(store, &none, nothing);
    store->broken = true;
    atomic_set(&store->destroyed, 1);
    return st;
}

bool
store_destroyed(const struct store *store)
{
    return atomic_get(&store->destroyed) != 0;
}
