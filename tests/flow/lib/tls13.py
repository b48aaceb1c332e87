"""TLS by libssl itself, for both ends: Python's ssl has no exporter."""
import ctypes
import socket
import struct

import ws

lib = ctypes.CDLL('libssl.so.3')
crypto = ctypes.CDLL('libcrypto.so.3')
PTR, INT, LONG, SIZE, TEXT = (ctypes.c_void_p, ctypes.c_int, ctypes.c_long,
                              ctypes.c_size_t, ctypes.c_char_p)
KNOWN = (
    (lib.TLS_client_method, PTR, ()), (lib.TLS_server_method, PTR, ()),
    (lib.SSL_CTX_new, PTR, (PTR,)), (lib.SSL_new, PTR, (PTR,)),
    (lib.SSL_CTX_ctrl, LONG, (PTR, INT, LONG, PTR)),
    (lib.SSL_CTX_use_certificate, INT, (PTR, PTR)),
    (lib.SSL_CTX_use_PrivateKey, INT, (PTR, PTR)),
    (lib.SSL_set_fd, INT, (PTR, INT)), (lib.SSL_connect, INT, (PTR,)),
    (lib.SSL_accept, INT, (PTR,)), (lib.SSL_free, None, (PTR,)),
    (lib.SSL_read, INT, (PTR, PTR, INT)), (lib.SSL_write, INT, (PTR, TEXT, INT)),
    (lib.SSL_get_error, INT, (PTR, INT)), (lib.SSL_shutdown, INT, (PTR,)),
    (lib.SSL_get_version, TEXT, (PTR,)),
    (lib.SSL_get1_session, PTR, (PTR,)), (lib.SSL_set_session, INT, (PTR, PTR)),
    (lib.SSL_session_reused, INT, (PTR,)),
    (lib.SSL_SESSION_is_resumable, INT, (PTR,)),
    (lib.SSL_SESSION_has_ticket, INT, (PTR,)),
    (lib.SSL_SESSION_get_max_early_data, ctypes.c_uint32, (PTR,)),
    (lib.SSL_export_keying_material, INT,
     (PTR, PTR, SIZE, TEXT, SIZE, PTR, SIZE, INT)),
    (crypto.EVP_PKEY_Q_keygen, PTR, None), (crypto.X509_new, PTR, ()),
    (crypto.X509_get_serialNumber, PTR, (PTR,)),
    (crypto.ASN1_INTEGER_set, INT, (PTR, LONG)),
    (crypto.X509_getm_notBefore, PTR, (PTR,)),
    (crypto.X509_getm_notAfter, PTR, (PTR,)),
    (crypto.X509_gmtime_adj, PTR, (PTR, LONG)),
    (crypto.X509_set_pubkey, INT, (PTR, PTR)),
    (crypto.X509_sign, INT, (PTR, PTR, PTR)), (crypto.EVP_sha256, PTR, ()),
    (crypto.ERR_get_error, ctypes.c_ulong, ()),
    (crypto.ERR_clear_error, None, ()))
for function, result, arguments in KNOWN:
    function.restype = result
    if arguments is not None:
        function.argtypes = arguments
SET_MAX_VERSION, TLS_1_2 = 124, 0x0303
WANT_READ, REASONS = 2, (1 << 23) - 1


class Broken(OSError):
    """The handshake failed; reason is OpenSSL's number of it."""

    def __init__(self, reason):
        super().__init__('TLS: reason %d' % reason)
        self.reason = reason


def client_context(newest=None):
    context = lib.SSL_CTX_new(lib.TLS_client_method())
    if newest is not None:
        assert lib.SSL_CTX_ctrl(context, SET_MAX_VERSION, newest, None) == 1
    return context


def server_context():
    """With a certificate of its own making."""
    context = lib.SSL_CTX_new(lib.TLS_server_method())
    key = crypto.EVP_PKEY_Q_keygen(None, None, TEXT(b'EC'), TEXT(b'P-256'))
    cert = crypto.X509_new()
    crypto.ASN1_INTEGER_set(crypto.X509_get_serialNumber(cert), 1)
    crypto.X509_gmtime_adj(crypto.X509_getm_notBefore(cert), 0)
    crypto.X509_gmtime_adj(crypto.X509_getm_notAfter(cert), 86400)
    assert crypto.X509_set_pubkey(cert, key) == 1
    assert crypto.X509_sign(cert, key, crypto.EVP_sha256()) > 0
    assert lib.SSL_CTX_use_certificate(context, cert) == 1
    assert lib.SSL_CTX_use_PrivateKey(context, key) == 1
    return context


class Stream:
    """One end, as a socket has it."""

    def __init__(self, sock, context, accept=False, session=None):
        # a timeout of Python's would make the descriptor non-blocking
        sock.setblocking(True)
        for which in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            sock.setsockopt(socket.SOL_SOCKET, which,
                            struct.pack('ll', int(ws.GUARD), 0))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.room = sock, ctypes.create_string_buffer(65536)
        self.ssl = lib.SSL_new(context)
        lib.SSL_set_fd(self.ssl, sock.fileno())
        if session is not None:
            assert lib.SSL_set_session(self.ssl, session) == 1
        crypto.ERR_clear_error()
        shake = lib.SSL_accept if accept else lib.SSL_connect
        if shake(self.ssl) != 1:
            reason = crypto.ERR_get_error() & REASONS
            self.close()
            raise Broken(reason)

    def exporter(self):
        """The 32 bytes that both ends of this connection alone know."""
        out, label = ctypes.create_string_buffer(32), b'EXPORTER-Channel-Binding'
        assert lib.SSL_export_keying_material(
            self.ssl, out, 32, label, len(label), None, 0, 0) == 1
        return out.raw

    def version(self):
        return lib.SSL_get_version(self.ssl).decode()

    def settimeout(self, _):
        pass

    def sendall(self, data):
        if data and lib.SSL_write(self.ssl, bytes(data), len(data)) <= 0:
            raise BrokenPipeError('TLS: write')

    def recv(self, size):
        got = lib.SSL_read(self.ssl, self.room, min(size, 65536))
        if got > 0:
            return ctypes.string_at(self.room, got)
        if lib.SSL_get_error(self.ssl, got) == WANT_READ:
            raise TimeoutError('TLS: read')
        return b''

    def end(self):
        """No more will be written."""
        lib.SSL_shutdown(self.ssl)
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        if self.ssl is not None:
            lib.SSL_free(self.ssl)
            self.ssl = None
            self.sock.close()


def dial(at, context, source=None, session=None):
    """A connection to at; source: the address on loopback that it is from."""
    sock = socket.create_connection(
        at, ws.GUARD, source_address=(source, 0) if source else None)
    return Stream(sock, context, session=session)
