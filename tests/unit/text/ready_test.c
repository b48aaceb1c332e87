#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "text/policy_text.h"

enum {
    TEXT_MOST = 64 << 10,
};

static void
tell(void *ctx, const struct policy_fault *fault)
{
    (void)ctx;
    print_message("%s:%d:%d: %s\n", fault->file, fault->line, fault->column,
                  fault->says);
}

static size_t
read_file(const char *path, uint8_t *text)
{
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    size_t len = fread(text, 1, TEXT_MOST, file);

    fclose(file);
    return len;
}

static bool
takes(const char *name, struct vlt_slice text)
{
    struct policy_text_file file = { .name = name, .text = text };
    struct policy_text_input input = { .files = &file,
                                       .count = 1,
                                       .home = VOCAB_NONE };
    struct policy_set *set = NULL;
    bool taken = policy_text_parse(&input, tell, NULL, &set) == VLT_OK;

    policy_set_free(set);
    return taken;
}

/* A policy NAME.yaml has cases NAME.case, which model.policy_library runs. */
static bool
has_cases(const char *name)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, VAULT_SOURCE "/policies/library/%.*s.case",
             (int)(strlen(name) - strlen(".yaml")), name);
    file = fopen(path, "rb");
    if (file != NULL) {
        fclose(file);
    }
    return file != NULL;
}

/* Policies that come with the vault. */
static void
every_ready_policy_is_taken(void **state)
{
    DIR *dir = opendir(VAULT_SOURCE "/policies/library");
    uint8_t *text = malloc(TEXT_MOST);
    struct dirent *entry;
    char path[4096];
    int count = 0;

    assert_non_null(dir);
    assert_non_null(text);
    while ((entry = readdir(dir)) != NULL) {
        if (strstr(entry->d_name, ".yaml") == NULL) {
            continue;
        }
        snprintf(path, sizeof path, VAULT_SOURCE "/policies/library/%.255s",
                 entry->d_name);
        assert_true(
            takes(entry->d_name, vlt_slice_of(text, read_file(path, text))));
        assert_true(has_cases(entry->d_name));
        count++;
    }
    assert_true(count >= 12);
    closedir(dir);
    free(text);
}

/* The manual's example: what stands between ```yaml and ```. */
static void
the_example_of_the_manual_is_taken(void **state)
{
    static const char begin[] = "```yaml\n";
    char *text = malloc(TEXT_MOST + 1);

    assert_non_null(text);
    text[read_file(VAULT_SOURCE "/policies/LANGUAGE.md", (uint8_t *)text)] =
        '\0';
    const char *from = strstr(text, begin);

    assert_non_null(from);
    from += sizeof begin - 1;
    const char *to = strstr(from, "```");

    assert_non_null(to);
    assert_true(takes("LANGUAGE.md", vlt_slice_of(from, (size_t)(to - from))));
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ready_policy_is_taken),
        cmocka_unit_test(the_example_of_the_manual_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
