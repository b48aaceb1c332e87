/*
 * doctor_internal: rows of checks, and what they look at.
 */
#ifndef SERVICE_DOCTOR_INTERNAL_H
#define SERVICE_DOCTOR_INTERNAL_H

#include "service/service_internal.h"
#include "store/slots.h"

enum doctor_state {
    DOCTOR_WELL,
    DOCTOR_WARNING,
    DOCTOR_FAULT,
    DOCTOR_UNKNOWN,
};

enum {
    DOCTOR_SAYS = 320,
    DOCTOR_WARNINGS = 12, /* kinds of warning (warnings.h) */
};

/* What is known once for all checks. */
struct doctor {
    struct service *service;
    bool locked;
    struct {
        const char *code; /* static */
        char says[DOCTOR_SAYS];
    } warning[DOCTOR_WARNINGS];
    size_t warnings;
    bool backup; /* one was made, by any time */
    int64_t backup_time;
};

struct doctor_check {
    const char *name;
    const char *well; /* the sentence, where nothing is found */
    /* Puts a sentence and gives a state; DOCTOR_WELL puts none.  NULL: the
     * warning of that name is all there is. */
    enum doctor_state (*look)(const struct doctor *doctor,
                              char says[DOCTOR_SAYS]);
    enum doctor_state found; /* what the warning of that name is */
};

/* Of the process and the machine (doctor_process.c). */
enum doctor_state doctor_confined(const struct doctor *doctor,
                                  char says[DOCTOR_SAYS]);
enum doctor_state doctor_user(const struct doctor *doctor,
                              char says[DOCTOR_SAYS]);
enum doctor_state doctor_core(const struct doctor *doctor,
                              char says[DOCTOR_SAYS]);
enum doctor_state doctor_memory(const struct doctor *doctor,
                                char says[DOCTOR_SAYS]);
enum doctor_state doctor_swap(const struct doctor *doctor,
                              char says[DOCTOR_SAYS]);
enum doctor_state doctor_folder(const struct doctor *doctor,
                                char says[DOCTOR_SAYS]);
enum doctor_state doctor_key_file(const struct doctor *doctor,
                                  char says[DOCTOR_SAYS]);
enum doctor_state doctor_clock(const struct doctor *doctor,
                               char says[DOCTOR_SAYS]);

#endif
