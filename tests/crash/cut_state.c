/* One state: a disk is made and judged. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cut.h"

enum {
    PATIENCE = 60, /* seconds that a state may take */
    SHOWN = 10,    /* bad states that are told of, in each process */
    USED = 16,     /* of so many states one is worked with */
};

struct variant {
    enum disk_data data;
    enum disk_names names;
    unsigned sector;
};

/* What is tried after each event. */
static const struct variant variants[CUT_VARIANTS] = {
    { DISK_LOST, DISK_NAMES_LOST, 512 },
    { DISK_ALL, DISK_NAMES_ALL, 512 },
    { DISK_LOST, DISK_NAMES_ALL, 512 }, /* names came early */
    { DISK_ALL, DISK_NAMES_LOST, 512 },
    { DISK_PREFIX, DISK_NAMES_SOME, 512 },
    { DISK_SECTORS, DISK_NAMES_LOST, 512 },
    { DISK_SECTORS, DISK_NAMES_ALL, 4096 },
    { DISK_SECTORS, DISK_NAMES_SOME, 512 },
    { DISK_SECTORS, DISK_NAMES_SOME, 4096 },
    { DISK_SECTORS, DISK_NAMES_SOME, 512 },
    { DISK_SECTORS, DISK_NAMES_SOME, 4096 },
    { DISK_SECTORS, DISK_NAMES_ALL, 512 },
    { DISK_SECTORS, DISK_NAMES_LOST, 4096 },
};

/* In a child, so that it may crash and keeps nothing. */
static int
judge_apart(const struct judge_case *what, char why[JUDGE_WHY])
{
    int ends[2];
    int status = -1;
    ssize_t len;

    if (pipe(ends) != 0) {
        return -1;
    }
    pid_t child = fork();

    if (child == 0) {
        (void)alarm(PATIENCE);
        bool good = judge(what, why);

        if (!good) {
            (void)!write(ends[1], why, strnlen(why, JUDGE_WHY));
        }
        _exit(good ? 0 : 1);
    }
    (void)close(ends[1]);
    len = read(ends[0], why, JUDGE_WHY - 1);
    why[len > 0 ? len : 0] = '\0';
    (void)close(ends[0]);
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return -1;
    }
    return status;
}

static void
tell(const struct cut_walk *walk, unsigned number, int status, const char *why)
{
    static const char *const data[] = { "no bytes", "all bytes",
                                        "a prefix of the bytes", "sectors" };
    static const char *const names[] = { "no names", "all names",
                                         "some names" };
    const struct variant *variant = &variants[number];
    char crash[40] = "";

    if (WIFSIGNALED(status)) {
        (void)snprintf(crash, sizeof crash, "signal %d ", WTERMSIG(status));
    }
    (void)fprintf(stderr,
                  "bad: state %llu:%u, %s of %u and %s, %u of %u operations "
                  "done: %s%s\n",
                  (unsigned long long)walk->cut, number, data[variant->data],
                  variant->sector, names[variant->names], walk->marks.done,
                  walk->marks.sent, crash, why);
}

void
cut_try(struct cut_walk *walk, unsigned number)
{
    const struct cut_run *run = walk->run;
    struct disk_choice choice = {
        .data = variants[number].data,
        .names = variants[number].names,
        .sector = variants[number].sector,
        .random = run->seed ^ (walk->cut * CUT_VARIANTS + number)
    };
    struct judge_case what = { .folder = walk->folder,
                               .marks = walk->marks,
                               .use = walk->chosen % USED == 0 };
    char why[JUDGE_WHY] = "";

    if (!disk_build(walk->disk, &choice, walk->folder)) {
        perror("cut: cannot make a disk");
        run->counts->broken = true;
        return;
    }
    int status = judge_apart(&what, why);

    run->counts->states++;
    if (status == -1) {
        run->counts->broken = true;
    } else if (status != 0) {
        run->counts->bad++;
        run->counts->crashed += WIFSIGNALED(status) != 0;
        if (walk->shown++ < SHOWN) {
            tell(walk, number, status, why);
        }
    }
}

bool
cut_doubles(const struct cut_walk *walk, unsigned number)
{
    bool data = disk_data_pending(walk->disk);
    bool names = disk_names_pending(walk->disk);

    if (!data && !names) {
        return number > 0;
    }
    if (!names) {
        return number == 2 || number == 3;
    }
    return !data && variants[number].data == DISK_SECTORS &&
           variants[number].names != DISK_NAMES_SOME;
}
