#include "store/slot_draft.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/kdf.h"
#include "crypto/random.h"
#include "keys/words.h"

static struct kek_cost
default_cost(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);

    return kek_cost_default(
        pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0);
}

/* One without a key yet. */
static enum vlt_status
new_draft(enum slot_type type, struct store_draft **out)
{
    struct store_draft *draft = calloc(1, sizeof *draft);

    if (draft == NULL) {
        return VLT_E_NOMEM;
    }
    draft->about.type = type;
    vlt_random(draft->about.salt, sizeof draft->about.salt);
    *out = draft;
    return VLT_OK;
}

/* Hand over what has its key, free what has not. */
static enum vlt_status
finish(struct store_draft *draft, enum vlt_status st, struct store_draft **out)
{
    if (st == VLT_OK) {
        *out = draft;
    } else {
        store_draft_free(draft);
    }
    return st;
}

enum vlt_status
store_draft_passphrase(const struct vlt_secret *passphrase,
                       const struct kek_cost *cost, struct store_draft **out)
{
    struct store_draft *draft = NULL;
    enum vlt_status st = new_draft(SLOT_PASSPHRASE, &draft);

    if (st != VLT_OK) {
        return st;
    }
    draft->about.cost = cost != NULL ? *cost : default_cost();
    st = kek_of_passphrase(passphrase, draft->about.salt, draft->about.cost,
                           &draft->kek);
    return finish(draft, st, out);
}

static enum vlt_status
take_words(struct store_draft *draft, const struct vlt_secret *typed)
{
    struct vlt_secret *entropy = NULL;
    enum vlt_status st = typed != NULL
                             ? words_parse(typed, &entropy)
                             : vlt_secret_random(WORDS_ENTROPY, &entropy);

    if (st == VLT_OK) {
        st = kek_of_words(entropy, &draft->kek);
    }
    if (st == VLT_OK && typed == NULL) {
        st = words_print(entropy, &draft->words);
    }
    vlt_secret_free(entropy);
    return st;
}

enum vlt_status
store_draft_words(const struct vlt_secret *typed, struct store_draft **out)
{
    struct store_draft *draft = NULL;
    enum vlt_status st = new_draft(SLOT_RECOVERY, &draft);

    return st == VLT_OK ? finish(draft, take_words(draft, typed), out) : st;
}

enum vlt_status
store_draft_key_file(const struct vlt_secret *key, struct store_draft **out)
{
    struct store_draft *draft = NULL;
    enum vlt_status st = new_draft(SLOT_CREDENTIAL, &draft);

    return st == VLT_OK
               ? finish(draft, kek_of_credential(key, &draft->kek), out)
               : st;
}

const struct vlt_secret *
store_draft_words_made(const struct store_draft *draft)
{
    return draft->words;
}

void
store_draft_free(struct store_draft *draft)
{
    if (draft != NULL) {
        vlt_secret_free(draft->kek);
        vlt_secret_free(draft->words);
        free(draft);
    }
}

enum vlt_status
slot_draft_place(const struct store_draft *draft, unsigned number,
                 const struct vlt_secret *root_key, struct header *header)
{
    struct slot_about about = draft->about;
    uint8_t vault[SLOT_VAULT];

    about.number = (uint8_t)number;
    header_vault(header, vault);
    return slot_seal(vault, &about, draft->kek, root_key, header->slot[number]);
}

struct keyring_about
slot_backup_of(const struct slot_about *about)
{
    struct keyring_about backup = { .type = KEYRING_BACKUP };

    memcpy(backup.subject, about->salt, sizeof backup.subject);
    return backup;
}

enum vlt_status
slot_draft_backup(const struct store_draft *draft, struct keyring_about *about,
                  struct vlt_secret **out)
{
    if (draft->about.type == SLOT_CREDENTIAL) {
        return VLT_E_NOT_FOUND;
    }
    *about = slot_backup_of(&draft->about);
    return vlt_derive(vlt_key_of(draft->kek), "vd1 slot backup", out);
}
