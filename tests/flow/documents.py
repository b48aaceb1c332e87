"""What the documents say of programs is true: their tables are those of the
code, and their examples run."""
import json
import os
import re
import shlex
import shutil
import subprocess

import ws
from vault import Vault

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, '../..')
vault = Vault()


def text_of(path):
    with open(os.path.join(SOURCE, path)) as file:
        return file.read()


def blocks(document, kind):
    """The fenced blocks of a kind."""
    return re.findall(r'^```%s\n(.*?)^```' % kind, document, re.M | re.S)


def table(document, head):
    """The rows of the table whose head begins so, as lists of cells."""
    _, _, rest = document.partition('\n| ' + head)
    rows = []
    for line in rest.splitlines()[2:]:
        if not line.startswith('|'):
            break
        rows.append([cell.strip() for cell in
                     line.strip('|').replace('\\|', '\0').split('|')])
    assert rows, head
    return rows


def ctl(*args):
    code, out, err = vault.ctl(*args)
    assert code == 0 and err == '', (args, code, out, err)
    return out


# ---- the configuration ----

def the_keys_of_the_configuration_are_those_of_the_code():
    words = {'TEXT': 'text, %s to %s bytes', 'NUMBER': 'number, %s to %s',
             'TEXTS': 'list of texts, %s to %s bytes',
             'MIB': 'size, %s to %s MiB', 'FLAG': 'true or false'}
    code = re.findall(
        r'\{ "(\w+)",\s*CONFIG_(\w+),\s*(\d+),\s*(\d+),\s*offsetof\([^)]*\),'
        r'\s*"([^"]*)" \}', text_of('vaultd/main/config_keys.c'))
    told = table(text_of('vaultd/CONFIG.md'), 'key |')
    assert [[key, value, says] for key, value, _, says in told] == [
        ['`%s`' % name, words[kind] % (least, most) if '%' in words[kind] else words[kind],
         says]
        for name, kind, least, most, says in code], (code, told)
    assert len(code) == text_of('vaultd/main/config_keys.c').count('CONFIG_')


def what_holds_where_nothing_is_said_is_true():
    told = {key.strip('`'): usual.strip('`') for key, _, usual, _ in
            table(text_of('vaultd/CONFIG.md'), 'key |')}
    assert '"%s"' % told['socket'] in text_of('vaultd/main/cmd_run.c')
    assert '.workers = %s }' % told['workers'] in text_of(
        'vaultd/main/config.c')
    assert 'CONNECTIONS = %s,' % told['max_connections'] in text_of(
        'vaultd/net/net.c')
    for key, name in (('max_handshaking', 'STRANGERS'),
                      ('max_per_address', 'STRANGERS_ADDRESS')):
        assert 'VLT_LIMIT_%s = %s,' % (name, told[key]) in text_of(
            'sdk/wire/limits.h')


def the_example_of_a_configuration_is_good():
    example, = blocks(text_of('vaultd/CONFIG.md'), 'yaml')
    path = vault.write('conf.yaml', example)
    code, out, err = vault.command('check-config', path)
    assert code == 0, err


# ---- files of rows ----

def the_example_of_a_mapping_imports():
    document = text_of('sdk/import/MAPPING.md')
    csv, = blocks(document, 'csv')
    mapping, = blocks(document, 'yaml')
    got = json.loads(ctl('import', vault.write('energy.csv', csv), '--map',
                         vault.write('energy.yaml', mapping), '--json'))
    assert (got['accepted'], got['errors']) == (5, []), got
    series = json.loads(ctl('data', 'query', 'home/**', '--json'))['series']
    assert {s['stream']: s['rows'] for s in series} == {
        'home/appliances/energy': [['2016-01-11T16:00:00Z', 60],
                                   ['2016-01-11T16:10:00Z', 60]],
        'home/room1/temperature': [['2016-01-11T16:00:00Z', 19.89],
                                   ['2016-01-11T16:10:00Z', 19.89]],
        'home/room2/temperature': [['2016-01-11T16:00:00Z', 19.2]]}, series
    shown = json.loads(ctl('stream', 'show', 'home/room1/temperature',
                           '--json'))['stream']
    assert (shown['unit'], shown['category']) == ('Cel', 'home.climate')


def the_example_of_ndjson_imports():
    lines, = blocks(text_of('sdk/import/MAPPING.md'), 'ndjson')
    got = json.loads(ctl('import', vault.write('rows.ndjson', lines),
                         '--json'))
    assert (got['accepted'], got['errors']) == (2, []), got
    out = ctl('data', 'query', 'home/hall/*', '--csv')
    assert ('home/hall/temperature,2025-11-25T18:00:00Z,21.5' in out
            or 'home/hall/temperature,2025-11-25T18:00:00Z,,,21.5' in out), out


def the_keys_of_a_mapping_are_those_of_the_code():
    document = text_of('sdk/import/MAPPING.md')
    reads = text_of('sdk/import/mapping_read.c')
    code = re.findall(r'\{ "(\w+)", read_\w+ \}|\{ "(\w+)", mapping_read_',
                      reads)
    told = [row[0].strip('`') for row in table(document, 'key |')]
    assert sorted(told) == sorted(a or b for a, b in code), (told, code)
    keys = re.search(r'keys\[\] = \{([^}]*)NULL \};',
                     text_of('sdk/import/mapping_streams.c'), re.S).group(1)
    told = [row[0].strip('`') for row in table(document, 'of a stream |')]
    assert sorted(told) == sorted(re.findall(r'"(\w+)"', keys)), (told, keys)


# ---- pushed data ----

def the_addresses_are_those_of_the_code():
    told = set()
    for row in table(text_of('vaultd/INGEST.md'), 'path |'):
        told.update(re.findall(r'`(/[^`]*)`', row[0]))
    code = set(re.findall(r'"(/[^"]*)"', text_of('vaultd/ingest/adapters.c')))
    assert told == code | {'/query', '/ping', '/health'}, (told, code)


def the_words_of_precision_are_those_of_the_code():
    code = re.search(r'precisions\[\] = \{(.*?)\n\};',
                     text_of('vaultd/ingest/adapters.c'), re.S).group(1)
    line, = re.findall(r'^\*\*Precision\.\*\*.*$',
                       text_of('vaultd/INGEST.md'), re.M)
    told = set(re.findall(r'`([^`]*)`', line)) - {'precision='}
    assert told == set(re.findall(r'\{ "([^"]*)"', code)) - {''}, (told, code)


def the_statuses_are_those_of_the_code():
    told = set()
    for row in table(text_of('vaultd/INGEST.md'), 'status |'):
        told.update(re.findall(r'\b[2-5]\d\d\b', row[0]))
    code = set(re.findall(r'= \{ (\d\d\d),', text_of('vaultd/service/http.c')))
    assert code - {'500'} <= told, (told, code)


def the_examples_of_pushing_are_taken():
    if shutil.which('curl') is None:
        return
    told = text_of('vaultd/INGEST.md')
    add = re.search(r'^    vaultctl (source add house .*)$', told, re.M)
    token = json.loads(ctl(*shlex.split(add.group(1)), '--json'))['token']
    script, = blocks(told, 'sh')
    done = subprocess.run(
        ['sh', '-eu', '-c', script], capture_output=True, timeout=ws.GUARD,
        env={**os.environ, 'TOKEN': token, 'NO_PROXY': '*',
             'HTTP': json.loads(ctl('status', '--json'))['http']})
    assert done.returncode == 0, done
    names = {s['name']: [c['name'] for c in s['columns']] for s in
             json.loads(ctl('stream', 'list', '--json'))['streams']}
    assert sorted(names['home/house/air/room=hall']) == ['co2', 'temperature']
    assert names['home/house/desk/load/load'] == ['value'], names


def the_reasons_of_a_quarantine_are_those_of_the_code():
    told = set()
    for row in table(text_of('vaultd/INGEST.md'), 'reason |'):
        told.update(re.findall(r'`(\w+)`', row[0]))
    code = set(re.findall(r'= "(\w+)",', text_of('vaultd/ingest/sample.c')))
    code |= set(re.findall(r'(?:\*reason = |quarantine_add\(pour, )"(\w+)"',
                           text_of('vaultd/service/pour.c') +
                           text_of('vaultd/service/quarantine.c')))
    assert code and told == code, (told, code)


# ---- what refers to documents ----

def documents_that_are_named_are_there():
    names, places = set(), {}
    for top in ('.', 'sdk', 'vaultd', 'policies', 'tests', 'packaging'):
        for folder, _, files in os.walk(os.path.join(SOURCE, top)):
            if top == '.' and folder != SOURCE + '/.':
                continue
            for name in files:
                path = os.path.join(folder, name)
                if name.endswith('.md'):
                    names.add(name)
                if re.search(r'\.(c|h|py|md|tsv)$', name):
                    with open(path, encoding='utf-8') as file:
                        for found in re.findall(r'\b[A-Za-z][\w-]*\.md\b',
                                                file.read()):
                            places.setdefault(found, path)
    assert 'WIRE.md' in names and 'WIRE.md' in places
    gone = {name: path for name, path in places.items() if name not in names}
    assert not gone, gone


ws.run([the_keys_of_the_configuration_are_those_of_the_code,
        what_holds_where_nothing_is_said_is_true,
        the_example_of_a_configuration_is_good,
        the_example_of_a_mapping_imports, the_example_of_ndjson_imports,
        the_keys_of_a_mapping_are_those_of_the_code,
        the_addresses_are_those_of_the_code,
        the_words_of_precision_are_those_of_the_code,
        the_statuses_are_those_of_the_code, the_examples_of_pushing_are_taken,
        the_reasons_of_a_quarantine_are_those_of_the_code,
        documents_that_are_named_are_there])
