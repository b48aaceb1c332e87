#include "base/name_internal.h"

static bool
any_one(struct vlt_slice segment)
{
    return vlt_slice_is(segment, "*");
}

static bool
any_number(struct vlt_slice segment)
{
    return vlt_slice_is(segment, "**");
}

bool
vlt_pattern_valid(struct vlt_slice pattern)
{
    struct vlt_path path;
    bool valid = vlt_path_split(pattern, &path);

    for (size_t i = 0; valid && i < path.count; i++) {
        valid = any_one(path.at[i]) || any_number(path.at[i]) ||
                vlt_segment_valid(path.at[i]);
    }
    return valid;
}

/*
 * A name that does not fit behind the last ** met may fit when that ** takes
 * one segment more.  An earlier ** need never take more: whatever it could
 * reach, the last one reaches too.
 */
bool
vlt_pattern_matches(struct vlt_slice pattern, struct vlt_slice name)
{
    struct vlt_path p;
    struct vlt_path n;
    size_t i = 0;             /* in the pattern */
    size_t j = 0;             /* in the name */
    size_t behind = SIZE_MAX; /* the last **, in the pattern */
    size_t from = 0;          /* and what of the name it leaves */

    if (!vlt_path_split(pattern, &p) || !vlt_path_split(name, &n)) {
        return false;
    }
    while (j < n.count || i < p.count) {
        if (i < p.count && any_number(p.at[i])) {
            i++;
            behind = i;
            from = j;
        } else if (i < p.count && j < n.count &&
                   (any_one(p.at[i]) || vlt_slice_equal(p.at[i], n.at[j]))) {
            i++;
            j++;
        } else if (behind != SIZE_MAX && from < n.count) {
            from++;
            i = behind;
            j = from;
        } else {
            return false;
        }
    }
    return true;
}

/*
 * Bring a pattern into a form in which runs of stars compare: in each run the
 * * come first and one ** last.  A name has one segment at least, so * and **
 * are as much as ** alone.
 */
static bool
tidy_up(struct vlt_slice pattern, struct vlt_path *out)
{
    const struct vlt_slice number = vlt_slice_text("**");
    struct vlt_path p;

    if (!vlt_path_split(pattern, &p)) {
        return false;
    }
    out->count = 0;
    for (size_t i = 0; i < p.count; i++) {
        bool behind = out->count > 0 && any_number(out->at[out->count - 1]);

        if (behind && any_number(p.at[i])) {
            continue;
        }
        out->at[out->count] = p.at[i];
        if (behind && any_one(p.at[i])) {
            out->at[out->count - 1] = p.at[i];
            out->at[out->count] = number;
        }
        out->count++;
    }
    if (out->count == 2 && any_one(out->at[0]) && any_number(out->at[1])) {
        out->at[0] = number;
        out->count = 1;
    }
    return true;
}

enum { ENDS = VLT_NAME_SEGMENTS + 1 };

/* Does outer from i on cover inner from j on?  covered[][] knows already what
 * comes behind. */
static bool
covers_from(const struct vlt_path *outer, size_t i,
            const struct vlt_path *inner, size_t j, bool covered[][ENDS])
{
    if (i == outer->count) {
        return j == inner->count;
    }
    if (any_number(outer->at[i])) {
        return covered[i + 1][j] || (j < inner->count && covered[i][j + 1]);
    }
    if (j == inner->count) {
        return false;
    }
    if (any_number(inner->at[j])) {
        /* It takes no segment, or one more, which only * takes whatever it
         * is. */
        return any_one(outer->at[i]) && covered[i][j + 1] && covered[i + 1][j];
    }
    return covered[i + 1][j + 1] &&
           (any_one(outer->at[i]) ||
            vlt_slice_equal(outer->at[i], inner->at[j]));
}

bool
vlt_pattern_covers(struct vlt_slice outer, struct vlt_slice inner)
{
    bool covered[ENDS][ENDS] = { { false } };
    struct vlt_path o;
    struct vlt_path n;

    if (!tidy_up(outer, &o) || !tidy_up(inner, &n)) {
        return false;
    }
    for (size_t i = o.count + 1; i > 0; i--) {
        for (size_t j = n.count + 1; j > 0; j--) {
            covered[i - 1][j - 1] = covers_from(&o, i - 1, &n, j - 1, covered);
        }
    }
    return covered[0][0];
}

struct vlt_slice
vlt_pattern_prefix(struct vlt_slice pattern)
{
    size_t begin = 0; /* of the segment under way */

    for (size_t at = 0; at < pattern.len; at++) {
        if (pattern.at[at] == '/') {
            begin = at + 1;
        } else if (pattern.at[at] == '*') {
            return vlt_slice_of(pattern.at, begin);
        }
    }
    return pattern;
}
