/* What a newer version may have written is refused by its name. */
#include "store/store_internal.h"

#include "store/record.h"

static enum vlt_status
newer(struct vlt_buf *why, const char *what)
{
    return store_say(VLT_E_FORMAT, why,
                     "it holds %s, which a newer version of this program "
                     "wrote",
                     what);
}

struct naming {
    bool strange;
};

/* Keys of the unnamed database are the others' names, !root and !gate. */
static bool
name_known(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct naming *naming = ctx;

    (void)value;
    if (vlt_slice_is(key, "!root") || vlt_slice_is(key, "!gate")) {
        return true;
    }
    for (enum env_db db = ENV_TAIL0; db < ENV_DBS; db++) {
        if (vlt_slice_is(key, env_db_name(db))) {
            return true;
        }
    }
    naming->strange = true;
    return false;
}

static enum vlt_status
check_names(const struct store_view *view, struct vlt_buf *why)
{
    struct naming naming = { 0 };
    enum vlt_status st =
        view_walk(view, ENV_MAIN, vlt_slice_of(NULL, 0), name_known, &naming);

    if (st == VLT_OK && naming.strange) {
        return newer(why, "a database or record that is not known");
    }
    return st;
}

static bool
any_is_strange(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct naming *naming = ctx;

    (void)key;
    (void)value;
    naming->strange = true;
    return false;
}

/* Meta keys begin with their type, so newer types come last. */
static enum vlt_status
check_metas(const struct store_view *view, struct vlt_buf *why)
{
    uint8_t end = STORE_META_END;
    struct naming naming = { 0 };
    enum vlt_status st = view_walk(view, ENV_META, vlt_slice_of(&end, 1),
                                   any_is_strange, &naming);

    if (st == VLT_OK && naming.strange) {
        return newer(why, "metadata of a kind that is not known");
    }
    return st;
}

enum vlt_status
kinds_check(const struct store_view *view, struct vlt_buf *why)
{
    enum vlt_status st = check_names(view, why);

    if (st != VLT_OK) {
        return st;
    }
    return check_metas(view, why);
}
