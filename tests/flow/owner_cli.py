"""The owner's commands as they are typed: vaultctl as a process, its answers,
its faults, its exit codes."""
import json
import os
import subprocess
import sys

import ws
from vault import Vault, refused
import log  # of the models, where vault looks for them

ROWS = [
    {'stream': 'home/t', 'time': '2025-11-25T18:00:00Z', 'values':
     {'value': 21.0, 'n': 9007199254740993, 'note': 'a,"b"\nc', 'on': True}},
    {'stream': 'home/t', 'time': '2025-11-25T18:00:01.5Z', 'values':
     {'value': -0.0625, 'note': ''}},
    {'stream': 'home/u', 'time': '2025-11-25T18:00:00Z', 'values':
     {'value': 3, 'more': {'deep': [1, '2', None]}}},
]
vault = Vault()


def done(*args):
    """What a command printed, which must have succeeded without a word."""
    code, out, err = vault.ctl(*args)
    assert code == 0 and err == '', (args, code, err)
    return out


def fails(code, *args):
    """What a command says on stderr, which must end with this code."""
    got, out, err = vault.ctl(*args)
    assert got == code, (args, got, out, err)
    assert err.count('\n') == 1, err
    return err


def file_of(name, text):
    return vault.write(name, text)


def result(*args):
    return json.loads(done('import', *args, '--json'))


def counts(got):
    return got['accepted'], got['duplicates'], got['quarantined']


def elsewhere(columns, *args):
    """Import into a vault of its own, where these streams are; what it has
    then, as --json."""
    global vault
    here, vault = vault, Vault()
    try:
        for name, list_of in columns.items():
            done('stream', 'create', name,
                 *[w for c in list_of for w in ('--column', c)])
        got = result(*args)
        assert counts(got) == (3, 0, 0), got
        return done('data', 'query', '**', '--json')
    finally:
        vault.stop()
        vault = here


# ---- in and out again ----

def csv_of_several_streams_goes_back_in():
    rows = file_of('rows.ndjson', ''.join(json.dumps(r) + '\n' for r in ROWS))
    assert counts(result(rows)) == (3, 0, 0)
    csv = file_of('rows.csv', done('data', 'query', '**', '--csv'))
    assert open(csv).readline() == 'stream,time,value,n,note,on,more\n'
    assert counts(result(csv)) == (0, 3, 0)
    columns = {'home/t': ['value:f64', 'n:i64', 'note:text', 'on:bool'],
               'home/u': ['value:i64', 'more:json']}
    assert elsewhere(columns, csv) == done('data', 'query', '**', '--json')


def csv_does_not_make_streams():
    csv = file_of('new.csv', 'stream,time,value\n'
                  'home/new,2025-11-25T18:00:00Z,1\n')
    code, out, err = vault.ctl('import', csv)
    assert code == 1 and 'home/new" is no stream of the vault' in out, out
    csv = file_of('wrong.csv', 'stream,time,value,other\n'
                  'home/t,2025-11-25T19:00:00Z,1,2\n')
    code, out, err = vault.ctl('import', csv)
    assert code == 1 and 'other: the stream has no such column' in out, out


def csv_of_one_stream_goes_back_by_its_name():
    csv = file_of('one.csv', done('data', 'query', 'home/t', '--csv'))
    assert open(csv).readline() == 'time,value,n,note,on\n'
    assert 'vaultctl data put STREAM' in fails(2, 'import', csv)
    got = json.loads(done('data', 'put', 'home/t', csv, '--json'))
    assert counts(got) == (0, 2, 0), got


def ndjson_makes_the_streams_that_it_came_from():
    lines = file_of('all.ndjson', done('data', 'query', '**', '--ndjson'))
    assert '"value":21.0,"n":9007199254740993,' in open(lines).read()
    assert counts(result(lines)) == (0, 3, 0)
    assert elsewhere({}, lines) == done('data', 'query', '**', '--json')


def json_does_not_go_back_and_says_what_does():
    one = file_of('all.json', done('data', 'query', '**', '--json'))
    code, out, err = vault.ctl('import', one)
    assert code == 1 and 'data query --ndjson' in out, out


# ---- a dry run ----

MAP = '''\
time: {from: t, format: rfc3339}
streams: [{name: %s, from: x, type: %s, category: %s}]
'''


def a_dry_run_refuses_what_the_import_refuses():
    csv = file_of('t.csv', 't,x\n2025-11-25T20:00:00Z,1\n')
    before = done('stream', 'list')
    for name, kind, category, says in (
            ('home/dry', 'f64', 'home.climat', 'did you mean home.climate?'),
            ('home/dry', 'f64', 'home', 'is a group'),
            ('home/t', 'text', 'unsorted', 'value is f64 in the stream')):
        mapping = file_of('t.yaml', MAP % (name, kind, category))
        told = [vault.ctl('import', csv, '--map', mapping, *dry)
                for dry in ([], ['--dry-run'])]
        assert told[0][0] == told[1][0] != 0, told
        assert all(says in out + err for _, out, err in told), told
    mapping = file_of('t.yaml', MAP % ('home/dry', 'f64', 'home.climate'))
    out = done('import', csv, '--map', mapping, '--dry-run')
    assert '1 would be taken, 0 not, 1 new stream' in out, out
    assert done('stream', 'list') == before


# ---- heads of the log ----

def a_head_kept_outside_is_taken_in_each_form():
    path = vault.path('head.txt')
    done('audit', 'head', '--out', path)
    kept = open(path).read()
    assert kept.startswith('vaultd.invalid/') and kept.count('\n') == 5, kept
    done('stream', 'create', 'home/later')
    for text in (kept, kept.rstrip(), kept + ' \n\n\t',
                 done('audit', 'head', '--checkpoint'),
                 done('audit', 'head', '--json'),
                 done('audit', 'head', '--json') + '\n\n'):
        out = done('audit', 'verify', '--with', file_of('kept', text))
        assert out.startswith('whole: '), (text, out)


def what_is_no_head_is_told_by_its_file():
    good = vault.path('head.txt')
    kept = open(good).read()
    for text in ('', '\n', '{}', '{"checkpoint": 1}', done('audit', 'head'),
                 kept[:-20], kept + 'more\n', kept.replace('\n\n', '\n')):
        bad = file_of('bad.txt', text)
        err = fails(1, 'audit', 'verify', '--with', good, '--with', bad)
        assert bad + ' holds no signed head' in err, err
    assert 'no file' in fails(1, 'audit', 'verify', '--with', 'nowhere')
    forged = file_of('forged.txt', kept.replace('\n', '\n1', 1))
    code, out, err = vault.ctl('audit', 'verify', '--with', good, '--with',
                               forged)
    assert (code, err) == (1, ''), (code, err)
    assert out == forged + ' is not signed by this vault\n', out


# ---- what is said ----

def a_fault_is_one_line_that_names_what_is_wrong():
    csv = file_of('t.csv', 't,x\n2025-11-25T20:00:00Z,1\n')
    assert 'nope.yaml' in fails(1, 'import', csv, '--map', 'nope.yaml')
    for verb in ('query', 'latest', 'watch', 'plot'):
        err = fails(2, 'data', verb, 'home/*', 'home//x')
        assert '"home//x" is no stream' in err, err
    err = fails(2, 'source', 'add', 'm', '--streams', 'home/*,home//x')
    assert '"home//x" is no' in err, err


def a_unit_that_is_not_known_is_told():
    done('stream', 'create', 'home/w', '--unit', 'kWh')
    shown = json.loads(done('stream', 'show', 'home/w', '--json'))['stream']
    assert shown['unit'] == 'kW.h', shown
    code, out, err = vault.ctl('stream', 'create', 'home/f', '--unit', 'foo')
    assert code == 0 and 'kept as {foo}' in err and '{foo}' in out, (out, err)
    lines = file_of('units.ndjson', ''.join(json.dumps(
        {'stream': 'home/' + name, 'time': '2025-11-25T18:00:00Z', 'value': 1,
         'unit': unit}) + '\n' for name, unit in (('c', '°C'), ('p', 'pcs'))))
    for dry in (['--dry-run'], []):
        code, out, err = vault.ctl('import', lines, *dry)
        assert code == 0 and 'kept as {pcs}' in err, err
        assert 'home/c' not in err, err
    units = {s['name']: s['unit'] for s in json.loads(
        done('stream', 'list', '--json'))['streams']}
    assert (units['home/c'], units['home/p']) == ('Cel', '{pcs}'), units


def the_version_is_told_as_usual():
    assert done('--version') == done('version')
    assert json.loads(done('--version', '--json'))['vaultctl']


def a_long_record_widens_no_other_row():
    lines = file_of('long.ndjson', json.dumps(
        {'stream': 'home/long', 'time': '2025-11-25T18:00:00Z',
         'values': {'more': {'deep': 'x' * 400}}}) + '\n')
    assert counts(result(lines)) == (1, 0, 0)
    rows = done('data', 'latest', 'home/t', 'home/long').splitlines()
    assert max(map(len, rows)) > 400
    assert all(len(row) < 160 for row in rows if 'deep' not in row), rows


def completed(program, *words):
    """What bash offers behind these words, the last of which is begun."""
    script = subprocess.run(
        [os.path.join(sys.argv[1], program), 'completion', 'bash'],
        capture_output=True, check=True, timeout=ws.GUARD).stdout.decode()
    done = subprocess.run(
        ['bash', '-c', script + 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
         '_%s; printf "%%s\\n" "${COMPREPLY[@]}"' % program, 'bash', program,
         *words], capture_output=True, check=True, timeout=ws.GUARD)
    assert done.stderr == b'', done.stderr
    return done.stdout.decode().split()


def a_shell_completes_what_there_is():
    assert completed('vaultctl', 'str') == ['stream']
    assert completed('vaultctl', 'console') == []  # to come
    assert 'erase' in completed('vaultctl', 'stream', '')
    assert completed('vaultctl', '--json', 'stream', 'cre') == ['create']
    assert completed('vaultctl', 'stream', 'create', 'home/x', '--cat') == [
        '--category']
    assert '--passphrase-file' in completed('vaultctl', 'status', '--pass')
    assert completed('vaultfirm', 'receipt', 'ver') == ['verify']
    assert 'no shell' in fails(2, 'completion', 'csh')


# ---- unlocking ----

def the_24_words_are_given_like_a_passphrase():
    global vault
    here, vault = vault, Vault(ready=False)
    try:
        words = vault.init().split('once:')[1].split()[:24]
        vault.start(unlock=None)
        for text in (' '.join(words) + '\n', '  '.join(words).upper()):
            path = file_of('words', text)
            assert done('unlock', '--passphrase-file', path).startswith(
                'unlocked')
            done('lock')
        vault.stop()
    finally:
        vault = here


def policies_over_a_call_are_told_by_their_size():
    part = '# a comment\n' * 9000 + 'version: 1\nrules: []\n'
    one = file_of('one.yaml', part)
    assert done('policy', 'check', one) == 'no faults\n'
    for files in ([one, file_of('two.yaml', part), file_of('3.yaml', part)],
                  [file_of('lines.yaml', '#\n' * 100000)]):
        err = fails(2, 'policy', 'check', *files)
        assert '256 KiB' in err and 'JSON' not in err, err
    err = fails(1, 'policy', 'check', file_of('huge.yaml', 3 * part))
    assert 'huge.yaml' in err and '262144' in err, err


# ---- the log ----

def indexes(*args):
    got = json.loads(done('audit', 'list', *args, '--json'))
    return [entry['index'] for entry in got['entries']]


def the_newest_entries_are_shown_and_how_to_see_more():
    for i in range(4):
        done('stream', 'create', 'log/s%d' % i)
    owner = vault.owner()
    size = owner.call('audit.head')['size']
    assert size > 6, size
    assert indexes('--limit', '3') == [size - 3, size - 2, size - 1]
    shown = done('audit', 'list', '--limit', '3')
    assert 'older ones: --before %d' % (size - 3) in shown, shown
    # Back to the first one, page by page.
    seen, before = [], []
    while True:
        page = indexes('--limit', '2', *before)
        if not page:
            break
        seen = page + seen
        before = ['--before', str(page[0])]
    assert seen == list(range(seen[-1] + 1)), seen
    assert done('audit', 'list', *before) == 'no such entries\n'
    assert '--before' not in done('audit', 'list')
    # On behind one.
    assert indexes('--after', '1', '--limit', '2') == [2, 3]
    shown = done('audit', 'list', '--after', '1', '--limit', '2')
    assert 'newer ones: --after 3' in shown, shown
    assert indexes('--after', '1', '--before', '4') == [2, 3]
    owner.close()


def the_newest_of_some_types_are_the_newest_of_these():
    owner = vault.owner()
    all_of = [e['index'] for e in owner.call('audit.list', types=['stream'],
                                             limit=1000)['entries']]
    assert len(all_of) > 4, all_of
    for limit in (1, 3, len(all_of), 1000):
        assert indexes('--type', 'stream', '--limit', str(limit)) == \
            all_of[-limit:], limit
    assert indexes('--type', 'stream', '--before', str(all_of[2])) == \
        all_of[:2]
    listed = owner.call('audit.list', newest=True, after=all_of[0],
                        types=['stream'], limit=1000)['entries']
    assert [e['index'] for e in listed] == all_of[1:], listed
    assert owner.call('audit.list', newest=True, before=0)['entries'] == []
    owner.close()


def checked(text):
    """Entries of an export that holds; None where it does not."""
    try:
        return log.check(text)[0]
    except AssertionError:
        return None


def the_log_goes_out_whole_and_is_verified_elsewhere():
    owner = vault.owner()
    size = owner.call('audit.head')['size']
    owner.close()
    path = vault.path('log.ndjson')
    other = file_of('other', 'theirs')
    os.symlink(other, path + '.new')  # it is not followed
    told = json.loads(done('audit', 'export', '--to', path, '--json'))
    assert (told['entries'], told['size']) == (size, size), told
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert not os.path.lexists(path + '.new')
    assert open(other).read() == 'theirs' and not os.path.islink(path)
    text = open(path).read()
    assert [e['index'] for e in log.check(text)[0]] == list(range(size))
    assert done('audit', 'export') == text
    # From a later entry on the proof stands for those before.
    for first in (1, 2, size // 2, size - 1):
        part = done('audit', 'export', '--from-index', str(first))
        assert len(log.check(part)[0]) == size - first, first
    assert 'has %d entries' % size in fails(
        2, 'audit', 'export', '--from-index', str(size))
    assert 'no index' in fails(2, 'audit', 'export', '--from-index', '-1')
    assert 'cannot be written' in fails(1, 'audit', 'export', '--to',
                                        vault.path('none/log'))


def an_export_that_was_changed_does_not_hold():
    text = done('audit', 'export')
    lines = text.splitlines(keepends=True)
    half = done('audit', 'export', '--from-index', '3').splitlines(True)
    swapped = json.loads(lines[2])
    swapped['detail'] = swapped['detail'].replace('"', "'", 1)
    for wrong in (lines[:-1], lines[1:], lines[:2] + lines[3:],
                  [lines[1], lines[0]] + lines[2:],
                  lines[:2] + [json.dumps(swapped) + '\n'] + lines[3:],
                  lines[:3] + [lines[3].replace('"entry":"', '"entry":"AA')]
                  + lines[4:], half[1:], lines[:2] + half,
                  lines[:-1] + half[-1:], half[:-1] + lines[-1:]):
        assert checked(''.join(wrong)) is None, wrong
    assert checked(text)


def the_head_is_kept_without_being_asked():
    done('status')
    folder = vault.path('state/vaultctl/heads')
    owner = vault.owner()
    name = owner.call('session.info')['vault'][4:56]
    head = owner.call('audit.head')['checkpoint']
    path = os.path.join(folder, name)
    assert open(path).read() == head
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(folder).st_mode & 0o777 == 0o700
    # It counts as one from elsewhere, and grows with the log.
    owner.create('log/kept')
    assert done('audit', 'verify', '--require-head').startswith('whole: ')
    assert open(path).read() == owner.call('audit.head')['checkpoint'] != head
    # What is no head is told, and put right by a word alone.
    with open(path, 'w') as file:
        file.write('nothing')
    code, _, err = vault.ctl('status')
    assert code == 0 and path in err and '--accept' in err, err
    assert open(path).read() == 'nothing'
    done('audit', 'head', '--accept')
    done('status')
    assert open(path).read() == owner.call('audit.head')['checkpoint']
    owner.close()


# ---- policies ----

def all_faults_of_a_file_are_told_up_to_a_number():
    rules = ''.join('  - {name: r%d, effect: maybe}\n' % i for i in range(80))
    few = file_of('few.yaml', 'version: 1\nrules:\n' + '\n'.join(
        rules.splitlines()[:30]) + '\n')
    many = file_of('many.yaml', 'version: 1\nrules:\n' + rules)
    code, out, err = vault.ctl('policy', 'apply', few)
    assert (code, out) == (2, ''), (code, out)
    assert err.count('few.yaml:') == 30 and 'the set in force stays' in err, err
    code, out, err = vault.ctl('policy', 'apply', many)
    assert code == 2 and err.count('many.yaml:') == 50, err
    assert '31 more faults' in err, err
    # A refusal has less room, and says so in whole lines.
    owner = vault.owner()
    for path in (few, many):
        with open(path) as file:
            no = refused(owner.change, 'policy.apply', files=[
                {'name': path, 'text': file.read()}])
        *lines, last = no.data['detail'].splitlines()
        assert all(line.startswith(path) for line in lines), lines
        told = 30 if path == few else 50
        assert last == 'and %d more, which policy.check tells' % (
            told - len(lines)), last
    assert owner.call('policy.list')
    owner.close()


ws.run([csv_of_several_streams_goes_back_in, csv_does_not_make_streams,
        csv_of_one_stream_goes_back_by_its_name,
        ndjson_makes_the_streams_that_it_came_from,
        json_does_not_go_back_and_says_what_does,
        a_dry_run_refuses_what_the_import_refuses,
        a_head_kept_outside_is_taken_in_each_form,
        what_is_no_head_is_told_by_its_file,
        a_fault_is_one_line_that_names_what_is_wrong,
        a_unit_that_is_not_known_is_told, the_version_is_told_as_usual,
        a_long_record_widens_no_other_row,
        a_shell_completes_what_there_is,
        policies_over_a_call_are_told_by_their_size,
        the_newest_entries_are_shown_and_how_to_see_more,
        the_newest_of_some_types_are_the_newest_of_these,
        the_log_goes_out_whole_and_is_verified_elsewhere,
        an_export_that_was_changed_does_not_hold,
        the_head_is_kept_without_being_asked,
        all_faults_of_a_file_are_told_up_to_a_number,
        the_24_words_are_given_like_a_passphrase])
