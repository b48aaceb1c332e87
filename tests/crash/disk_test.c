/* What a cut may leave, and what it may not. */
#define _GNU_SOURCE /* O_DSYNC, mkdtemp() */

#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"

enum { ROOT_FD = 3, FILE_FD = 4, META_FD = 5, TRIES = 300 };

/* A disk, and the folder that it is made in. */
struct bench {
    struct disk *disk;
    char folder[40];
};

static void
take(struct bench *b, enum trace_what what, int fd, const char *more)
{
    struct trace_event event = { .what = what,
                                 .fd = fd,
                                 .more = (uint32_t)strlen(more) };

    assert_null(disk_take(b->disk, &event, more));
}

static void
take_open(struct bench *b, int fd, const char *name, int flags)
{
    struct trace_event event = { .what = TRACE_OPEN,
                                 .fd = fd,
                                 .flags = (uint32_t)flags,
                                 .more = (uint32_t)strlen(name) };

    assert_null(disk_take(b->disk, &event, name));
}

static void
take_write(struct bench *b, int fd, uint64_t at, const char *bytes)
{
    struct trace_event event = {
        .what = TRACE_WRITE, .fd = fd, .at = at, .more = (uint32_t)strlen(bytes)
    };

    assert_null(disk_take(b->disk, &event, bytes));
}

static void
take_rename(struct bench *b)
{
    static const char names[] = "file\0other";
    struct trace_event event = { .what = TRACE_RENAME,
                                 .more = sizeof names - 1 };

    assert_null(disk_take(b->disk, &event, names));
}

/* A file that is there for good and says "old old". */
static void
begin(struct bench *b)
{
    (void)snprintf(b->folder, sizeof b->folder, "/tmp/vault-disk-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    b->disk = disk_new();
    take_open(b, ROOT_FD, "", O_RDONLY);
    take_open(b, FILE_FD, "file", O_RDWR | O_CREAT);
    take_write(b, FILE_FD, 0, "old old");
    take(b, TRACE_SYNC, FILE_FD, "");
    take(b, TRACE_SYNC, ROOT_FD, "");
}

static void
end(struct bench *b)
{
    disk_free(b->disk);
    assert_true(disk_empty(b->folder));
    assert_int_equal(rmdir(b->folder), 0);
}

/* What a file holds on one of the disks; "-": it is not there. */
static const char *
shown(struct bench *b, const struct disk_choice *choice, const char *name)
{
    static char text[2000];
    char path[80];
    size_t len;

    assert_true(disk_build(b->disk, choice, b->folder));
    (void)snprintf(path, sizeof path, "%s/%s", b->folder, name);
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        return "-";
    }
    len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    assert_int_equal(fclose(file), 0);
    return text;
}

static const struct disk_choice lost = { .data = DISK_LOST,
                                         .names = DISK_NAMES_LOST,
                                         .sector = 512 };
static const struct disk_choice all = { .data = DISK_ALL,
                                        .names = DISK_NAMES_ALL,
                                        .sector = 512 };

static void
what_was_synced_is_there(void **state)
{
    struct bench b;

    begin(&b);
    assert_false(disk_data_pending(b.disk));
    assert_false(disk_names_pending(b.disk));
    assert_string_equal(shown(&b, &lost, "file"), "old old");
    assert_string_equal(shown(&b, &all, "file"), "old old");
    end(&b);
}

static void
what_was_not_may_be_there_or_not(void **state)
{
    struct bench b;

    begin(&b);
    take_write(&b, FILE_FD, 4, "new");
    assert_true(disk_data_pending(b.disk));
    assert_string_equal(shown(&b, &lost, "file"), "old old");
    assert_string_equal(shown(&b, &all, "file"), "old new");
    take(&b, TRACE_SYNC, FILE_FD, "");
    assert_string_equal(shown(&b, &lost, "file"), "old new");
    end(&b);
}

/* As LMDB writes its meta page: no sync follows. */
static void
a_write_through_o_dsync_is_there_when_it_has_returned(void **state)
{
    struct bench b;

    begin(&b);
    take_open(&b, META_FD, "file", O_WRONLY | O_DSYNC);
    take_write(&b, FILE_FD, 0, "NEW");
    take_write(&b, META_FD, 4, "new");
    assert_string_equal(shown(&b, &lost, "file"), "old old");
    take(&b, TRACE_MARK, 0, "done 1\n");
    assert_string_equal(shown(&b, &lost, "file"), "old new");
    assert_string_equal(shown(&b, &all, "file"), "NEW new");
    end(&b);
}

static void
a_name_is_there_when_its_folder_was_synced(void **state)
{
    struct bench b;

    begin(&b);
    take_rename(&b);
    assert_true(disk_names_pending(b.disk));
    assert_string_equal(shown(&b, &lost, "file"), "old old");
    assert_string_equal(shown(&b, &lost, "other"), "-");
    assert_string_equal(shown(&b, &all, "file"), "-");
    assert_string_equal(shown(&b, &all, "other"), "old old");
    take(&b, TRACE_SYNC, FILE_FD, "");
    assert_string_equal(shown(&b, &lost, "other"), "-");
    take(&b, TRACE_SYNC, ROOT_FD, "");
    assert_string_equal(shown(&b, &lost, "other"), "old old");
    end(&b);
}

/* Four sectors of a, of which a b is written over the middle: each sector is
 * whole, old or new, and all sixteen disks come up. */
static void
sectors_come_one_by_one_and_whole(void **state)
{
    struct disk_choice choice = { .data = DISK_SECTORS, .sector = 512 };
    unsigned seen = 0;
    char text[2049];
    struct bench b;

    begin(&b);
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    take_write(&b, FILE_FD, 0, text);
    take(&b, TRACE_SYNC, FILE_FD, "");
    memset(text, 'b', sizeof text - 1);
    take_write(&b, FILE_FD, 0, text);
    for (int i = 0; i < TRIES; i++) {
        unsigned which = 0;

        choice.random = (uint64_t)i;
        const char *is = shown(&b, &choice, "file");

        for (unsigned j = 0; j < 1999; j++) {
            assert_int_equal(is[j], is[j / 512 * 512]);
            which |= (unsigned)(is[j] == 'b') << j / 512;
        }
        seen |= 1U << which;
    }
    assert_int_equal(seen, 0xffff);
    end(&b);
}

/* Nothing comes before what was written earlier, in a prefix. */
static void
a_prefix_keeps_the_order(void **state)
{
    struct disk_choice choice = { .data = DISK_PREFIX, .sector = 512 };
    struct bench b;

    begin(&b);
    take_write(&b, FILE_FD, 0, "NEW");
    take_write(&b, FILE_FD, 4, "new");
    for (int i = 0; i < TRIES; i++) {
        choice.random = (uint64_t)i;
        assert_string_not_equal(shown(&b, &choice, "file"), "old new");
    }
    end(&b);
}

static void
what_cannot_be_followed_is_refused(void **state)
{
    struct trace_event event = { .what = TRACE_MAP, .fd = FILE_FD };
    struct bench b;

    begin(&b);
    assert_non_null(disk_take(b.disk, &event, ""));
    event = (struct trace_event){ .what = TRACE_UNKNOWN };
    assert_non_null(disk_take(b.disk, &event, ""));
    event = (struct trace_event){ .what = TRACE_SYNC, .fd = META_FD };
    assert_non_null(disk_take(b.disk, &event, ""));
    end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_synced_is_there),
        cmocka_unit_test(what_was_not_may_be_there_or_not),
        cmocka_unit_test(a_write_through_o_dsync_is_there_when_it_has_returned),
        cmocka_unit_test(a_name_is_there_when_its_folder_was_synced),
        cmocka_unit_test(sectors_come_one_by_one_and_whole),
        cmocka_unit_test(a_prefix_keeps_the_order),
        cmocka_unit_test(what_cannot_be_followed_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
