"""Start, wake-ups, timers and stop of the door."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

from ws import CLOSE, TEXT, Closed, Daemon, frame, run, upgrade


def another_thread_can_wake_the_loop():
    daemon = Daemon('stop_ms=200')
    owner = daemon.owner()
    for _ in range(100):
        assert owner.ask('wake') == 'woken'
    daemon.stop()


def a_time_that_was_asked_for_comes_once():
    daemon = Daemon('stop_ms=200')
    owner = daemon.owner()
    assert owner.ask('due 20') == 'due'
    assert owner.ask('due 0') == 'due'
    owner.text('due 3600000')
    owner.text('due 10')
    assert owner.frame() == (TEXT, b'due')
    assert owner.ask('and no other') == 'and no other'
    daemon.stop()


def jobs_of_a_turn_are_handed_over_together():
    daemon = Daemon('stop_ms=200')
    owner = daemon.owner()
    before = eval(owner.ask('stats'))['flushes']
    owner.send(b''.join(frame(TEXT, str(i)) for i in range(500)))
    for i in range(500):
        assert owner.frame() == (TEXT, b'%d' % i)
    assert eval(owner.ask('stats'))['flushes'] - before < 50
    daemon.stop()


def an_idle_door_sleeps():
    daemon = Daemon('stop_ms=200')
    owner = daemon.owner()
    owner.ask('turn')
    before = daemon.cpu()
    time.sleep(1)
    assert daemon.cpu() - before <= 0.05
    daemon.stop()


def a_proxy_of_the_environment_is_not_looked_at():
    for name in ('http_proxy', 'socks_proxy'):
        os.environ[name] = 'somebody:word@nowhere'
    daemon = Daemon('stop_ms=200')
    for name in ('http_proxy', 'socks_proxy'):
        del os.environ[name]
    assert daemon.owner().ask('all the same') == 'all the same'
    said = daemon.stop()
    assert 'proxy' not in said.lower(), said


def who_is_there_at_the_end_hears_1001():
    daemon = Daemon()
    owner = daemon.owner()
    firm = daemon.client().ready()
    half = daemon.http()
    half.send(b'POST /show HTTP/1.1\r\n')
    handshaking = daemon.tls().open(host='127.0.0.1')
    owner.ask('turn')
    assert owner.ask('wake') == 'woken'
    daemon.process.send_signal(signal.SIGTERM)
    assert owner.frame() == (TEXT, b'stopping')
    assert owner.closing() == (1001, 'the vault stops')
    assert firm.closing() == (1001, 'the vault stops')
    assert half.rest() == b'' and handshaking.rest() == b''
    firm.close()
    daemon.stop()


def who_does_not_close_is_not_waited_for():
    daemon = Daemon('stop_ms=300')
    stuck = [daemon.owner() for _ in range(3)]
    stuck[0].text('big 4000000')
    stuck[0].take(100)
    daemon.stop()


def a_request_under_way_is_not_waited_for_long():
    daemon = Daemon('stop_ms=300')
    owner = daemon.owner()
    wire = daemon.http()
    wire.send(b'GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n')
    owner.ask('turn')
    daemon.process.send_signal(signal.SIGTERM)
    assert owner.closing()[0] == 1001
    assert wire.rest() == b''
    daemon.stop()


def nobody_is_let_in_behind_the_end():
    daemon = Daemon('stop_ms=400')
    owner = daemon.owner()
    daemon.process.send_signal(signal.SIGTERM)
    assert owner.frame()[0] == CLOSE
    for dial in [daemon.unix, daemon.http, daemon.plain_tls_port]:
        try:
            wire = dial()
            wire.send(b'x')
            assert wire.rest() == b''
        except OSError:
            pass
    daemon.stop()


def start(folder):
    return subprocess.run([os.path.join(sys.argv[1], 'net_daemon'), folder],
                          stderr=subprocess.PIPE, timeout=60)


def a_living_daemons_socket_is_left_alone():
    daemon = Daemon()
    second = start(daemon.folder)
    assert second.returncode == 1
    assert b'a daemon listens there' in second.stderr, second.stderr
    assert daemon.owner().ask('hello') == 'hello'
    daemon.stop()


def what_a_dead_daemon_left_is_replaced():
    daemon = Daemon()
    daemon.process.kill()
    daemon.process.wait()
    assert os.path.exists(daemon.path)
    os.unlink(os.path.join(daemon.folder, 'up'))
    daemon.process = subprocess.Popen(
        [daemon.program, daemon.folder], stderr=daemon.log)
    while not os.path.exists(os.path.join(daemon.folder, 'up')):
        assert daemon.process.poll() is None
    assert daemon.owner().ask('hello') == 'hello'
    daemon.stop()


def what_is_no_socket_is_not_touched():
    daemon = Daemon()
    folder = daemon.folder + '-file'
    os.mkdir(folder)
    with open(os.path.join(folder, 'sock'), 'w') as file:
        file.write('precious')
    second = start(folder)
    assert second.returncode == 1 and b'no socket' in second.stderr
    with open(os.path.join(folder, 'sock')) as file:
        assert file.read() == 'precious'
    shutil.rmtree(folder)
    daemon.stop()


def the_socket_has_its_mode_and_goes_at_the_end():
    daemon = Daemon()
    about = os.stat(daemon.path)
    assert about.st_mode & 0o777 == 0o660, oct(about.st_mode)
    kept = daemon.folder
    daemon.process.terminate()
    assert daemon.process.wait(60) == 0
    assert not os.path.exists(daemon.path)
    shutil.rmtree(kept)


def without_tls_there_is_none():
    daemon = Daemon('tls=0')
    assert daemon.tls_at is None
    assert daemon.owner().ask('hello') == 'hello'
    daemon.stop()


run([v for v in list(globals().values())
     if callable(v) and getattr(v, '__module__', '') == '__main__' and
     v is not start])
