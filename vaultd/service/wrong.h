/*
 * wrong: wrong passphrases in a row, and the wait that they cost.
 *
 * Five are free; each from the fifth on costs a wait, from 1 s on twice as
 * long each time, to 10 min.  The count lies in the vault's directory
 * (store/slots.h), so that a restart does not end it: what begins with a count
 * waits as after its last wrong one.  No clock is trusted for that.
 *
 * Trying a passphrase is METHOD_HEAVY: one is tried at a time.
 *
 * Threads: wrong_wait() any; wrong_note() who has tried one.
 */
#ifndef SERVICE_WRONG_H
#define SERVICE_WRONG_H

#include <stdint.h>

#include "base/status.h"

struct call;
struct service;

/* What the vault's directory says; before threads exist. */
void wrong_begin(struct service *service);

/* How long nothing may be tried yet, ms; 0: something may. */
int64_t wrong_wait(const struct service *service);

/* A passphrase was tried: VLT_OK opened a slot, VLT_E_AUTH none; anything else
 * says nothing about it. */
void wrong_note(struct service *service, enum vlt_status st);

/* Refuse what comes within the wait: VLT_E_AUTH; or VLT_OK. */
VLT_MUST_USE enum vlt_status wrong_refuse(struct call *call);

#endif
