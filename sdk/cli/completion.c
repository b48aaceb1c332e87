/*
 * bash and zsh get one function, which looks at the words before the cursor,
 * options apart: the first names the command, the second its verb.  Behind them
 * it completes options, and leaves the rest to the shell, which knows files.
 * What is to come is not completed.
 */
#include "cli/completion.h"

#include <string.h>

static bool
to_come(const struct args_command *command)
{
    return command->run == NULL && command->verbs == NULL;
}

/* ---- bash, and zsh by its bashcompinit ---- */

static void
put_names(const struct args_command *commands, struct vlt_buf *out)
{
    bool first = true;

    for (const struct args_command *c = commands; c->name != NULL; c++) {
        if (!to_come(c)) {
            vlt_buf_printf(out, "%s%s", first ? "" : " ", c->name);
            first = false;
        }
    }
}

static void
put_options(const struct args_option *options, struct vlt_buf *out)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (options->says != NULL) {
            vlt_buf_printf(out, " --%s", options->name);
        }
    }
}

/* One command's row of a case: its options and those of every command. */
static void
put_row(const struct args_program *program, const char *noun,
        const struct args_command *command, struct vlt_buf *out)
{
    vlt_buf_printf(out, "    '%s%s%s') words='-h", noun,
                   noun[0] != '\0' ? " " : "", command->name);
    put_options(command->options, out);
    put_options(program->options, out);
    vlt_buf_put_text(out, "' ;;\n");
}

static void
put_rows(const struct args_program *program, struct vlt_buf *out)
{
    for (const struct args_command *c = program->commands; c->name != NULL;
         c++) {
        if (to_come(c)) {
            continue;
        }
        if (c->verbs == NULL) {
            put_row(program, "", c, out);
            continue;
        }
        vlt_buf_printf(out, "    '%s') words='", c->name);
        put_names(c->verbs, out);
        vlt_buf_put_text(out, "' ;;\n");
        for (const struct args_command *v = c->verbs; v->name != NULL; v++) {
            if (!to_come(v)) {
                put_row(program, c->name, v, out);
            }
        }
    }
}

/* The names of commands that have verbs, as a pattern. */
static void
put_nouns(const struct args_program *program, struct vlt_buf *out)
{
    const char *between = "";

    for (const struct args_command *c = program->commands; c->name != NULL;
         c++) {
        if (c->verbs != NULL) {
            vlt_buf_printf(out, "%s%s", between, c->name);
            between = "|";
        }
    }
}

static void
put_bash(const struct args_program *program, struct vlt_buf *out)
{
    const char *name = program->name;

    vlt_buf_printf(out,
                   "_%s()\n"
                   "{\n"
                   "    local cur=\"${COMP_WORDS[COMP_CWORD]}\" noun= verb= "
                   "words= i\n"
                   "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                   "        case \"${COMP_WORDS[i]}\" in\n"
                   "        -*) continue ;;\n"
                   "        esac\n"
                   "        if [ -z \"$noun\" ]; then\n"
                   "            noun=\"${COMP_WORDS[i]}\"\n"
                   "        elif [ -z \"$verb\" ]; then\n"
                   "            case \"$noun\" in\n"
                   "            ",
                   name);
    put_nouns(program, out);
    vlt_buf_put_text(out, ") verb=\" ${COMP_WORDS[i]}\" ;;\n"
                          "            esac\n"
                          "        fi\n"
                          "    done\n"
                          "    case \"$noun$verb\" in\n"
                          "    '') words='");
    put_names(program->commands, out);
    vlt_buf_put_text(out, "' ;;\n");
    put_rows(program, out);
    vlt_buf_printf(out,
                   "    esac\n"
                   "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                   "}\n"
                   "complete -o default -F _%s %s\n",
                   name, name);
}

static void
put_zsh(const struct args_program *program, struct vlt_buf *out)
{
    vlt_buf_put_text(out, "autoload -U +X compinit && compinit\n"
                          "autoload -U +X bashcompinit && bashcompinit\n");
    put_bash(program, out);
}

/* ---- fish ---- */

/* In single quotes. */
static void
put_quoted(const char *text, struct vlt_buf *out)
{
    vlt_buf_put_u8(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') {
            vlt_buf_put_u8(out, '\\');
        }
        vlt_buf_put_u8(out, (uint8_t)*text);
    }
    vlt_buf_put_u8(out, '\'');
}

static void
put_fish_command(const char *program, const char *when,
                 const struct args_command *command, struct vlt_buf *out)
{
    vlt_buf_printf(out, "complete -c %s -f -n '%s' -a %s -d ", program, when,
                   command->name);
    put_quoted(command->says, out);
    vlt_buf_put_text(out, "\n");
}

static void
put_fish_options(const char *program, const char *when,
                 const struct args_option *options, struct vlt_buf *out)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (options->says == NULL) {
            continue;
        }
        vlt_buf_printf(out, "complete -c %s", program);
        if (when != NULL) {
            vlt_buf_printf(out, " -n '%s'", when);
        }
        vlt_buf_printf(out, " -l %s%s -d ", options->name,
                       options->value != NULL ? " -r" : "");
        put_quoted(options->says, out);
        vlt_buf_put_text(out, "\n");
    }
}

/* A noun's verbs, and the options of each. */
static void
put_fish_verbs(const char *program, const struct args_command *noun,
               struct vlt_buf *out)
{
    struct vlt_buf when = { 0 };

    for (const struct args_command *v = noun->verbs; v->name != NULL; v++) {
        if (to_come(v)) {
            continue;
        }
        vlt_buf_clear(&when);
        vlt_buf_printf(&when,
                       "__fish_seen_subcommand_from %s; and not "
                       "__fish_seen_subcommand_from ",
                       noun->name);
        put_names(noun->verbs, &when);
        put_fish_command(program, vlt_buf_text(&when), v, out);
        vlt_buf_clear(&when);
        vlt_buf_printf(&when,
                       "__fish_seen_subcommand_from %s; and "
                       "__fish_seen_subcommand_from %s",
                       noun->name, v->name);
        put_fish_options(program, vlt_buf_text(&when), v->options, out);
    }
    vlt_buf_free(&when);
}

static void
put_fish(const struct args_program *program, struct vlt_buf *out)
{
    struct vlt_buf when = { 0 };

    put_fish_options(program->name, NULL, program->options, out);
    for (const struct args_command *c = program->commands; c->name != NULL;
         c++) {
        if (to_come(c)) {
            continue;
        }
        put_fish_command(program->name, "__fish_use_subcommand", c, out);
        if (c->verbs != NULL) {
            put_fish_verbs(program->name, c, out);
            continue;
        }
        vlt_buf_clear(&when);
        vlt_buf_printf(&when, "__fish_seen_subcommand_from %s", c->name);
        put_fish_options(program->name, vlt_buf_text(&when), c->options, out);
    }
    vlt_buf_free(&when);
}

/* ---- either ---- */

bool
completion_put(const struct args_program *program, const char *shell,
               struct vlt_buf *out)
{
    static const struct {
        const char *name;
        void (*put)(const struct args_program *program, struct vlt_buf *out);
    } shells[] = { { "bash", put_bash },
                   { "zsh", put_zsh },
                   { "fish", put_fish } };

    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].put(program, out);
            return true;
        }
    }
    return false;
}

int
completion_run(struct run *run)
{
    const char *shell = args_word(run->args, 0);

    return completion_put(&run->program->args, shell, &run->text)
               ? RUN_DONE
               : run_says(run, RUN_USAGE,
                          "\"%s\" is no shell that is known here; type bash, "
                          "zsh or fish",
                          shell);
}
