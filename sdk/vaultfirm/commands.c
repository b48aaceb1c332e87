#include "cli/completion.h"
#include "vaultfirm/vaultfirm.h"

static const struct args_option every_command[] = {
    { "identity", "DIR", "the firm's keys (or VAULTFIRM_IDENTITY)", false },
    { "vault", "VAULT",
      "which one, where there are several: its name, vd1:… or vd1:…@host:port",
      false },
    { "listen", "ADDR:PORT",
      "wait there for the vault, which dials, in place of dialling it", false },
    { "json", NULL, "one JSON object on stdout", false },
    { .name = NULL },
};

static const struct args_option request_options[] = {
    { "lint", NULL, "only say what is wrong in it; nothing is sent", false },
    { "wait", "S", "seconds to wait for the owner's word", false },
    { .name = NULL },
};

static const struct args_option query_options[] = {
    { "grant", "ID", "by which it may be read", false },
    { "from", "TIME", "RFC 3339, a date, or 7d: seven days ago", false },
    { "to", "TIME", "the same; not included", false },
    { "every", "SPAN", "buckets of so long, as 15min, 1h, 1d", false },
    { "stat", "STATS", "mean, min, max, sum, count, first, last", true },
    { "where", "TEST", "only rows that pass, as 'value > 20'", false },
    { "limit", "N", "at most so many rows", false },
    { "column", "NAME", "only these columns", true },
    { "csv", NULL, "CSV", false },
    { "ndjson", NULL, "a JSON object a line", false },
    { "chart", NULL, "a chart in place of the table", false },
    { .name = NULL },
};

static const struct args_option watch_options[] = {
    { "grant", "ID", "by which it may be read", false },
    { "cursor", "FILE", "keep the place there, and go on from it", false },
    { .name = NULL },
};

static const struct args_option grants_options[] = {
    { "state", "STATE", "active and suspended where it is not said", false },
    { .name = NULL },
};

static const struct args_option deleted_options[] = {
    { "uses", "FIRST-LAST", "all that is held where it is not said", false },
    { "at", "TIME", "when it was deleted: now", false },
    { "anonymised", NULL, "it is not erased, but nobody's any more", false },
    { "recipient", "NAME", "who had it from this firm, and deleted it", true },
    { "except", "FIRST-LAST:UNTIL:LAW", "what is kept all the same", true },
    { .name = NULL },
};

static const struct args_option as_options[] = {
    { "as", "HOST:PORT", "where the vault reaches this, if elsewhere", false },
    { .name = NULL },
};

static const struct args_option restored_options[] = {
    { "yes", NULL, "do not ask", false },
    { .name = NULL },
};

static const struct args_option get_options[] = {
    { "out", "FILE", "keep it there; else it is printed", false },
    { .name = NULL },
};

static const struct args_option verify_options[] = {
    { "firm-key", "KEY", "with --vault KEY: the firm's public key", false },
    { .name = NULL },
};

static const struct args_command receipt_verbs[] = {
    { .name = "get",
      .takes = "GRANT",
      .says = "fetch the receipts of a grant with their proofs",
      .examples = { "receipt get 01M80XE2R06J9ATSEGBABKZVWC --out r.json",
                    "receipt get 01M80XE2R06J9ATSEGBABKZVWC" },
      .min = 1,
      .max = 1,
      .options = get_options,
      .run = cmd_receipt_get },
    { .name = "verify",
      .takes = "FILE",
      .says = "does a receipt hold; offline, by the keys that the identity "
              "pinned, or without one by --vault KEY: the member receipt of "
              "vaults/NAME.json in the identity's folder",
      .examples = { "receipt verify r.json --vault 4mkdq7wz",
                    "receipt verify r.json --vault 11qYAYKxCrfVS_7TyWQHOg7hcv"
                    "PapiMlrwIaaPcHURo" },
      .min = 1,
      .max = 1,
      .options = verify_options,
      .run = cmd_receipt_verify },
    { .name = NULL },
};

static const struct args_command commands[] = {
    { .name = "init",
      .takes = "NAME",
      .says = "make the firm's keys",
      .examples = { "init brightgrid", "init brightgrid --identity ./keys" },
      .min = 1,
      .max = 1,
      .run = cmd_init },
    { .name = "enrol",
      .takes = "URL",
      .says = "spend an invitation of a vault's owner",
      .examples = { "enrol 'vault://127.0.0.1:7443/4mkd…#7q2x…'",
                    "enrol \"$URL\" --json" },
      .min = 1,
      .max = 1,
      .options = as_options,
      .run = cmd_enrol },
    { .name = "rekey",
      .takes = "DIR",
      .says = "ask to be known by the key in DIR, made by init; what is given "
              "to this one ends when the owner confirms it",
      .examples = { "rekey ./keys-2", "rekey ./keys-2 --json" },
      .min = 1,
      .max = 1,
      .run = cmd_rekey },
    { .name = "restored",
      .says = "the vault's owner says that it was restored: go on with the log "
              "that it shows",
      .examples = { "restored", "restored --vault 4mkdq7wz" },
      .options = restored_options,
      .run = cmd_restored },
    { .name = "request",
      .takes = "FILE.json",
      .says = "ask for consent; a grant that is given is countersigned",
      .examples = { "request bill.json --lint",
                    "request bill.json --wait 60 --json" },
      .min = 1,
      .max = 1,
      .options = request_options,
      .run = cmd_request },
    { .name = "requests",
      .takes = "ID…",
      .says = "where requests stand; a grant that is given is countersigned",
      .examples = { "requests 01M80XBAVGRFVVVX9QRHKJ8E9C",
                    "requests 01M80XBAVGRFVVVX9QRHKJ8E9C --json" },
      .min = 1,
      .max = ARGS_MANY,
      .run = cmd_requests },
    { .name = "answer",
      .takes = "REQUEST PURPOSE accept|leave",
      .says = "take a counter-offer as it is, or leave it",
      .examples = { "answer 01M80XBAVGRFVVVX9QRHKJ8E9C service.billing accept",
                    "answer 01M80XBAVGRFVVVX9QRHKJ8E9C service.billing leave" },
      .min = 3,
      .max = 3,
      .run = cmd_answer },
    { .name = "withdraw",
      .takes = "REQUEST",
      .says = "take a request back that waits for the owner",
      .examples = { "withdraw 01M80XBAVGRFVVVX9QRHKJ8E9C",
                    "withdraw 01M80XBAVGRFVVVX9QRHKJ8E9C --json" },
      .min = 1,
      .max = 1,
      .run = cmd_withdraw },
    { .name = "grants",
      .says = "what may be read, until when",
      .examples = { "grants", "grants --json" },
      .options = grants_options,
      .run = cmd_grants },
    { .name = "end",
      .takes = "GRANT",
      .says = "give a grant back",
      .examples = { "end 01M80XE2R06J9ATSEGBABKZVWC",
                    "end 01M80XE2R06J9ATSEGBABKZVWC --json" },
      .min = 1,
      .max = 1,
      .run = cmd_end },
    { .name = "deleted",
      .takes = "GRANT",
      .says = "state, signed, that what it gave is deleted",
      .examples = { "deleted 01M80XE2R06J9ATSEGBABKZVWC",
                    "deleted 01M80XE2R06J9ATSEGBABKZVWC --except "
                    "'1-3:2032-01-01:Tax Act, section 147'" },
      .min = 1,
      .max = 1,
      .options = deleted_options,
      .run = cmd_deleted },
    { .name = "query",
      .takes = "STREAM… --grant ID",
      .says = "read rows under a grant",
      .examples = { "query 'energy.electricity/*' --grant ID --from 2d --to 1d "
                    "--every 15min --stat mean",
                    "query home/meter --grant ID --from 7d --chart" },
      .min = 1,
      .max = ARGS_MANY,
      .options = query_options,
      .run = cmd_query },
    { .name = "watch",
      .takes = "STREAM… --grant ID",
      .says = "rows as they come, until ^C",
      .examples = { "watch 'energy.electricity/*' --grant ID",
                    "watch home/meter --grant ID --cursor place --json" },
      .min = 1,
      .max = ARGS_MANY,
      .options = watch_options,
      .run = cmd_watch },
    { .name = "listen",
      .takes = "ADDR:PORT",
      .says = "wait for a vault that dials, and tell when it comes and goes",
      .examples = { "listen 0.0.0.0:7444 --as firm.example:7444",
                    "listen 127.0.0.1:0 --json" },
      .min = 1,
      .max = 1,
      .options = as_options,
      .run = cmd_listen },
    { .name = "receipt",
      .says = "signed receipts: get, verify",
      .examples = { "receipt get GRANT --out r.json", "receipt verify r.json" },
      .verbs = receipt_verbs },
    { .name = "version",
      .says = "of this program and its library",
      .examples = { "version", "version --json" },
      .run = cmd_version },
    { .name = "interaction", .says = "" },
    { .name = "send", .says = "" },
    { .name = "completion",
      .takes = "bash|zsh|fish",
      .says = "what a shell is to read, so that it completes commands",
      .examples = { "completion bash >~/.local/share/bash-completion/"
                    "completions/vaultfirm",
                    "completion fish" },
      .min = 1,
      .max = 1,
      .run = completion_run },
    { .name = NULL },
};

static const struct run_hint hints[] = {
    { VAULT_E_LOCKED, "the owner has locked it; try again later" },
    { VAULT_E_CONNECT, "is the vault running, and reachable from here?" },
    { VAULT_E_DENIED, "vaultfirm grants tells what may be read" },
    { VAULT_E_PENDING, "the owner has not said yes; ask them" },
    { VAULT_E_ENDED, "type: vaultfirm receipt get GRANT" },
    { VAULT_E_SCOPE, "ask for less; vaultfirm grants --json tells the terms" },
    { VAULT_E_AUTH,
      "has the owner confirmed this firm (vaultctl firm confirm NAME)?" },
    { VAULT_E_IDENTITY, "do not go on before you know why" },
    { VAULT_OK, NULL },
};

const struct run_program vaultfirm_program = {
    .args = { .name = "vaultfirm",
              .says = "a firm's hand on the vaults of persons",
              .examples = { "init brightgrid", "request bill.json --wait 60" },
              .options = every_command,
              .commands = commands },
    .connect = firm_connect,
    .hints = hints,
};
