"""Nothing that the vault holds or was told is in the clear at rest.

usage: markers.py BIN [--seeded NAME]

A thousand words that nobody else has are put wherever a text may come from:
names, units, columns, values, firms, requests, policies, notes, addresses of
what is refused, what is pushed while the vault is locked, wrong passphrases.
Then all that lies on the disk is searched for them: the raw image of a file
system of its own where one can be mounted (ext4), else its files; with backup
and anchor, and what the daemon logged.  The search is its own control: a word
that was written beside the vault has to be found, though its file is gone.  --seeded: the daemon has a planted fault (VAULT_SEED), and the
run is good only if a word is found.
"""
import argparse
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../flow/lib')]
sys.dont_write_bytecode = True
import forensic  # noqa: E402
from firm import TERMS, Firm, node  # noqa: E402
from poster import post_at  # noqa: E402
import vault as flow  # noqa: E402

NS = 10**9
T0 = 1764072000
WANTED = 1000
SEEDS = ('name-in-key', 'value-in-log')
POLICY = os.path.join(HERE, '../../policies/library/quiet.yaml')


class Marks:
    """Words, each with what it was put into."""

    def __init__(self):
        self.where = {}

    def new(self, where):
        word = 'zq' + os.urandom(7).hex()
        self.where[word] = where
        return word

    def found(self, data):
        """{where: how many} of the words that are there, in any form: as they
        are, and as hex digits."""
        counts = {}
        for word, where in self.where.items():
            if any(form in data for form in
                   (word.encode(), word.encode().hex().encode())):
                counts[where] = counts.get(where, 0) + 1
        return counts


def streams(owner, marks):
    """Names, units, columns and values of every type that has words."""
    for i in range(90):
        name = marks.new('name of a stream') + '/home'
        column = marks.new('column')
        kind = ('text', 'json')[i % 2]
        owner.change('stream.create', name=name, category='home.climate',
                     unit='{%s}' % marks.new('unit'),
                     columns=[{'name': column, 'type': kind}])
        rows = []
        for at in range(5):
            word = marks.new(kind)
            rows.append([(T0 + at) * NS,
                         word if kind == 'text' else {word: [word, 1]}])
        owner.append(name, rows, columns=[column])
        assert len(owner.query(name).rows) == 5


def packed(owner, marks):
    """Words that lie in chunks, and words that lie in a dictionary there."""
    for some in (300, 3):
        name = marks.new('name of a stream') + '/home'
        owner.create(name, 'home.climate', value='text')
        words = itertools.cycle([marks.new('packed') for _ in range(
            40 if some == 300 else 3)])
        for at in range(0, 30000, 3000):
            owner.append(name, [[(T0 + at + i) * NS, next(words)]
                                for i in range(3000)])


def dealings(run, owner, marks):
    """Firms, requests, grants, policies, notes, sources."""
    with open(POLICY) as file:
        text = file.read()
    for _ in range(10):
        source = marks.new('source')
        owner.change('source.add', name=source,
                     streams=[marks.new('pattern') + '/**'])
        owner.change('firm.invite', name=marks.new('invited'))
        owner.change('interaction.add', firm=marks.new('firm of a note'),
                     subject=marks.new('note'))
        owner.change('policy.apply', files=[
            {'name': marks.new('file of a policy') + '.yaml',
             'text': text + '\n# %s\n' % marks.new('policy')}])
    firm = Firm(run.vault, owner, marks.new('firm'))
    for approved in (True, True, False):
        terms = {**TERMS, 'controller': {
            **TERMS['controller'], 'name': marks.new('controller'),
            'address': marks.new('address')}, 'purposes': [{
                **TERMS['purposes'][0], 'text': marks.new('purpose'),
                'if_denied': marks.new('consequence')}]}
        if approved:
            grant = firm.given(terms)
            flow.refused(firm.call, 'data.query', grant=grant,
                         streams=[marks.new('asked by a firm')])
        else:
            firm.ask(terms)
    firm.close()


def refusals(owner, marks):
    """What is refused, wherever the word is."""
    for _ in range(30):
        for method, params in (
                ('stream.show', {'name': marks.new('refused')}),
                ('data.append', {'idem': flow.ulid(), 'streams': [
                    {'stream': 'home/' + marks.new('refused'),
                     'rows': [[T0, 1]]}]}),
                ('data.append', {'idem': marks.new('refused')}),
                ('stream.create', {'idem': flow.ulid(),
                                   'name': marks.new('refused') + '//'}),
                (marks.new('no method'), {})):
            flow.refused(owner.call, method, **params)


def pushed(owner, marks):
    """Through the door and, while it is locked, into the inbox."""
    token = owner.change('source.add', name='pusher', streams=['pushed/**'],
                         auto=True, category='home.climate',
                         window='all')['token']
    place = owner.call('vault.status')['http']

    def push(count, what):
        for i in range(count):
            post_at(place, token, '%s value="%s" %d\n%s value= 5\n' % (
                marks.new(what), marks.new(what), T0 + i,
                marks.new('bad line')))
    push(10, 'pushed')
    owner.call('vault.lock')
    push(10, 'pushed while locked')
    flow.refused(owner.call, 'vault.unlock', passphrase=marks.new('wrong'))


class Run(forensic.Run):
    def __init__(self, folder, seed):
        super().__init__(folder, seed)
        os.mkdir(os.path.join(self.place.mount, 'anchor'))

    def start(self):
        self.vault.start('--anchor', os.path.join(self.place.mount, 'anchor'),
                         env=self.env)
        return self.vault.owner()

    def stop(self, owner):
        owner.close()
        self.vault.stop()

    def beside(self, marks):
        """A word in a file that is removed, for the search to find."""
        word = marks.new('beside')
        path = os.path.join(self.place.mount, 'v/beside')
        with open(path, 'w') as file:
            file.write('%s\n' % word * 100)
            file.flush()
            os.fsync(file.fileno())
        if self.place.raw:
            os.unlink(path)

    def at_rest(self):
        """All bytes of the disk, and of the log, which may be empty: that it
        is looked at is what the control value-in-log shows."""
        logged = self.vault.said().encode()
        self.place.detach()
        return self.place.bytes(), logged


def fill(run, marks):
    owner = run.start()
    streams(owner, marks)
    packed(owner, marks)
    dealings(run, owner, marks)
    refusals(owner, marks)
    owner.call('backup.create', file=os.path.join(run.place.mount, 'backup'),
               passphrase=flow.PASSPHRASE)
    erased = owner.call('stream.list', match='*/home')['streams'][0]['name']
    owner.change('stream.erase', name=erased)
    pushed(owner, marks)
    # The inbox is on the disk now; then it is drained.
    run.stop(owner)
    owner = run.start()
    until = time.monotonic() + flow.GUARD
    while owner.call('vault.status')['bytes']['inbox']:
        assert time.monotonic() < until, run.vault.said()
        time.sleep(0.05)
    run.stop(owner)


def judge(run, seeded):
    marks = Marks()
    fill(run, marks)
    put = len(marks.where)
    assert put >= WANTED, put
    run.beside(marks)
    disk, logged = run.at_rest()
    on_disk, in_log = marks.found(disk), marks.found(logged)
    print('%d words; %d MiB at rest: %s; %d bytes logged: %s' % (
        put, len(disk) >> 20, on_disk, len(logged), in_log))
    assert on_disk.pop('beside', 0) == 1, 'the search finds nothing'
    found = bool(on_disk or in_log)
    if seeded:
        print('found' if found else 'not found')
    return 0 if found == bool(seeded) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('bin')
    parser.add_argument('--seeded', metavar='NAME', choices=SEEDS)
    args = parser.parse_args()
    node()
    folder = tempfile.mkdtemp(prefix='vault-markers-')
    run = Run(folder, args.seeded)
    try:
        return judge(run, args.seeded)
    finally:
        run.vault.remove()
        subprocess.run(['umount', run.place.mount], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
