#!/usr/bin/env python3
"""Make the C table of words out of words.txt.

words.txt is the English word list of BIP-39: 2,048 words, sorted, one a line.
"""
import sys

WORDS = 2048
LONGEST = 8


def main(source, target):
    with open(source, encoding="ascii") as file:
        words = file.read().split()
    if len(words) != WORDS or words != sorted(set(words)):
        sys.exit(f"{source}: not {WORDS} different words in order")
    if not all(w.isalpha() and w.islower() and len(w) <= LONGEST
               for w in words):
        sys.exit(f"{source}: a word is too long or not in lower case")
    lines = [f'    "{word}",' for word in words]
    text = ("/* Made from words.txt by words.py. */\n"
            '#include "keys/words_internal.h"\n\n'
            "const char words_list[WORDS_LISTED][WORDS_LONGEST + 1] = {\n"
            + "\n".join(lines) + "\n};\n")
    with open(target, "w", encoding="ascii") as file:
        file.write(text)


main(*sys.argv[1:])
