/*
 * vaultd: the daemon, and the few commands that need a vault's files with
 * nobody else at them.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "json/json.h"

#include "main/main_internal.h"

static const struct command *const commands[] = {
    &cmd_init, &cmd_run, &cmd_check, &cmd_verify, &cmd_restore, &cmd_config,
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void
help(FILE *to)
{
    (void)fprintf(to, "usage: vaultd COMMAND [OPTION…]\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)fprintf(to, "  %-13s %s\n", commands[i]->name,
                      commands[i]->words);
    }
    (void)fprintf(to, "\n  vaultd COMMAND -h tells more.\n");
}

/* For every command, since each may hold a secret: no core file, nobody of the
 * same user looks in, no privileges by what it might start, and files for the
 * owner alone.  What a system refuses of it is no reason to stop. */
static void
narrow_process(void)
{
    struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)umask(0077);
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
        help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        (void)printf("vaultd %s\n", VAULT_VERSION);
        return EXIT_DONE;
    }
    narrow_process();
    vlt_json_own_memory();
    if (vlt_secret_init() != VLT_OK) {
        complain("no randomness from the system");
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i]->name) == 0) {
            return commands[i]->run(argc - 2, argv + 2);
        }
    }
    complain("there is no command '%s'; vaultd -h lists them", argv[1]);
    return EXIT_USAGE;
}
