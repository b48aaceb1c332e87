/*
 * run: one command under way: its arguments, its connection, what it prints.
 *
 * What a command prints goes into run->text and to stdout when it ends, so
 * that a failed command prints no half of an answer; long ones call
 * run_flush().  Faults go to stderr as one sentence: what happened, and what
 * to type next.  Functions that give an int give an exit code; not 0 means
 * that the fault is told already.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/args.h"
#include "cli/term.h"
#include "vault/vault.h"
#include "json/json.h"
#include "json/json_write.h"

enum {
    RUN_DONE = 0,
    RUN_FAILED = 1,
    RUN_USAGE = 2,
    RUN_NOT_FOUND = 3,
    RUN_DENIED = 4,
    RUN_LOCKED = 5,
    RUN_CONFLICT = 6,
    RUN_UNREACHED = 7,
    RUN_NOT_IN_FORCE = 8, /* a receipt is genuine, its grant not in force */
    RUN_NOT_RUN = 75,     /* it could not be looked at: nothing is said of it */
    RUN_INTERRUPTED = 130,
};

enum { RUN_TIMEOUT_MS = 60000, RUN_LONG_MS = 3600000 };

/* What to type after a status. */
struct run_hint {
    enum vault_status status; /* VAULT_OK ends a table */
    const char *says;
};

struct run_program {
    struct args_program args;
    int (*connect)(struct run *run); /* sets run->client */
    const struct run_hint *hints;
};

struct run {
    const struct run_program *program;
    const struct args *args;
    struct term out, err;
    bool json;                       /* --json */
    int64_t now;                     /* ns, when it began */
    struct vault_client *client;     /* owned; NULL until run_connect() */
    struct vault_identity *identity; /* owned; a firm's */
    struct vault_listener *listener; /* owned; likewise */
    struct vlt_buf text;             /* for stdout */
    struct vlt_buf params;           /* of the call to come */
    struct vlt_json_out put;
    char *answer;            /* of the last call: owned, JSON */
    struct vlt_json *result; /* the same, read; owned */
};

/* main() of a program: read the command line, run the command, print. */
int run_main(const struct run_program *program, int argc, char **argv);

/* Connect, unless that was done.  run_ask() does it by itself. */
int run_connect(struct run *run);

/* Begin the parameters of a call: an object, open, in which the caller puts
 * members.  idem: with a new ULID as `idem`. */
struct vlt_json_out *run_params(struct run *run, bool idem);

/* Put the value of an option as the member of this name, where it was given:
 * as text, as a whole number, or (repeated, or by commas) as a list. */
void run_put_text(struct run *run, const char *member, const char *option);
int run_put_int(struct run *run, const char *member, const char *option);
void run_put_list(struct run *run, const char *member, const char *option);
/* As RFC 3339, from what ago_parse() takes. */
int run_put_time(struct run *run, const char *member, const char *option);

/*
 * Call the method with these parameters; where the vault wants the passphrase
 * it is got by --passphrase-file, --passphrase-fd or a prompt and the call is
 * made once more.  The answer is run->answer and run->result until the next.
 */
int run_ask(struct run *run, const char *method);
int run_ask_long(struct run *run, const char *method); /* up to an hour */

/* The call alone: nothing is said of a failure, and no passphrase is asked
 * for. */
VAULT_MUST_USE enum vault_status run_try(struct run *run, const char *method);

/* Put run->answer and a line break to what is printed. */
void run_print_answer(struct run *run);

/* Write what is printed so far. */
int run_flush(struct run *run);

/* Tell a failed call of libvault, with the client's sentence; its exit code. */
int run_fail(struct run *run, enum vault_status status);

/* Tell any other fault as printf, without a full stop; gives the code. */
int run_says(struct run *run, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Tell a fault that needs more than a sentence: what is printed so far stands
 * behind it, indented, on stderr.  says without a full stop; gives the code. */
int run_says_text(struct run *run, int code, const char *says);

/* The exit code of a status. */
int run_code(enum vault_status status);

/* Ask "WHAT? [y/N]" unless --yes: 0 to go on.  Without a terminal it names
 * --yes. */
int run_confirm(struct run *run, const char *what);

/* The same about what is printed so far: the terminal is shown it with the
 * question, and nobody else.  otherwise: what else may be said in place of
 * --yes, as "--all"; NULL: nothing. */
int run_confirm_shown(struct run *run, const char *what, const char *otherwise);

/* The same for what cannot be undone: "WHAT: ", and the answer has to be this
 * name. */
int run_confirm_name(struct run *run, const char *what, const char *name);

/* Read a file of arguments whole ("-": stdin), or tell why not. */
int run_read_file(struct run *run, const char *path, size_t max,
                  struct vlt_buf *out);

/* A time to come by the option, or `other`; ns.  *rough as in ago_parse(). */
int run_time(struct run *run, const char *option, int64_t other, int64_t *out,
             bool *rough);

/* Catch ^C from now on: the flag that it sets, for vault_run(). */
const volatile int *run_catch(void);

#endif
