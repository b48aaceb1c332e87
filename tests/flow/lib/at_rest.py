"""The secrets of a vault on disk, by the reader that shares no code with it."""
import importlib.util
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, '../../model'))
# The independent reader has the name of a module of ours.
SPEC = importlib.util.spec_from_file_location(
    'reader', os.path.join(HERE, '../../model/vault.py'))
reader = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reader)


def read(folder, name):
    with open(os.path.join(folder, name), 'rb') as file:
        return file.read()


class Secrets:
    """Of the vault in a folder, as a key file of these bytes opens it."""

    def __init__(self, folder, secret):
        self.n = reader.read_current(read(folder, 'CURRENT'))
        self.root = reader.open_header(read(folder, 'header.%d' % self.n),
                                       reader.CREDENTIAL, secret)
        self.erase = reader.join_stripes(read(folder, 'erase.%d' % self.n))
        self.base = reader.kdf(self.root, 'vd1-kyrg')
        self.ring = reader.open_keyring(
            read(folder, 'keyring.%d' % self.n), self.wrap(self.n), self.n)[1]

    def wrap(self, number):
        """What a keyring of that number is sealed under, with the erase secret
        that is in force."""
        return reader.h(b'vd1 kw' + self.erase + struct.pack('<Q', number),
                        self.base)

    def all(self):
        """{what it is: 32 bytes}"""
        named = {'root key': self.root, 'erase secret': self.erase,
                 'base of keyrings': self.base,
                 'key of the keyring': self.wrap(self.n)}
        for kid, entry in self.ring.items():
            named['key %s of type %d' % (kid.hex(), entry[0])] = entry[3]
        return named
