"""C as tokens, and the functions that they make up.

Enough of C for a formatted tree: what .clang-format lays out is relied on, as
that a binary operator has a space on both sides and a unary one has none
behind it.
"""
import re

TOKEN = re.compile(r'''
    (?P<skip>\s+|/\*.*?\*/|//[^\n]*)
  | (?P<pp>\#(?:[^\n\\]|\\.)*)
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<char>'(?:[^'\\\n]|\\.)*')
  | (?P<number>(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<op>->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\.\.\.|.)
''', re.X | re.S)


class Token:
    __slots__ = ('kind', 'text', 'start', 'end')

    def __init__(self, kind, text, start):
        self.kind, self.text = kind, text
        self.start, self.end = start, start + len(text)

    def __repr__(self):
        return self.text


def tokens(text):
    """All but spaces and comments."""
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match.lastgroup != 'skip':
            found.append(Token(match.lastgroup, match.group(), at))
        at = match.end()
    return found


def close_of(found, at):
    """The index of what closes the bracket at this one."""
    depth = 0
    for i in range(at, len(found)):
        if found[i].kind == 'op' and found[i].text in '([{':
            depth += 1
        elif found[i].kind == 'op' and found[i].text in ')]}':
            depth -= 1
            if depth == 0:
                return i
    raise ValueError('a bracket is not closed')


class Function:
    """A definition: its name, the words of its type, the tokens inside."""

    def __init__(self, name, kind, body):
        self.name, self.kind, self.body = name, kind, body


def functions(found):
    """The definitions of a file, in order."""
    since, at = 0, 0
    while at < len(found):
        text = found[at].text
        if found[at].kind == 'pp' or text == ';':
            since = at + 1
        elif text == '{':
            end = close_of(found, at)
            head = found[since:at]
            if head and head[-1].text == ')':
                opens = next(i for i, token in enumerate(head)
                             if token.text == '(')
                yield Function(head[opens - 1].text,
                               [token.text for token in head[:opens - 1]],
                               found[at + 1:end])
                since = end + 1
            at = end
        at += 1


def line_of(text, at):
    return text.count('\n', 0, at) + 1
