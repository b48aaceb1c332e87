#include "vocab/near.h"

#include <string.h>

enum { LONGEST = 64 };

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edit distance where two letters that changed places count as one. */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t before[LONGEST + 1] = { 0 };
    size_t last[LONGEST + 1];
    size_t now[LONGEST + 1];

    for (size_t j = 0; j <= b_len; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = a[i - 1] == b[j - 1] ? 0 : 1;

            now[j] =
                least(last[j - 1] + change, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
        memcpy(before, last, sizeof before);
        memcpy(last, now, sizeof last);
    }
    return last[b_len];
}

void
vocab_near_try(struct near *near, const char *word)
{
    size_t len = strlen(word);
    size_t enough = near->len / 3;

    if (near->len > LONGEST || len > LONGEST) {
        return;
    }
    enough = enough < 2 ? 2 : least(enough, 4);
    size_t apart = distance(near->text, near->len, word, len);

    if (apart <= enough && apart < near->len &&
        (near->best == NULL || apart < near->apart)) {
        near->best = word;
        near->apart = apart;
    }
}
