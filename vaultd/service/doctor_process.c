/*
 * doctor_process: what the process may, and what the machine is like.
 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "service/doctor_internal.h"

enum {
    LOCKABLE_MIB = 64, /* the keyring of a large vault, and what passes */
    FOR_ITS_USER = S_IRWXG | S_IRWXO,
};

#define CLOCK_BEHIND (60 * VLT_SECOND)

static const struct service_process *
process_of(const struct doctor *doctor)
{
    return &doctor->service->config.process;
}

enum doctor_state
doctor_confined(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    const char *why = process_of(doctor)->unconfined;

    if (why == NULL) {
        return DOCTOR_WELL;
    }
    (void)snprintf(says, DOCTOR_SAYS,
                   "Not all fences stand, %s; a kernel from 5.13 on with "
                   "Landlock and seccomp is right.",
                   why);
    return DOCTOR_WARNING;
}

enum doctor_state
doctor_user(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    (void)doctor;
    if (geteuid() != 0) {
        return DOCTOR_WELL;
    }
    (void)snprintf(says, DOCTOR_SAYS,
                   "The daemon runs as root, which it needs for nothing: give "
                   "it a user of its own (packaging/systemd).");
    return DOCTOR_WARNING;
}

enum doctor_state
doctor_core(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    struct rlimit limit;

    (void)doctor;
    if (getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0) {
        return DOCTOR_WELL;
    }
    (void)snprintf(says, DOCTOR_SAYS,
                   "The daemon may leave a core file with what is in its "
                   "memory: it could not set its own limit, so set it from "
                   "outside (LimitCORE=0).");
    return DOCTOR_FAULT;
}

enum doctor_state
doctor_memory(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    struct rlimit limit;

    if (process_of(doctor)->unlocked) {
        (void)snprintf(says, DOCTOR_SAYS,
                       "Memory cannot be locked, which allow_unlocked_memory "
                       "lets be: keys may come to lie in swap; raise the "
                       "limit (LimitMEMLOCK=64M, ulimit -l), and take it out "
                       "of the configuration.");
        return DOCTOR_WARNING;
    }
    if (geteuid() == 0 || getrlimit(RLIMIT_MEMLOCK, &limit) != 0 ||
        limit.rlim_cur >= (rlim_t)LOCKABLE_MIB << 20) {
        return DOCTOR_WELL;
    }
    (void)snprintf(says, DOCTOR_SAYS,
                   "Only %" PRIu64 " KiB of memory may be locked, and the "
                   "keys of a large vault take up to %d MiB: raise the limit "
                   "(LimitMEMLOCK=64M, ulimit -l).",
                   (uint64_t)limit.rlim_cur >> 10, LOCKABLE_MIB);
    return DOCTOR_WARNING;
}

enum doctor_state
doctor_swap(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    struct sysinfo about;

    if (process_of(doctor)->no_swap || sysinfo(&about) != 0 ||
        about.totalswap == 0) {
        return DOCTOR_WELL;
    }
    (void)snprintf(says, DOCTOR_SAYS,
                   "Swap is on, and what only passes through memory (a "
                   "passphrase that is tried, rows) may come to lie there: "
                   "keep the daemon out of it (MemorySwapMax=0), or encrypt "
                   "it.");
    return DOCTOR_WARNING;
}

enum doctor_state
doctor_folder(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    const char *folder = process_of(doctor)->folder;
    struct stat about;

    if (folder == NULL || stat(folder, &about) != 0) {
        (void)snprintf(says, DOCTOR_SAYS,
                       "The vault's folder is not where it was when the "
                       "daemon started: put it back, or restart.");
        return DOCTOR_FAULT;
    }
    if ((about.st_mode & FOR_ITS_USER) != 0) {
        (void)snprintf(says, DOCTOR_SAYS,
                       "The vault's folder is open to others (mode %03o): "
                       "chmod 700 is right.",
                       (unsigned)about.st_mode & 0777U);
        return DOCTOR_FAULT;
    }
    if (about.st_uid != geteuid()) {
        (void)snprintf(says, DOCTOR_SAYS,
                       "The vault's folder is of user %u and the daemon runs "
                       "as %u: one user for both is right.",
                       (unsigned)about.st_uid, (unsigned)geteuid());
        return DOCTOR_WARNING;
    }
    return DOCTOR_WELL;
}

enum doctor_state
doctor_key_file(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    if (!process_of(doctor)->key_beside) {
        return DOCTOR_WELL;
    }
    (void)snprintf(says, DOCTOR_SAYS,
                   "What unlocks the vault at the start lies on its own disk, "
                   "so whoever takes the disk has the data: keep it elsewhere, "
                   "or sealed by a TPM (LoadCredentialEncrypted=).");
    return DOCTOR_WARNING;
}

enum doctor_state
doctor_clock(const struct doctor *doctor, char says[DOCTOR_SAYS])
{
    const struct service *service = doctor->service;
    int64_t behind = service_effective(service) - service_wall(service);

    if (behind > CLOCK_BEHIND) {
        (void)snprintf(says, DOCTOR_SAYS,
                       "The clock is %" PRId64 " s behind what it was when "
                       "something was last written, and consent ends by the "
                       "later of the two: set it right.",
                       behind / VLT_SECOND);
        return DOCTOR_WARNING;
    }
    if (!clock_synchronised()) {
        (void)snprintf(says, DOCTOR_SAYS,
                       "The kernel does not say that the clock is "
                       "synchronised, so nothing is destroyed for its age: a "
                       "time service (systemd-timesyncd, chrony) is right.");
        return DOCTOR_WARNING;
    }
    return DOCTOR_WELL;
}
