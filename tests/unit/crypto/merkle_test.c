/* The published proofs of RFC 9162 trees, to accept and to refuse. */
#include "unit.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/id.h"
#include "crypto/tree.h"
#include "data.h"

static int
set_up(void **state)
{
    return vlt_secret_init() == VLT_OK ? 0 : -1;
}

/*
 * A hash of a test case.  Some cases have words where a hash should be: what
 * is shorter is filled up with zeros, so that equal words stay equal; what is
 * longer, or empty, cannot be given to our functions at all: false.
 */
static bool
hash_of(const char *base64, uint8_t out[VLT_HASH_LEN])
{
    struct vlt_buf buf = { 0 };

    assert_int_equal(vlt_base64_get(vlt_slice_of(base64, strlen(base64)), &buf),
                     VLT_OK);
    bool fits = buf.len > 0 && buf.len <= VLT_HASH_LEN;

    if (fits) {
        memset(out, 0, VLT_HASH_LEN);
        memcpy(out, buf.at, buf.len);
    }
    vlt_buf_free(&buf);
    return fits;
}

static bool
path_of(const json_t *proof, struct vlt_tree_path *out)
{
    out->count = json_array_size(proof);
    if (out->count > VLT_TREE_LEVELS) {
        return false;
    }
    for (size_t i = 0; i < out->count; i++) {
        const char *text = json_string_value(json_array_get(proof, i));

        if (text == NULL || !hash_of(text, out->hash[i])) {
            return false;
        }
    }
    return true;
}

/* Numbers are read as reals, for one of them is 2^64 - 1. */
static uint64_t
number_of(const json_t *test, const char *member)
{
    double value = json_number_value(json_object_get(test, member));

    return value < 18446744073709551615.0 ? (uint64_t)value : UINT64_MAX;
}

static enum vlt_status
check_inclusion(const json_t *test, const struct vlt_tree_path *path)
{
    uint8_t leaf[VLT_HASH_LEN];
    uint8_t root[VLT_HASH_LEN];

    if (!hash_of(data_text(test, "leafHash"), leaf) ||
        !hash_of(data_text(test, "root"), root)) {
        return VLT_E_AUTH;
    }
    return vlt_tree_verify_inclusion(leaf, number_of(test, "leafIdx"),
                                     number_of(test, "treeSize"), path, root);
}

static enum vlt_status
check_consistency(const json_t *test, const struct vlt_tree_path *path)
{
    uint8_t from[VLT_HASH_LEN];
    uint8_t root[VLT_HASH_LEN];

    if (!hash_of(data_text(test, "root1"), from) ||
        !hash_of(data_text(test, "root2"), root)) {
        return VLT_E_AUTH;
    }
    return vlt_tree_verify_consistency(number_of(test, "size1"), from,
                                       number_of(test, "size2"), root, path);
}

struct tally {
    unsigned accepted;
    unsigned refused;
};

static void
check_file(const char *path, struct tally *tally)
{
    json_error_t error;
    json_t *test = json_load_file(path, JSON_DECODE_INT_AS_REAL, &error);
    struct vlt_tree_path proof;
    enum vlt_status st = VLT_E_AUTH;

    assert_non_null(test);
    if (path_of(json_object_get(test, "proof"), &proof)) {
        st = json_object_get(test, "leafIdx") != NULL
                 ? check_inclusion(test, &proof)
                 : check_consistency(test, &proof);
    }
    bool refuse = json_is_true(json_object_get(test, "wantErr"));

    if ((st != VLT_OK) != refuse) {
        print_message("%s: %s\n", path, data_text(test, "desc"));
    }
    assert_true((st != VLT_OK) == refuse);
    *(refuse ? &tally->refused : &tally->accepted) += 1;
    json_decref(test);
}

static void
check_folder(const char *folder, struct tally *tally)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[2 * DATA_PATH];
        struct stat about;

        if (entry->d_name[0] == '.') {
            continue;
        }
        assert_in_range(
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name), 1,
            sizeof path - 1);
        assert_int_equal(stat(path, &about), 0);
        if (S_ISDIR(about.st_mode)) {
            check_folder(path, tally);
        } else {
            check_file(path, tally);
        }
    }
    closedir(dir);
}

static void
check_kind(const char *name, struct tally least)
{
    char path[DATA_PATH];
    struct tally tally = { 0, 0 };

    check_folder(data_path(name, path), &tally);
    print_message("%s: %u accepted, %u refused\n", name, tally.accepted,
                  tally.refused);
    assert_true(tally.accepted >= least.accepted);
    assert_true(tally.refused >= least.refused);
}

static void
inclusion_proofs_are_judged_as_published(void **state)
{
    check_kind("merkle/testdata/inclusion", (struct tally){ 6, 90 });
}

static void
consistency_proofs_are_judged_as_published(void **state)
{
    check_kind("merkle/testdata/consistency", (struct tally){ 6, 90 });
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inclusion_proofs_are_judged_as_published),
        cmocka_unit_test(consistency_proofs_are_judged_as_published),
    };

    if (!data_there("merkle/testdata")) {
        return DATA_SKIP;
    }
    return cmocka_run_group_tests(tests, set_up, NULL);
}
