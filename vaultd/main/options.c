#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "main/main_internal.h"

void
complain(const char *format, ...)
{
    va_list args;

    (void)fputs("vaultd: ", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
}

static void
help(const struct command *command, const struct option *rows,
     const char **rest)
{
    (void)printf("%s\n%s", command->examples, command->words);
    (void)printf(".\n\nusage: vaultd %s", command->name);
    for (const struct option *row = rows; row->name != NULL; row++) {
        (void)printf(row->required ? " %s%s%s" : " [%s%s%s]", row->name,
                     row->value != NULL ? " " : "",
                     row->value != NULL ? row->value : "");
    }
    (void)printf("%s\n\n", rest != NULL ? " FILE" : "");
    for (const struct option *row = rows; row->name != NULL; row++) {
        (void)printf("  %-17s %s\n", row->name, row->words);
    }
}

static const struct option *
find(const struct option *rows, const char *name)
{
    for (const struct option *row = rows; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

/* The option that a mistyped one probably means; NULL: none is near. */
static const char *
near(const struct option *rows, const char *name)
{
    const char *best = NULL;
    size_t least = 3;

    for (const struct option *row = rows; row->name != NULL; row++) {
        size_t far = vlt_text_distance(row->name, name);

        if (far < least) {
            least = far;
            best = row->name;
        }
    }
    return best;
}

static int
unknown(const struct command *command, const struct option *rows,
        const char *name)
{
    const char *meant = near(rows, name);

    if (meant != NULL) {
        complain("%s: unknown option '%s'; did you mean %s?", command->name,
                 name, meant);
    } else {
        complain("%s: unknown option '%s'; vaultd %s -h lists them",
                 command->name, name, command->name);
    }
    return EXIT_USAGE;
}

static int
check_required(const struct command *command, const struct option *rows)
{
    for (const struct option *row = rows; row->name != NULL; row++) {
        if (row->required && *row->out == NULL) {
            complain("%s: %s %s is missing", command->name, row->name,
                     row->value);
            return EXIT_USAGE;
        }
    }
    return -1;
}

int
options_read(const struct command *command, const struct option *rows,
             const char **rest, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const struct option *row = find(rows, argv[i]);

        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            help(command, rows, rest);
            return EXIT_DONE;
        }
        if (row == NULL && rest != NULL && argv[i][0] != '-' && *rest == NULL) {
            *rest = argv[i];
            continue;
        }
        if (row == NULL) {
            return unknown(command, rows, argv[i]);
        }
        if (*row->out != NULL) {
            complain("%s: %s is given twice", command->name, row->name);
            return EXIT_USAGE;
        }
        if (row->value == NULL) {
            *row->out = "";
            continue;
        }
        if (++i == argc) {
            complain("%s: %s needs %s", command->name, row->name, row->value);
            return EXIT_USAGE;
        }
        *row->out = argv[i];
    }
    return check_required(command, rows);
}
