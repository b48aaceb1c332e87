#include "cli/near.h"

#include <string.h>

#include "base/text.h"

void
near_try(struct near *near, const char *word)
{
    size_t distance = vlt_text_distance(near->word, word);
    size_t longest = strlen(near->word);
    /* A third of the word may be wrong, but one letter of any. */
    size_t most = longest < 6 ? 1 + longest / 4 : longest / 3;

    /* What was begun was meant. */
    if (longest >= 2 && strncmp(near->word, word, longest) == 0) {
        distance = 0;
    }
    if (distance <= most && (near->best == NULL || distance < near->distance)) {
        near->best = word;
        near->distance = distance;
    }
}

void
near_put(const struct near *near, const char *mark, struct vlt_buf *out)
{
    if (near->best != NULL) {
        vlt_buf_printf(out, "; did you mean %s%s?", mark, near->best);
    }
}
