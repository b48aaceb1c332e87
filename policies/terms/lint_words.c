#include <stdio.h>
#include <string.h>

#include "terms/lint_internal.h"

/*
 * Words that are looked for in names and texts.  Heuristics: a remark is shown
 * to the owner and refuses nothing; a member is unknown and refused anyway,
 * and only the words of the refusal depend on what it is called.
 */

/* ASCII alone: nothing here looks at the locale. */
static int
lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool
letter(uint8_t c)
{
    int small = lower(c);

    return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') ||
           c >= 0x80;
}

/* Is the word in the text, in any case?  whole: not inside a longer word. */
static bool
mentions(struct vlt_slice text, const char *word, size_t len, bool whole)
{
    for (size_t at = 0; at + len <= text.len; at++) {
        size_t i = 0;

        while (i < len && lower(text.at[at + i]) == lower(word[i])) {
            i++;
        }
        if (i == len && (!whole || ((at == 0 || !letter(text.at[at - 1])) &&
                                    (at + len == text.len ||
                                     !letter(text.at[at + len]))))) {
            return true;
        }
    }
    return false;
}

/* ---- members ---- */

static const struct {
    const char *inside;
    const char *code;
    const char *says;
} forbidden[] = {
    { "renew", "R5", "no grant renews by itself" },
    { "auto", "R5", "no grant renews by itself" },
    { "preselect", "R1", "nothing is preselected" },
    { "presume", "R1", "consent is never presumed" },
    { "implied", "R1", "consent is never presumed" },
    { "opt_out", "R1", "consent is never presumed" },
    { "optout", "R1", "consent is never presumed" },
    { "default", "R1", "nothing defaults to yes" },
    { "checked", "R1", "nothing is preselected" },
    { "accepted", "R1", "consent is never presumed" },
    { "consented", "R1", "consent is never presumed" },
};

bool
terms_lint_member(struct vlt_slice name, struct terms_fault *out)
{
    *out = (struct terms_fault){ .code = "" };
    snprintf(out->at, sizeof out->at, "%.*s",
             (int)(name.len < sizeof out->at ? name.len : sizeof out->at - 1),
             (const char *)name.at);
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        const char *inside = forbidden[i].inside;

        if (mentions(name, inside, strlen(inside), false)) {
            snprintf(out->code, sizeof out->code, "%s", forbidden[i].code);
            snprintf(out->says, sizeof out->says, "cannot be asked: %s",
                     forbidden[i].says);
            return true;
        }
    }
    snprintf(out->says, sizeof out->says, "is no member of a request");
    return false;
}

/* ---- remarks ---- */

struct remarks {
    const struct terms_request *request;
    terms_remark_fn *fn;
    void *ctx;
};

static void
remark(const struct remarks *remarks, const char *code, size_t p,
       const char *says)
{
    struct terms_fault fault = { .code = "" };

    snprintf(fault.code, sizeof fault.code, "%s", code);
    snprintf(fault.at, sizeof fault.at, "purposes[%zu].text", p);
    snprintf(fault.says, sizeof fault.says, "%s", says);
    remarks->fn(remarks->ctx, &fault);
}

/* Words too common to say what a text is about. */
static bool
common(const char *word, size_t len)
{
    static const char *const words[] = {
        "with",  "what",  "your",    "this",    "firm",   "where",
        "which", "have",  "been",    "them",    "they",   "used",
        "make",  "when",  "whom",    "that",    "mind",   "body",
        "place", "state", "content", "control", "record", "work",
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0) {
            return true;
        }
    }
    return len < 4;
}

/* Does the text mention any telling word of this id or these words? */
static bool
mentions_any(struct vlt_slice text, const char *words)
{
    while (*words != '\0') {
        size_t len = strcspn(words, " ,.'-");

        if (len > 0 && !common(words, len) &&
            mentions(text, words, len, false)) {
            return true;
        }
        words += len + (words[len] != '\0');
    }
    return false;
}

static bool
mentions_node(struct vlt_slice text, const struct vocab_node *node)
{
    return mentions_any(text, node->id) || mentions_any(text, node->words);
}

/* The last segment of an id: "electricity". */
static const char *
last_segment(const char *id)
{
    const char *dot = strrchr(id, '.');

    return dot == NULL ? id : dot + 1;
}

/* Does any item of purpose p ask for the category, or above or below it? */
static bool
asks_data(const struct terms_request *request, size_t p,
          const struct vocab_node *node)
{
    for (size_t i = 0; i < request->item_count; i++) {
        const struct vocab_node *item = vocab_category(request->items[i].data);

        if (item != NULL && terms_item_for(request, i, p) &&
            (vocab_mask_has(item->within, node->bit) ||
             vocab_mask_has(node->within, item->bit))) {
            return true;
        }
    }
    return false;
}

/* Is any purpose of the request this one, or above or below it? */
static bool
asks_purpose(const struct terms_request *request, const struct vocab_node *node)
{
    for (size_t p = 0; p < request->purpose_count; p++) {
        const struct vocab_node *one = vocab_purpose(request->purposes[p].id);

        if (one != NULL && (vocab_mask_has(one->within, node->bit) ||
                            vocab_mask_has(node->within, one->bit))) {
            return true;
        }
    }
    return false;
}

/* R11: a word of the vocabulary that stands in the text of purpose p. */
static void
remark_not_asked(const struct remarks *remarks, size_t p,
                 const struct vocab_node *node)
{
    const char *word = last_segment(node->id);
    char says[TERMS_FAULT_SAYS];

    if ((node->flags & VOCAB_GROUP) == 0 && !common(word, strlen(word)) &&
        mentions(remarks->request->purposes[p].text, word, strlen(word),
                 true)) {
        snprintf(says, sizeof says,
                 "the text speaks of '%s', which is not asked", word);
        remark(remarks, "R11", p, says);
    }
}

/* R11: what is in the text and not asked. */
static void
remark_said(const struct remarks *remarks, size_t p)
{
    for (int bit = 0; bit < vocab_categories(); bit++) {
        if (!asks_data(remarks->request, p, vocab_category(bit))) {
            remark_not_asked(remarks, p, vocab_category(bit));
        }
    }
    for (int bit = 0; bit < vocab_purposes(); bit++) {
        if (!asks_purpose(remarks->request, vocab_purpose(bit))) {
            remark_not_asked(remarks, p, vocab_purpose(bit));
        }
    }
}

/* R11: what is asked and not in the text. */
static void
remark_not_said(const struct remarks *remarks, size_t p)
{
    const struct terms_request *request = remarks->request;
    struct vlt_slice text = request->purposes[p].text;
    const struct vocab_node *purpose = vocab_purpose(request->purposes[p].id);
    char says[TERMS_FAULT_SAYS];

    if (purpose != NULL && !mentions_node(text, purpose)) {
        snprintf(says, sizeof says,
                 "the text does not speak of '%s', which "
                 "is the purpose",
                 purpose->words);
        remark(remarks, "R11", p, says);
    }
    for (size_t i = 0; i < request->item_count; i++) {
        const struct vocab_node *node = vocab_category(request->items[i].data);

        if (node != NULL && terms_item_for(request, i, p) &&
            !mentions_node(text, node)) {
            snprintf(says, sizeof says,
                     "the text does not speak of '%s', which is asked",
                     node->words);
            remark(remarks, "R11", p, says);
        }
    }
}

/* R14: a text that takes more than the unearned part of the benefit. */
static void
remark_benefit(const struct remarks *remarks, size_t p)
{
    static const char *const takes[] = { "lose",      "forfeit", "repay",
                                         "pay back",  "penalty", "fine",
                                         "terminate", "charge" };
    const struct terms_purpose *purpose = &remarks->request->purposes[p];
    char says[TERMS_FAULT_SAYS];

    for (size_t i = 0; i < sizeof takes / sizeof takes[0]; i++) {
        size_t len = strlen(takes[i]);

        if (mentions(purpose->text, takes[i], len, true) ||
            mentions(purpose->benefit, takes[i], len, true) ||
            mentions(purpose->if_denied, takes[i], len, true)) {
            snprintf(says, sizeof says,
                     "says '%s': revoking forfeits at most the part of the "
                     "benefit that is not yet earned",
                     takes[i]);
            remark(remarks, "R14", p, says);
            return;
        }
    }
}

void
terms_remarks(const struct terms_request *request, terms_remark_fn *fn,
              void *ctx)
{
    struct remarks remarks = { request, fn, ctx };

    for (size_t p = 0; p < request->purpose_count; p++) {
        remark_said(&remarks, p);
        remark_not_said(&remarks, p);
        remark_benefit(&remarks, p);
    }
}
