#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/help.h"
#include "cli/near.h"

/* What is being read. */
struct reading {
    char *const *argv;
    int argc, at;
    struct args *args;
    struct vlt_buf *says;
    const struct args_option *list; /* the one whose value came last */
    bool help, only_words;
};

static const struct args_command *
command_named(const struct args_command *commands, const char *name)
{
    for (; commands != NULL && commands->name != NULL; commands++) {
        if (strcmp(commands->name, name) == 0) {
            return commands;
        }
    }
    return NULL;
}

/* An option of this table whose name is the first len bytes of text. */
static const struct args_option *
option_in(const struct args_option *options, const char *text, size_t len)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (strlen(options->name) == len &&
            strncmp(options->name, text, len) == 0) {
            return options;
        }
    }
    return NULL;
}

static const struct args_option *
option_named(const struct args *args, const char *text, size_t len)
{
    const struct args_option *found = NULL;

    if (args->command != NULL) {
        found = option_in(args->command->options, text, len);
    }
    return found != NULL ? found : option_in(args->program->options, text, len);
}

void
args_path(const struct args *args, struct vlt_buf *out)
{
    vlt_buf_put_text(out, args->program->name);
    if (args->noun != NULL) {
        vlt_buf_printf(out, " %s", args->noun->name);
    }
    if (args->command != NULL) {
        vlt_buf_printf(out, " %s", args->command->name);
    }
}

static enum args_outcome
wrong(struct reading *r)
{
    vlt_buf_put_text(r->says, "; type: ");
    args_path(r->args, r->says);
    vlt_buf_put_text(r->says, " -h\n");
    return ARGS_WRONG;
}

static enum args_outcome
unknown_word(struct reading *r, const struct args_command *commands,
             const char *word)
{
    struct near near = { .word = word };

    for (; commands != NULL && commands->name != NULL; commands++) {
        near_try(&near, commands->name);
    }
    args_path(r->args, r->says);
    vlt_buf_put_text(r->says, ": there is no command \"");
    vlt_text_put_escaped(r->says, vlt_slice_text(word));
    vlt_buf_put_text(r->says, "\"");
    near_put(&near, "", r->says);
    return wrong(r);
}

static enum args_outcome
unknown_option(struct reading *r, const char *text, size_t len)
{
    char name[64] = "";
    struct near near = { .word = name };
    const struct args_option *tables[2] = {
        r->args->command != NULL ? r->args->command->options : NULL,
        r->args->program->options,
    };

    memcpy(name, text, len < sizeof name ? len : sizeof name - 1);
    for (size_t i = 0; i < 2; i++) {
        const struct args_option *o = tables[i];

        for (; o != NULL && o->name != NULL; o++) {
            if (o->says != NULL) {
                near_try(&near, o->name);
            }
        }
    }
    args_path(r->args, r->says);
    vlt_buf_put_text(r->says, ": there is no option --");
    vlt_text_put_escaped(r->says, vlt_slice_of(text, len));
    near_put(&near, "--", r->says);
    return wrong(r);
}

static enum args_outcome
put_to_come(struct reading *r, const struct args_option *option)
{
    args_path(r->args, r->says);
    vlt_buf_printf(r->says,
                   ": --%s is to come; this version of the vault does not "
                   "have it yet",
                   option->name);
    return wrong(r);
}

static enum args_outcome
on_option(struct reading *r, const char *text)
{
    struct args *args = r->args;
    const char *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);
    const struct args_option *option = option_named(args, text, len);
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (option == NULL) {
        return unknown_option(r, text, len);
    }
    if (option->says == NULL) {
        return put_to_come(r, option);
    }
    if (option->value == NULL && value != NULL) {
        args_path(args, r->says);
        vlt_buf_printf(r->says, ": --%s takes no value", option->name);
        return wrong(r);
    }
    if (option->value != NULL && value == NULL) {
        if (r->at >= r->argc) {
            args_path(args, r->says);
            vlt_buf_printf(r->says, ": --%s needs a value, --%s %s",
                           option->name, option->name, option->value);
            return wrong(r);
        }
        value = r->argv[r->at++];
    }
    if (!option->repeats && args_has(args, option->name)) {
        args_path(args, r->says);
        vlt_buf_printf(r->says, ": --%s is given twice", option->name);
        return wrong(r);
    }
    args->given[args->given_count++] =
        (struct args_given){ .option = option, .value = value };
    r->list = option->repeats && option->value != NULL ? option : NULL;
    return ARGS_RUN;
}

static enum args_outcome
on_word(struct reading *r, const char *word)
{
    struct args *args = r->args;

    if (args->command == NULL ||
        (args->noun == NULL && args->command->verbs != NULL)) {
        const struct args_command *among = args->command == NULL
                                               ? args->program->commands
                                               : args->command->verbs;
        const struct args_command *found = command_named(among, word);

        if (found == NULL) {
            return unknown_word(r, among, word);
        }
        args->noun = args->command;
        args->command = found;
        return ARGS_RUN;
    }
    if (args->count >= args->command->max && r->list != NULL) {
        args->given[args->given_count++] =
            (struct args_given){ .option = r->list, .value = word };
        return ARGS_RUN;
    }
    args->words[args->count++] = word;
    return ARGS_RUN;
}

/* -5 is a number, - is a file: words. */
static bool
is_option(const struct reading *r, const char *text)
{
    return !r->only_words && text[0] == '-' && text[1] != '\0' &&
           !(text[1] >= '0' && text[1] <= '9');
}

static enum args_outcome
on_argument(struct reading *r)
{
    const char *text = r->argv[r->at++];

    if (!is_option(r, text)) {
        return on_word(r, text);
    }
    if (strcmp(text, "--") == 0) {
        r->only_words = true;
        return ARGS_RUN;
    }
    if (strcmp(text, "-h") == 0 || strcmp(text, "--help") == 0) {
        r->help = true;
        return ARGS_RUN;
    }
    if (strcmp(text, "--version") == 0 && r->args->command == NULL) {
        return on_word(r, "version");
    }
    if (text[1] != '-') {
        args_path(r->args, r->says);
        vlt_buf_put_text(r->says, ": there is no option ");
        vlt_text_put_escaped(r->says, vlt_slice_text(text));
        return wrong(r);
    }
    return on_option(r, text + 2);
}

/* All is read: is it a whole command? */
static enum args_outcome
whole(struct reading *r)
{
    const struct args *args = r->args;
    const struct args_command *command = args->command;

    if (r->help) {
        help_put(args, r->says);
        return ARGS_HELP;
    }
    if (command == NULL || command->verbs != NULL) {
        help_put(args, r->says);
        return ARGS_WRONG;
    }
    if (command->run == NULL) {
        args_path(args, r->says);
        vlt_buf_put_text(r->says, ": this is to come; this version of the "
                                  "vault does not have it yet");
        return wrong(r);
    }
    if (args->count < command->min || args->count > command->max) {
        args_path(args, r->says);
        vlt_buf_put_text(r->says, args->count < command->min
                                      ? ": something is missing: "
                                      : ": that is too much: ");
        args_path(args, r->says);
        vlt_buf_printf(r->says, "%s%s", command->takes != NULL ? " " : "",
                       command->takes != NULL ? command->takes : "");
        return wrong(r);
    }
    return ARGS_RUN;
}

enum args_outcome
args_read(const struct args_program *program, int argc, char *const *argv,
          struct vlt_buf *says, struct args *out)
{
    size_t room = argc > 0 ? (size_t)argc : 1;
    struct args args = {
        .program = program,
        .words = calloc(room, sizeof *args.words),
        .given = calloc(room, sizeof *args.given),
    };
    struct reading r = {
        .argv = argv, .argc = argc, .at = 1, .args = &args, .says = says
    };
    enum args_outcome outcome = ARGS_RUN;

    if (args.words == NULL || args.given == NULL) {
        vlt_buf_printf(says, "%s: out of memory\n", program->name);
        outcome = ARGS_WRONG;
    }
    while (outcome == ARGS_RUN && r.at < r.argc) {
        outcome = on_argument(&r);
    }
    if (outcome == ARGS_RUN) {
        outcome = whole(&r);
    }
    if (outcome != ARGS_RUN) {
        args_free(&args);
        return outcome;
    }
    *out = args;
    return ARGS_RUN;
}

void
args_free(struct args *args)
{
    free(args->words);
    free(args->given);
    args->words = NULL;
    args->given = NULL;
}

const char *
args_each(const struct args *args, const char *name, size_t i)
{
    for (size_t k = 0; k < args->given_count; k++) {
        if (strcmp(args->given[k].option->name, name) == 0 && i-- == 0) {
            return args->given[k].value;
        }
    }
    return NULL;
}

bool
args_has(const struct args *args, const char *name)
{
    for (size_t k = 0; k < args->given_count; k++) {
        if (strcmp(args->given[k].option->name, name) == 0) {
            return true;
        }
    }
    return false;
}

const char *
args_value(const struct args *args, const char *name)
{
    const char *value = NULL;

    for (size_t k = 0; k < args->given_count; k++) {
        if (strcmp(args->given[k].option->name, name) == 0) {
            value = args->given[k].value;
        }
    }
    return value;
}

const char *
args_word(const struct args *args, size_t i)
{
    return i < args->count ? args->words[i] : NULL;
}
