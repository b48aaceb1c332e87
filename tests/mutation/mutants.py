"""Small wrongs: each changes a few tokens of one function.

    relation     a comparison with its boundary moved, or the opposite one
    logic        && and ||, a condition or a negation turned round
    arithmetic   + - * / %, shifts, bits, steps up and down
    constant     a number one more or less, true and false
    deletion     a statement that is an expression, or a jump, left out
    result       what is returned: another status, NULL, one more, the opposite

Tables and constants of a file are left alone: only functions are changed.
"""
from c_text import close_of, functions, line_of, tokens

RELATION = {'<': ('<=', '>='), '<=': ('<', '>'), '>': ('>=', '<='),
            '>=': ('>', '<'), '==': ('!=',), '!=': ('==',)}
LOGIC = {'&&': '||', '||': '&&'}
ARITHMETIC = {'+': '-', '-': '+', '*': '/', '/': '*', '%': '*', '<<': '>>',
              '>>': '<<', '&': '|', '|': '&', '^': '|', '+=': '-=',
              '-=': '+=', '|=': '&=', '&=': '|=', '*=': '/=', '/=': '*='}
STEPS = {'++': '--', '--': '++'}
KEYWORDS = frozenset(
    'if else for while do switch case default return goto break continue '
    'sizeof struct enum union const static void'.split())
JUMPS = ('goto', 'break', 'continue')
STATUS = ['enum', 'vlt_status']
NUMBERS = ('size_t', 'int', 'unsigned', 'int64_t', 'uint64_t', 'uint32_t',
           'uint16_t', 'int32_t')


def without_rooms(body):
    """All but what is between the brackets of a declaration: how much room an
    array has is for the sanitizers to judge."""
    kept, at = [], 0
    while at < len(body):
        kept.append(body[at])
        if (body[at].text == '[' and at > 1 and body[at - 1].kind == 'name'
                and (body[at - 2].text == '*' or body[at - 2].kind == 'name')
                and body[at - 2].text not in KEYWORDS):
            at = close_of(body, at)
            continue
        at += 1
    return kept


class Mutant:
    def __init__(self, path, text, kind, span, new):
        self.path, self.kind = path, kind
        self.line = line_of(text, span[0])
        self.text = text[:span[0]] + new + text[span[1]:]
        first = text.rfind('\n', 0, span[0]) + 1
        last = text.find('\n', span[1])
        self.old = text[first:last].split('\n')
        self.new = (text[first:span[0]] + new + text[span[1]:last]).split('\n')

    def key(self):
        """What it is, wherever it stands."""
        return (self.path, ' '.join(' '.join(self.old).split()),
                ' '.join(' '.join(self.new).split()))

    def __str__(self):
        lines = ['%s:%d: %s' % (self.path, self.line, self.kind)]
        lines += ['    -' + line for line in self.old]
        lines += ['    +' + line for line in self.new]
        return '\n'.join(lines)


def apart(text, token):
    """Has it a space, or the end of a line, on both sides?"""
    return (text[token.start - 1].isspace()
            and text[token.end:token.end + 1].isspace())


def of_operators(text, body):
    for token in body:
        if token.kind != 'op':
            continue
        span = (token.start, token.end)
        if token.text in RELATION and apart(text, token):
            for new in RELATION[token.text]:
                yield 'relation', span, new
        elif token.text in LOGIC:
            yield 'logic', span, LOGIC[token.text]
        elif token.text in ARITHMETIC and apart(text, token):
            yield 'arithmetic', span, ARITHMETIC[token.text]
        elif token.text == '!':
            yield 'logic', span, ''


def of_steps(body):
    """Steps up and down, but for those of a loop's head, which never ends
    without."""
    at = 0
    while at < len(body):
        if body[at].text == 'for':
            at = close_of(body, at + 1)
        elif body[at].text in STEPS:
            yield ('arithmetic', (body[at].start, body[at].end),
                   STEPS[body[at].text])
        at += 1


def of_constants(body):
    for token in body:
        span = (token.start, token.end)
        if token.text in ('true', 'false'):
            yield 'constant', span, 'false' if token.text == 'true' else 'true'
        elif token.kind == 'number':
            digits = token.text.rstrip('uUlL')
            value, tail = int(digits, 0), token.text[len(digits):]
            yield 'constant', span, '%d%s' % (value + 1, tail)
            if value > 0:
                yield 'constant', span, '%d%s' % (value - 1, tail)


def of_conditions(body):
    """An if whose condition has no operator that is changed by itself."""
    for at, token in enumerate(body):
        if token.text != 'if':
            continue
        end = close_of(body, at + 1)
        inside = body[at + 2:end]
        if any(one.text in RELATION or one.text in LOGIC or one.text == '!'
               for one in inside):
            continue
        if all(one.kind != 'op' or one.text in ('(', ')', '->', '.', ',')
               for one in inside):
            yield 'logic', (inside[0].start, inside[0].start), '!'


def statement_end(body, at):
    """The index of the semicolon of the expression that begins here; None."""
    while at < len(body):
        if body[at].text in ('(', '[', '{'):
            at = close_of(body, at)
        elif body[at].text == ';':
            return at
        elif body[at].text == '}':
            return None
        at += 1
    return None


def declares(text, body, at):
    """Does a declaration, or what is no expression, begin here?"""
    if body[at].text == '(':
        return body[at + 1].text != 'void'
    if body[at].text == '*':
        return False
    if body[at].kind != 'name' or body[at].text in KEYWORDS:
        return body[at].text not in JUMPS
    if body[at].text in ('bool', 'char') or at + 1 >= len(body):
        return True
    after = body[at + 1]
    return (after.kind == 'name' or after.text == ':'
            or (after.text == '*' and not apart(text, after)))


def of_statements(text, body):
    depth = 0
    for at, token in enumerate(body):
        depth += (token.text == '(') - (token.text == ')')
        if depth > (token.text == '('):
            continue
        before = body[at - 1].text if at > 0 else '{'
        if before not in ('{', '}', ';', ':') or declares(text, body, at):
            continue
        end = statement_end(body, at)
        if end is None:
            continue
        lines = text.count('\n', token.start, body[end].end)
        yield 'deletion', (token.start, body[end].end), ';' + '\n' * lines


def other_result(kind, said):
    """What is returned instead; None: nothing of use."""
    if kind[-2:] == STATUS:
        if said == 'VLT_OK':
            return 'VLT_E_STORAGE'
        return ('VLT_OK' if said.startswith('VLT_E_')
                else '((void)(%s), VLT_OK)' % said)
    if kind[-1:] == ['*']:
        return None if said == 'NULL' else '((void)(%s), NULL)' % said
    if kind[-1:] == ['bool']:
        return None if said in ('true', 'false') else '!(%s)' % said
    if kind and kind[-1] in NUMBERS and not said.isdigit():
        return '(%s) + 1' % said
    return None


def of_results(text, function):
    body = function.body
    for at, token in enumerate(body):
        if token.text != 'return' or body[at + 1].text == ';':
            continue
        end = statement_end(body, at)
        span = (body[at + 1].start, body[end - 1].end)
        new = other_result(function.kind, text[span[0]:span[1]])
        if new is not None:
            yield 'result', span, new


def of_text(path, text):
    """All mutants of a file, in the order of their places."""
    found = []
    for function in functions(tokens(text)):
        body = function.body = without_rooms(function.body)
        for source in (of_operators(text, body), of_steps(body),
                       of_constants(body), of_conditions(body),
                       of_statements(text, body), of_results(text, function)):
            found += [Mutant(path, text, kind, span, new)
                      for kind, span, new in source]
    return sorted(found, key=lambda mutant: (mutant.line, mutant.kind,
                                             mutant.new))
