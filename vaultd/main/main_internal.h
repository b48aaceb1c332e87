/*
 * main_internal: what the commands of vaultd share.
 */
#ifndef MAIN_INTERNAL_H
#define MAIN_INTERNAL_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"
#include "crypto/secret.h"

/* Exit codes (sdk/cli/EXIT.md). */
enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_LOCKED = 5,
    EXIT_CONFLICT = 6,
    EXIT_NOT_RUN = 75,
};

/* ---- options.c ---- */

/* One option of a command; the rows end with a NULL name. */
struct option {
    const char *name;  /* "--dir" */
    const char *value; /* what it takes, for the help; NULL: nothing */
    bool required;
    const char *words;
    const char **out; /* the text, or "" for one that takes nothing */
};

/* What a command says of itself. */
struct command {
    const char *name;
    const char *words;
    const char *examples; /* two, a line each */
    int (*run)(int argc, char **argv);
};

/*
 * Read argv (behind the command's name) into the rows; rest, when not NULL,
 * takes one argument that is no option.
 * -1: go on; else the exit code (help was printed, or a fault said).
 */
int options_read(const struct command *command, const struct option *rows,
                 const char **rest, int argc, char **argv);

/* Say one sentence on stderr, "vaultd: …". */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- secret_file.c ---- */

/*
 * What a file for unlocking may hold, as far as the file tells: 32 bytes are a
 * key, or else a passphrase; only the vault's slots say which.  The key is
 * tried first: it costs nothing, and no passphrase opens a key's slot.
 */
struct opener {
    struct vlt_secret *key;        /* all 32 bytes; NULL: not so many */
    struct vlt_secret *passphrase; /* the text; see passphrase_from_file() */
};

/* Wipe and free what it holds.  Legal after { 0 }, and again. */
void opener_fini(struct opener *opener);

/* Read a file for unlocking.  The caller ends *out with opener_fini().  That
 * others can read it is said on stderr, here and below.
 * VLT_E_STORAGE or VLT_E_LIMIT: said on stderr. */
VLT_MUST_USE enum vlt_status opener_from_file(const char *path,
                                              struct opener *out);

/*
 * The passphrase that a file holds, 1 to KEK_PASSPHRASE_MAX bytes: one newline
 * at its end is not part of it, nor a carriage return before that, whatever
 * the length.  The caller owns *out.
 * VLT_E_STORAGE or VLT_E_LIMIT: said on stderr.
 */
VLT_MUST_USE enum vlt_status passphrase_from_file(const char *path,
                                                  struct vlt_secret **out);

/* Ask on the terminal, twice when it is a new one.  VLT_E_DENIED: there is no
 * terminal; said on stderr with the flag that would do. */
VLT_MUST_USE enum vlt_status
passphrase_from_terminal(const char *flag, bool new, struct vlt_secret **out);

/* Write a new key file of mode 0400, which must not exist; said on stderr when
 * it cannot be, or when its name may not outlast a power cut: then the file is
 * there and whole. */
VLT_MUST_USE enum vlt_status secret_to_file(const char *path,
                                            const struct vlt_secret *secret);

/* Print 24 words, which are shown once. */
void words_show(const struct vlt_secret *words);

/* ---- config.c ---- */

enum {
    CONFIG_LIST = 32, /* values of a list */
};

/* What the file and the options set; texts are owned. */
struct config {
    char *socket;
    char *listen;
    char *http;
    char *sealed;
    char *unlock_file;
    char *anchor;
    char *home;     /* country code */
    uint64_t quota; /* bytes; 0: not said */
    long workers;
    long linger_ms;
    long max_connections;
    long max_handshaking;
    long max_per_address;
    long firm_chunks;      /* 0: not said */
    uint64_t max_memory;   /* bytes; 0: not said */
    uint64_t firm_hourly;  /* likewise */
    uint64_t source_daily; /* likewise */
    bool allow_unlocked_memory;
    char *backups[CONFIG_LIST + 1]; /* NULL-ended */
    char *origins[CONFIG_LIST + 1];
    char *hosts[CONFIG_LIST + 1];
    char *dial[CONFIG_LIST + 1];
};

void config_init(struct config *config);
void config_free(struct config *config);

/* Read a file into it; every fault is said as file:line:column: what.
 * VLT_E_FORMAT: there was one.  VLT_E_STORAGE: the file cannot be read. */
VLT_MUST_USE enum vlt_status config_read(struct config *config,
                                         const char *path);

/* Take an option in place of the file's; NULL: not given. */
VLT_MUST_USE enum vlt_status config_set(char **at, const char *value);

/* ---- faults.c ---- */

/* Say in a sentence what a read that memory refuses (SIGBUS, SIGSEGV) most
 * likely means, and end: SIGBUS with EXIT_FAILED, SIGSEGV by the signal. */
void faults_catch(void);

/* ---- child.c ---- */

/*
 * Run a function in a child process, whose standard output is ours, and give
 * its exit code; one that died is told, as "command: …", and EXIT_FAILED: it
 * read what is damaged.  EXIT_NOT_RUN: there was none, or it was killed.
 * A signal that asks us to end (SIGINT, SIGTERM) kills the child first.
 */
int in_child(const char *command, int (*run)(void *ctx), void *ctx);

/* ---- inspect.c ---- */

struct store;

/*
 * Read everything of an unlocked vault, and print what it holds and each fault
 * in a line.  *good: there was none.
 * VLT_E_STORAGE: LMDB refused; VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status inspect(struct store *store, bool *good);

/* ---- warden.c ---- */

/*
 * A process that was forked before anything was opened, and starts others for
 * the daemon, which itself never forks.
 */
struct warden {
    int fd; /* to it; -1: none */
    pid_t pid;
};

struct confine_places;

/* Fork it: before threads, sockets, keys and the vault's files.  It confines
 * itself to what it needs of the places (confine.h).
 * VLT_E_STORAGE: no process or socket; said on stderr. */
VLT_MUST_USE enum vlt_status warden_start(const struct confine_places *places,
                                          struct warden *out);

/* Have a backup verified, and wait (service_verify_fn; ctx is the warden). */
VLT_MUST_USE enum vlt_status warden_verify(void *ctx, const char *path,
                                           const struct vlt_secret *key,
                                           struct vlt_buf *says, bool *good);

/* What is under way ends soon, with VLT_E_STORAGE.  Any thread. */
void warden_cancel(struct warden *warden);

/* End it.  Harmless where there is none. */
void warden_stop(struct warden *warden);

/* ---- the commands ---- */

extern const struct command cmd_init;
extern const struct command cmd_run;
extern const struct command cmd_check;
extern const struct command cmd_verify;
extern const struct command cmd_restore;
extern const struct command cmd_config;

#endif
