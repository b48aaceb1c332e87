#include "service/doctor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "service/backup_record.h"
#include "service/doctor_internal.h"
#include "service/method.h"
#include "service/warnings.h"
#include "store/record.h"
#include "text/policy_warn.h"
#include "json/json_write.h"

#define DAY (86400 * VLT_SECOND)
#define BACKUP_OLD (30 * DAY)

/* ---- of the vault ---- */

static enum doctor_state
look_words(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    struct store_slot slots[STORE_SLOTS];
    size_t count = store_slots(doctor->service->store, slots);

    for (size_t i = 0; i < count; i++) {
        if (slots[i].type == STORE_SLOT_WORDS) {
            return DOCTOR_WELL;
        }
    }
    (void)snprintf(says, DOCTOR_SAYS,
                   "No recovery words open this vault, so who forgets the "
                   "passphrase loses all of it: make some (vaultctl key add "
                   "recovery).");
    return DOCTOR_WARNING;
}

static enum doctor_state
look_backup(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    int64_t age = service_wall(doctor->service) - doctor->backup_time;

    if (doctor->locked) {
        return DOCTOR_UNKNOWN;
    }
    if (!doctor->backup) {
        (void)snprintf(says, DOCTOR_SAYS,
                       "There is no backup: make one, on another disk "
                       "(vaultctl backup create FILE).");
        return DOCTOR_WARNING;
    }
    if (age > BACKUP_OLD) {
        (void)snprintf(says, DOCTOR_SAYS,
                       "The newest backup is %" PRId64 " days old: make one "
                       "(vaultctl backup create FILE).",
                       age / DAY);
        return DOCTOR_WARNING;
    }
    return DOCTOR_WELL;
}

/* Permits that mean a country that nobody configured. */
static enum doctor_state
look_home(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    const struct consent_set *set =
        doctor->locked ? NULL : consent_set_hold(doctor->service->consent);
    size_t count = 0;

    if (set == NULL) {
        return DOCTOR_UNKNOWN;
    }
    for (size_t i = 0; i < policy_rule_count(set->set); i++) {
        count += policy_warn_home(set->set, policy_rule_at(set->set, i));
    }
    consent_set_release(set);
    if (count == 0) {
        return DOCTOR_WELL;
    }
    (void)snprintf(
        says, DOCTOR_SAYS,
        "Of your permits %zu allow your home as a place, and no `home` "
        "is configured, so there they permit nothing: set it "
        "(home: GB), restart, and apply them again.",
        count);
    return DOCTOR_WARNING;
}

/* ---- all of it ---- */

static const struct doctor_check checks[] = {
    { "destroyed", "The keys of this vault are there.", NULL, DOCTOR_FAULT },
    { "rollback", "This is the newest copy of the vault that was seen.", NULL,
      DOCTOR_FAULT },
    { "anchor",
      "An anchor is kept: an earlier copy that is put back is noticed.", NULL,
      DOCTOR_WARNING },
    { "words", "Recovery words open this vault.", look_words, DOCTOR_WELL },
    { "backup", "There is a backup of the last 30 days.", look_backup,
      DOCTOR_WELL },
    { "key-file", "No key file lies beside what it opens.", doctor_key_file,
      DOCTOR_WELL },
    { "folder", "The vault's folder is for its user alone.", doctor_folder,
      DOCTOR_WELL },
    { "confined", "System calls and files are fenced in (seccomp, Landlock).",
      doctor_confined, DOCTOR_WELL },
    { "user", "The daemon has a user that is not root.", doctor_user,
      DOCTOR_WELL },
    { "core", "It leaves no core file.", doctor_core, DOCTOR_WELL },
    { "memory", "Memory for keys may be locked.", doctor_memory, DOCTOR_WELL },
    { "swap", "Its memory is not swapped out.", doctor_swap, DOCTOR_WELL },
    { "clock", "The kernel says that the clock is synchronised.", doctor_clock,
      DOCTOR_FAULT },
    { "quota", "There is room in the quota.", NULL, DOCTOR_FAULT },
    { "disk", "There is room on the disk.", NULL, DOCTOR_FAULT },
    { "ballast", "The ballast for a full disk is there.", NULL,
      DOCTOR_WARNING },
    { "reserve", "The file system keeps blocks ready for a full disk.", NULL,
      DOCTOR_WARNING },
    { "owed", "Every revocation is durable.", NULL, DOCTOR_FAULT },
    { "home", "The policies were applied under the `home` that holds.",
      look_home, DOCTOR_WARNING },
};

enum { CHECKS = sizeof checks / sizeof checks[0] };

static const char *const words[] = {
    [DOCTOR_WELL] = "well",
    [DOCTOR_WARNING] = "warning",
    [DOCTOR_FAULT] = "fault",
    [DOCTOR_UNKNOWN] = "unknown",
};

static void
take_warning(void *ctx, const char *code, const char *says)
{
    struct doctor *doctor = ctx;

    if (doctor->warnings < DOCTOR_WARNINGS) {
        doctor->warning[doctor->warnings].code = code;
        (void)snprintf(doctor->warning[doctor->warnings].says, DOCTOR_SAYS,
                       "%s", says);
        doctor->warnings++;
    }
}

static const char *
warning_of(const struct doctor *doctor, const char *name)
{
    for (size_t i = 0; i < doctor->warnings; i++) {
        if (strcmp(doctor->warning[i].code, name) == 0) {
            return doctor->warning[i].says;
        }
    }
    return NULL;
}

static enum doctor_state
look(const struct doctor *doctor, const struct doctor_check *check,
     char says[DOCTOR_SAYS])
{
    const char *warning = warning_of(doctor, check->name);

    if (warning != NULL) {
        (void)snprintf(says, DOCTOR_SAYS, "%s", warning);
        return check->found;
    }
    enum doctor_state state =
        check->look != NULL ? check->look(doctor, says) : DOCTOR_WELL;

    if (state == DOCTOR_WELL) {
        (void)snprintf(says, DOCTOR_SAYS, "%s", check->well);
    } else if (state == DOCTOR_UNKNOWN) {
        (void)snprintf(says, DOCTOR_SAYS,
                       "It cannot be told while the vault is locked.");
    }
    return state;
}

static bool
take_backup(void *ctx, const struct backup_record *record)
{
    struct doctor *doctor = ctx;

    if (record->made &&
        (!doctor->backup || record->time > doctor->backup_time)) {
        doctor->backup = true;
        doctor->backup_time = record->time;
    }
    return true;
}

/* What is only known while it is unlocked: backups, and how much is used. */
static enum vlt_status
read_vault(struct doctor *doctor, uint64_t *used)
{
    struct store_read *read = NULL;
    struct store_stat stat;
    enum vlt_status st = store_read_begin(doctor->service->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    st = store_view_stat(store_read_view(read), &stat);
    if (st == VLT_OK) {
        *used = stat.used;
        st = backup_record_each(store_read_view(read), take_backup, doctor);
    }
    store_read_end(read);
    return st;
}

enum vlt_status
doctor_prepare(struct call *call)
{
    struct doctor doctor = { .service = call->service };
    struct vlt_json_out json = call_result(call);
    char says[DOCTOR_SAYS];
    uint64_t used = 0;
    bool ok = true;

    doctor.locked = store_locked(call->service->store);
    if (!doctor.locked) {
        enum vlt_status st = read_vault(&doctor, &used);

        if (st != VLT_OK) {
            return st;
        }
    }
    warnings_each(call->service, doctor.locked, used, take_warning, &doctor);
    vlt_put_list(&json, "checks");
    for (size_t i = 0; i < CHECKS; i++) {
        enum doctor_state state = look(&doctor, &checks[i], says);

        ok = ok && state != DOCTOR_FAULT;
        vlt_put_object(&json, NULL);
        vlt_put_text(&json, "name", checks[i].name);
        vlt_put_text(&json, "says", says);
        vlt_put_text(&json, "state", words[state]);
        vlt_put_end(&json);
    }
    vlt_put_end(&json);
    vlt_put_bool(&json, "ok", ok);
    vlt_put_end(&json);
    return VLT_OK;
}
