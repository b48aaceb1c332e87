#include "keys/generation.h"

#include <stdlib.h>

#include "keys/current.h"
#include "keys/erase.h"
#include "keys/files.h"
#include "keys/seeds.h"

static enum vlt_status
write_erase(int dir, const struct generation *generation, struct vlt_buf *why)
{
    char name[FILES_NAME_MAX];
    uint8_t *stripes = malloc(ERASE_LEN);

    if (stripes == NULL) {
        return VLT_E_NOMEM;
    }
    erase_split(generation->erase, stripes);
    enum vlt_status st =
        files_write(dir, files_name("erase", generation->n, name),
                    vlt_slice_of(stripes, ERASE_LEN), why);

    vlt_wipe(stripes, ERASE_LEN);
    free(stripes);
    return st;
}

static enum vlt_status
write_keyring(int dir, const struct generation *generation, struct vlt_buf *why)
{
    char name[FILES_NAME_MAX];

    return files_write(dir, files_name("keyring", generation->n, name),
                       generation->keyring, why);
}

enum vlt_status
generation_write(int dir, const struct generation *generation,
                 struct vlt_buf *why)
{
    char name[FILES_NAME_MAX];
    enum vlt_status st =
        files_write(dir, files_name("header", generation->n, name),
                    generation->header, why);

    if (st == VLT_OK) {
        st = write_erase(dir, generation, why);
    }
    if (st == VLT_OK && keys_seed_planted(KEYS_SEED_CURRENT_BEFORE_KEYRING)) {
        st = generation_switch(dir, generation->n, why);
    }
    return st == VLT_OK ? write_keyring(dir, generation, why) : st;
}

enum vlt_status
generation_switch(int dir, uint64_t n, struct vlt_buf *why)
{
    uint8_t current[CURRENT_LEN];

    current_encode(n, current);
    return files_write(dir, "CURRENT", vlt_slice_of(current, sizeof current),
                       why);
}

enum vlt_status
generation_destroy(int dir, uint64_t n, struct vlt_buf *why)
{
    static const char *const kinds[] = { "erase", "keyring", "header" };
    enum vlt_status st = VLT_OK;

    if (keys_seed_planted(KEYS_SEED_OLD_KEYRING_KEPT)) {
        return VLT_OK;
    }
    for (size_t i = 0; st == VLT_OK && i < sizeof kinds / sizeof *kinds; i++) {
        char name[FILES_NAME_MAX];

        st = files_destroy(dir, files_name(kinds[i], n, name), why);
    }
    return st;
}
