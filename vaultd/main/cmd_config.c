#include <stdio.h>

#include "main/main_internal.h"

static int
run(int argc, char **argv)
{
    const struct option rows[] = { { .name = NULL } };
    const char *path = NULL;
    struct config config;
    int code = options_read(&cmd_config, rows, &path, argc, argv);

    if (code >= 0) {
        return code;
    }
    if (path == NULL) {
        complain("check-config: FILE is missing");
        return EXIT_USAGE;
    }
    config_init(&config);

    enum vlt_status st = config_read(&config, path);

    config_free(&config);
    if (st != VLT_OK) {
        return st == VLT_E_FORMAT ? EXIT_USAGE : EXIT_FAILED;
    }
    (void)printf("%s: good\n", path);
    return EXIT_DONE;
}

const struct command cmd_config = {
    .name = "check-config",
    .words = "read a configuration file and say what is wrong with it",
    .examples = "  vaultd check-config /etc/vaultd/vaultd.yaml\n"
                "  vaultd check-config ./vaultd.yaml\n",
    .run = run,
};
