#!/usr/bin/env python3
"""What mutants.py makes of a few lines, all of it."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import mutants  # noqa: E402

TEXT = '''/* a < b && c */
#define MOST (1 + 2)

static const int table[] = { 1, 2 };

enum vlt_status
put_all(const struct list *list, uint8_t *out)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; i < list->count; i++) {
        st = put(list->at[i], out);
        if (st != VLT_OK) {
            break;
        }
    }
    if (list->last) {
        free(out);
    }
    return st;
}

static bool
holds(const char *text, int64_t *count)
{
    if (text == NULL || !*text) {
        return false;
    }
    (*count)++;
    return text[0] == 'a' && take(text, -1);
}

static void *
twice(size_t n)
{
    size_t all = n * 2;
    char room[2 * 3 + 1];

    (void)holds("a < b", NULL);
    return calloc(all, sizeof(void *));
}
'''

EXPECTED = '''
11 constant: for (size_t i = 1; i < list->count; i++) {
11 relation: for (size_t i = 0; i <= list->count; i++) {
11 relation: for (size_t i = 0; i >= list->count; i++) {
12 deletion: ;
13 relation: if (st == VLT_OK) {
14 deletion: ;
17 logic: if (!list->last) {
18 deletion: ;
20 result: return ((void)(st), VLT_OK);
26 logic: if (text == NULL && !*text) {
26 logic: if (text == NULL || *text) {
26 relation: if (text != NULL || !*text) {
27 constant: return true;
30 constant: return text[1] == 'a' && take(text, -1);
30 constant: return text[0] == 'a' && take(text, -0);
30 constant: return text[0] == 'a' && take(text, -2);
30 logic: return text[0] == 'a' || take(text, -1);
30 relation: return text[0] != 'a' && take(text, -1);
30 result: return !(text[0] == 'a' && take(text, -1));
29 arithmetic: (*count)--;
36 arithmetic: size_t all = n / 2;
36 constant: size_t all = n * 1;
36 constant: size_t all = n * 3;
39 deletion: ;
40 result: return ((void)(calloc(all, sizeof(void *))), NULL);
'''


def main():
    found = {'%d %s: %s' % (one.line, one.kind, ' '.join(one.new).strip())
             for one in mutants.of_text('a.c', TEXT)}
    wanted = set(EXPECTED.strip().split('\n'))
    for line in sorted(wanted - found):
        print('not made: ' + line)
    for line in sorted(found - wanted):
        print('made besides: ' + line)
    for one in mutants.of_text('a.c', TEXT):
        assert one.text.count('\n') == TEXT.count('\n'), str(one)
    print('%d mutants' % len(found))
    return 0 if found == wanted else 1


if __name__ == '__main__':
    sys.exit(main())
