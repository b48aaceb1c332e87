/*
 * consent_side: a vault with some grants, all born of one rule, of as many
 * firms as that takes.
 *
 * What cannot go on ends the program.  Threads: one.
 */
#ifndef CONSENT_SIDE_H
#define CONSENT_SIDE_H

#include "audit/audit.h"
#include "consent/consent.h"
#include "limits/meter.h"
#include "store_vault.h"

enum {
    SIDE_GRANTS_MIN = 10,
    SIDE_GRANTS_MAX = 10000,
};

/* When the grants are born: no clock is read. */
#define SIDE_BORN (METER_BEGIN + VLT_DAY)

struct side {
    struct vault vault;
    struct consent *consent;
    struct audit *audit;
    size_t firms;
    struct consent_firm *firm; /* owned */
    size_t count;
    uint8_t (*grant)[VLT_ID_LEN]; /* owned */
    size_t next;                  /* to be asked for */
};

/* In a folder that is made, with some `count` grants (SIDE_GRANTS_MIN to
 * SIDE_GRANTS_MAX), in no order. */
void side_open(struct side *side, const char *folder, size_t count);
void side_close(struct side *side);

/* The firm of this id (ctx: the side); false: there is none. */
bool side_firm(void *ctx, const uint8_t id[VLT_ID_LEN],
               struct consent_firm *out);

/* A turn of the vault's. */
struct store_txn *side_begin(struct side *side);

/* The program ends unless st is VLT_OK; what says what was wanted. */
void side_need(enum vlt_status st, const char *what);

#endif
