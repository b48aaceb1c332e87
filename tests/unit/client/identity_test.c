/*
 * An identity's key: from its file, a callback, or a descriptor.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vault/vault.h>

#include "unit.h"

enum { SEED = 32, PATH = 64 };

static char folder[PATH];
static char key_path[PATH + 8];
static unsigned char seed[SEED];

/* A firm, and its seed. */
static int
make(void **state)
{
    char dir[] = "/tmp/identity-XXXXXX";
    int fd;

    (void)state;
    if (mkdtemp(dir) == NULL) {
        return -1;
    }
    snprintf(folder, sizeof folder, "%s/firm", dir);
    snprintf(key_path, sizeof key_path, "%s/key", folder);
    if (vault_identity_make(folder, "acme") != VAULT_OK) {
        return -1;
    }
    fd = open(key_path, O_RDONLY);
    bool whole = read(fd, seed, SEED) == SEED;

    close(fd);
    return whole ? 0 : -1;
}

static int
give(void *ctx, unsigned char out[SEED])
{
    const int *refuses = ctx;

    memcpy(out, seed, SEED);
    return *refuses;
}

static char *
id_by_file(void)
{
    struct vault_identity *identity = NULL;

    assert_int_equal(vault_identity_open(folder, &identity, NULL, 0), VAULT_OK);
    char *id = strdup(vault_identity_id(identity));

    vault_identity_free(identity);
    return id;
}

static void
a_callback_gives_the_same_identity(void **state)
{
    struct vault_identity *identity = NULL;
    char *id = id_by_file();
    int refuses = 0;

    assert_int_equal(
        vault_identity_open_with(folder, give, &refuses, &identity, NULL, 0),
        VAULT_OK);
    assert_string_equal(vault_identity_id(identity), id);
    vault_identity_free(identity);
    free(id);
}

static void
a_callback_that_has_none_is_heard(void **state)
{
    struct vault_identity *identity = NULL;
    char detail[128] = "";
    int refuses = 1;

    assert_int_equal(vault_identity_open_with(folder, give, &refuses, &identity,
                                              detail, sizeof detail),
                     VAULT_E_FILE);
    assert_null(identity);
    assert_string_not_equal(detail, "");
}

/* A pipe with so many bytes of the seed and behind it. */
static int
pipe_of(size_t len)
{
    unsigned char bytes[SEED + 1] = { 0 };
    int ends[2];

    memcpy(bytes, seed, SEED);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, len), len);
    close(ends[1]);
    return ends[0];
}

static void
a_descriptor_has_exactly_the_key(void **state)
{
    char *id = id_by_file();

    for (size_t len = SEED - 1; len <= SEED + 1; len++) {
        struct vault_identity *identity = NULL;
        int fd = pipe_of(len);
        enum vault_status status =
            vault_identity_open_fd(folder, fd, &identity, NULL, 0);

        assert_int_equal(status, len == SEED ? VAULT_OK : VAULT_E_FILE);
        if (status == VAULT_OK) {
            assert_string_equal(vault_identity_id(identity), id);
        }
        vault_identity_free(identity);
        close(fd);
    }
    free(id);
}

static void
a_key_that_others_may_read_is_refused(void **state)
{
    struct vault_identity *identity = NULL;
    char detail[128] = "";

    assert_int_equal(chmod(key_path, S_IRUSR | S_IWUSR | S_IRGRP), 0);
    assert_int_equal(
        vault_identity_open(folder, &identity, detail, sizeof detail),
        VAULT_E_FILE);
    assert_non_null(strstr(detail, "0600"));
    assert_int_equal(chmod(key_path, S_IRUSR | S_IWUSR), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_callback_gives_the_same_identity),
        cmocka_unit_test(a_callback_that_has_none_is_heard),
        cmocka_unit_test(a_descriptor_has_exactly_the_key),
        cmocka_unit_test(a_key_that_others_may_read_is_refused),
    };

    return cmocka_run_group_tests(tests, make, NULL);
}
