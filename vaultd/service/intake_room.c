/*
 * What each source at the gate takes of the inbox.
 */
#include "service/intake_internal.h"

static uint64_t *
taken_of(struct intake *intake, const struct intake_charge *charge)
{
    return charge->proved ? &intake->taken[charge->source]
                          : &intake->unproved[charge->source];
}

bool
intake_charge(struct intake *intake, struct intake_charge *charge)
{
    uint64_t *taken = taken_of(intake, charge);
    uint64_t most = charge->proved ? INTAKE_SOURCE_MAX : INTAKE_DEVICE_MAX;

    if (*taken + charge->bytes > most ||
        (!charge->proved &&
         intake->unproved_all + charge->bytes > INTAKE_UNPROVED_MAX)) {
        return false;
    }
    charge->lock = intake->lock;
    *taken += charge->bytes;
    intake->unproved_all += charge->proved ? 0 : charge->bytes;
    return true;
}

static void
take_off(uint64_t *from, uint64_t bytes)
{
    *from -= *from >= bytes ? bytes : 0;
}

void
intake_give_back(struct intake *intake, const struct intake_charge *charge)
{
    if (charge->lock != intake->lock) {
        return;
    }
    take_off(taken_of(intake, charge), charge->bytes);
    if (!charge->proved) {
        take_off(&intake->unproved_all, charge->bytes);
    }
}
