#include "base/name_internal.h"

/* A pattern may grow by one segment when it is tidied up. */
enum { TIDY_SEGMENTS = VLT_NAME_SEGMENTS + 1 };

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
 * * come first and one ** last, and ** alone is * and **, since a name has a
 * segment at least.  One segment more than a pattern may come of it.
 */
struct tidy {
    size_t count;
    struct vlt_slice at[TIDY_SEGMENTS];
};

static bool
tidy_up(struct vlt_slice pattern, struct tidy *out)
{
    const struct vlt_slice one = vlt_slice_text("*");
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
            out->at[out->count - 1] = one;
            out->at[out->count] = number;
        }
        out->count++;
    }
    if (out->count == 1 && any_number(out->at[0])) {
        out->at[0] = one;
        out->at[1] = number;
        out->count = 2;
    }
    return true;
}

/* Does outer from i on cover inner from j on?  Asked from the ends on, so that
 * covered[][] knows what comes behind. */
static bool
covers_from(const struct tidy *outer, size_t i, const struct tidy *inner,
            size_t j, bool covered[][TIDY_SEGMENTS + 1])
{
    if (i == outer->count) {
        return j == inner->count;
    }
    if (any_number(outer->at[i])) {
        return covered[i + 1][j] || (j < inner->count && covered[i][j + 1]);
    }
    if (j == inner->count || any_number(inner->at[j])) {
        return false;
    }
    return covered[i + 1][j + 1] &&
           (any_one(outer->at[i]) ||
            vlt_slice_equal(outer->at[i], inner->at[j]));
}

bool
vlt_pattern_covers(struct vlt_slice outer, struct vlt_slice inner)
{
    bool covered[TIDY_SEGMENTS + 1][TIDY_SEGMENTS + 1] = { { false } };
    struct tidy o;
    struct tidy n;

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
