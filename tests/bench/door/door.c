/*
 * bench_door WHERE VERB NUMBER…: what firms get through the door of a vault,
 * or what a bare server gives that is asked the same.  WHERE is the folder of
 * bench_settle, or the port of bench_echo.  Verbs and their numbers are those
 * of door.h.
 */
#include "door.h"

#include <string.h>

#include "../bench.h"
#include "crypto/secret.h"

enum { ARGS = 3 }; /* before those of a verb */

static const struct {
    const char *verb;
    int args;
    bool bare; /* may be asked of a bare server */
    door_verb *run;
} verbs[] = {
    { "latest", 3, true, door_latest },
    { "hour", 2, false, door_hour },
    { "scan", 3, false, door_scan },
    { "push", 2, true, door_push },
    { "flow", 2, false, door_flow },
    { "delay", 2, false, door_delay },
    { "idle", 1, true, door_idle },
    { "handshakes", 2, true, door_handshakes },
};

int
main(int argc, char **argv)
{
    static struct house house;

    if (argc < ARGS || vlt_secret_init() != VLT_OK) {
        bench_die("usage: bench_door WHERE VERB NUMBER…", 0);
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(argv[2], verbs[i].verb) != 0 ||
            argc != ARGS + verbs[i].args) {
            continue;
        }
        house_open(&house, argv[1]);
        if (house.bare && !verbs[i].bare) {
            bench_die("a bare server has no rows", 0);
        }
        verbs[i].run(&house, argv + ARGS);
        house_close(&house);
        return 0;
    }
    bench_die("bench_door: no such verb with so many numbers", 0);
}
