#include "vaultctl/vaultctl.h"

static const struct view_column columns[] = {
    { "state", "state", VIEW_TEXT },
    { "of", "name", VIEW_TEXT },
    { "says", "says", VIEW_TEXT },
    { .head = NULL },
};

int
cmd_doctor(struct run *run)
{
    run_params(run, false);
    int code = run_ask(run, "vault.doctor");

    if (code != RUN_DONE) {
        return code;
    }
    if (run->json) {
        run_print_answer(run);
    } else {
        view_table(run, columns, vlt_json_get(run->result, "checks"));
    }
    return vlt_json_bool_of(vlt_json_get(run->result, "ok")) ? RUN_DONE
                                                             : RUN_FAILED;
}
