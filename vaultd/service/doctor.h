/*
 * doctor: vault.doctor, which looks at what the vault stands on.
 *
 * Each thing that is looked at has a row, and each finding is one sentence:
 * what is wrong, and what would be right; or what is well.  Nothing is changed.
 */
#ifndef SERVICE_DOCTOR_H
#define SERVICE_DOCTOR_H

#include "base/status.h"

struct call;

/* A worker: {"ok":…,"checks":[{"name":…,"state":…,"says":…}…]}, where state is
 * "well", "warning", "fault" or, of what cannot be told while the vault is
 * locked, "unknown"; ok: none is "fault". */
enum vlt_status doctor_prepare(struct call *call);

#endif
