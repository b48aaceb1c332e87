/*
 * firm: many firms of one vault, which are a function of their number.
 *
 * The key of firm number i is made of i, so a firm is known again by every
 * program; what the vault gave it stands in a file of the folder `house`.  A
 * vault of benches is nobody's secret.
 *
 * What cannot go on ends the program.  Threads: a house is read by any.
 */
#ifndef FIRM_H
#define FIRM_H

#include "../line.h"
#include "base/id.h"
#include "wire/address.h"

enum {
    FIRM_MAX = 1024,       /* that a vault knows */
    FIRM_LINES = 4,        /* connections that each may have */
    FIRM_GRANTED_MAX = 512 /* of them, those with grants */
};

/* What a firm was given. */
struct firm_grants {
    char read[VLT_ULID_TEXT];
    char live[VLT_ULID_TEXT];
};

/* Where a vault is, or a bare server, which has neither firms nor handshake. */
struct house {
    bool bare;
    struct vlt_address vault;
    struct line_place place;
    size_t granted; /* firms with grants, from number 0 on */
    struct firm_grants grants[FIRM_GRANTED_MAX];
};

/* where is the port of a bare server, or a folder in which house_write() wrote.
 * The caller ends it with house_close(). */
void house_open(struct house *house, const char *where);
void house_close(struct house *house);

/* Write FOLDER/house. */
void house_write(const struct house *house, const char *folder);

/* Firm number i: the caller frees it with vlt_signer_free(). */
struct vlt_signer *firm_signer(size_t i);

/* A session of firm number i, READY; of a bare server an upgraded WebSocket.
 * line_close() ends it. */
void firm_connect(const struct house *house, size_t i, struct line *line);

/* Spend an invitation, "vault://…", and be gone. */
void firm_enrol(const struct house *house, size_t i, struct vlt_slice url);

#endif
