/*
 * vaultfirm: the firm's hand, on <vault/vault.h> alone.
 */
#ifndef VAULTFIRM_H
#define VAULTFIRM_H

#include "cli/run.h"
#include "cli/view.h"

/* The whole program. */
extern const struct run_program vaultfirm_program;

int cmd_init(struct run *run);
int cmd_enrol(struct run *run);
int cmd_rekey(struct run *run);
int cmd_restored(struct run *run);
int cmd_listen(struct run *run);
int cmd_request(struct run *run);
int cmd_requests(struct run *run);
int cmd_answer(struct run *run);
int cmd_withdraw(struct run *run);
int cmd_grants(struct run *run);
int cmd_end(struct run *run);
int cmd_deleted(struct run *run);
int cmd_query(struct run *run);
int cmd_watch(struct run *run);
int cmd_receipt_get(struct run *run);
int cmd_receipt_verify(struct run *run);
int cmd_version(struct run *run);

/* Take an answer of the library, read as run_ask() would have. */
int firm_take_answer(struct run *run, char *answer);

/* Put to what is printed: what is offered, of the outcome that is there. */
void firm_put_offers(struct run *run);

/* Open the identity: --identity, VAULTFIRM_IDENTITY, or ~/.vaultfirm. */
int firm_identity(struct run *run);

/* Its folder, into path (of FIRM_PATH bytes). */
enum { FIRM_PATH = 4096 };
int firm_folder(struct run *run, char path[FIRM_PATH]);

/* The same where the vault dials: wait at --listen for the vault of --vault. */
int firm_await(struct run *run);

/* Spend an invitation with a vault that dials to --listen. */
int firm_enrol_await(struct run *run, const char *url, int *waiting);

/* A new client that signs for what it is given. */
int firm_client(struct run *run);

/* Connect as it to the vault of --vault, else the one enrolled with first. */
int firm_connect(struct run *run);

#endif
