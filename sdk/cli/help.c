#include "cli/help.h"

#include <string.h>

#include "base/text.h"

enum { INDENT = 2, GAP = 2, NAMES = 16 };

static void
pad(struct vlt_buf *out, size_t used, size_t width)
{
    for (size_t i = used; i < width; i++) {
        vlt_buf_put_u8(out, ' ');
    }
}

static void
put_examples(const char *program, const char *const examples[2],
             struct vlt_buf *out)
{
    for (size_t i = 0; i < 2 && examples[i] != NULL; i++) {
        vlt_buf_printf(out, "  %s %s\n", program, examples[i]);
    }
}

/* "--from TIME" */
static size_t
option_width(const struct args_option *option)
{
    size_t value = option->value == NULL
                       ? 0
                       : 1 + vlt_utf8_count(vlt_slice_text(option->value));

    return 2 + strlen(option->name) + value;
}

static void
put_options(const struct args_option *options, struct vlt_buf *out)
{
    size_t widest = 0;
    const struct args_option *o;

    for (o = options; o != NULL && o->name != NULL; o++) {
        size_t width = o->says != NULL ? option_width(o) : 0;

        widest = width > widest ? width : widest;
    }
    for (o = options; o != NULL && o->name != NULL; o++) {
        if (o->says == NULL) {
            continue;
        }
        vlt_buf_printf(out, "  --%s%s%s", o->name, o->value != NULL ? " " : "",
                       o->value != NULL ? o->value : "");
        pad(out, option_width(o), widest + GAP);
        vlt_buf_printf(out, "%s%s\n", o->says,
                       o->repeats ? " (may be repeated)" : "");
    }
}

/* Is there one that is not to come? */
static bool
has_options(const struct args_option *options)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (options->says != NULL) {
            return true;
        }
    }
    return false;
}

static bool
to_come(const struct args_command *command)
{
    return command->run == NULL && command->verbs == NULL;
}

static void
put_commands(const struct args_command *commands, struct vlt_buf *out)
{
    bool later = false;

    for (const struct args_command *c = commands; c->name != NULL; c++) {
        if (to_come(c)) {
            later = true;
            continue;
        }
        vlt_buf_printf(out, "  %s", c->name);
        pad(out, strlen(c->name), NAMES);
        vlt_buf_printf(out, "%s\n", c->says);
    }
    if (!later) {
        return;
    }
    vlt_buf_put_text(out, "\nto come, not in this version:");
    for (const struct args_command *c = commands; c->name != NULL; c++) {
        if (to_come(c)) {
            vlt_buf_printf(out, " %s", c->name);
        }
    }
    vlt_buf_put_text(out, "\n");
}

static void
help_program(const struct args_program *program, struct vlt_buf *out)
{
    vlt_buf_printf(out, "%s: %s\n\n", program->name, program->says);
    put_examples(program->name, program->examples, out);
    vlt_buf_put_text(out, "\n");
    put_commands(program->commands, out);
    vlt_buf_put_text(out, "\noptions of every command:\n");
    put_options(program->options, out);
    vlt_buf_printf(out,
                   "\n%s COMMAND -h tells more of each, %s --version which "
                   "version this is.\n",
                   program->name, program->name);
}

static void
help_command(const struct args *args, struct vlt_buf *out)
{
    const struct args_command *command = args->command;

    args_path(args, out);
    vlt_buf_printf(out, ": %s\n\n", command->says);
    put_examples(args->program->name, command->examples, out);
    if (command->verbs != NULL) {
        vlt_buf_put_text(out, "\n");
        put_commands(command->verbs, out);
        return;
    }
    vlt_buf_put_text(out, "\nusage: ");
    args_path(args, out);
    if (command->takes != NULL) {
        vlt_buf_printf(out, " %s", command->takes);
    }
    if (has_options(command->options)) {
        vlt_buf_put_text(out, " [options]\n\n");
        put_options(command->options, out);
    } else {
        vlt_buf_put_text(out, "\n");
    }
    if (command->more != NULL) {
        vlt_buf_printf(out, "\n%s", command->more);
    }
    if (args->program->options != NULL) {
        vlt_buf_put_text(out, "\noptions of every command:\n");
        put_options(args->program->options, out);
    }
}

void
help_put(const struct args *args, struct vlt_buf *out)
{
    if (args->command == NULL) {
        help_program(args->program, out);
    } else {
        help_command(args, out);
    }
}
