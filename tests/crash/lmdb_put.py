"""Put a record into an LMDB file as a vandal does: without a key, by liblmdb."""
import ctypes

LIB = ctypes.CDLL('liblmdb.so.0')
MAP = 256 << 20
NOSYNC = 0x10000


class Value(ctypes.Structure):
    _fields_ = [('size', ctypes.c_size_t), ('data', ctypes.c_char_p)]


def need(code):
    assert code == 0, code


def put(folder, name, key, value):
    """name None: the unnamed database."""
    env, txn = ctypes.c_void_p(), ctypes.c_void_p()
    dbi = ctypes.c_uint()
    need(LIB.mdb_env_create(ctypes.byref(env)))
    need(LIB.mdb_env_set_maxdbs(env, 32))
    need(LIB.mdb_env_set_mapsize(env, ctypes.c_size_t(MAP)))
    need(LIB.mdb_env_open(env, folder.encode(), NOSYNC, 0o600))
    need(LIB.mdb_txn_begin(env, None, 0, ctypes.byref(txn)))
    need(LIB.mdb_dbi_open(txn, name.encode() if name else None, 0,
                          ctypes.byref(dbi)))
    need(LIB.mdb_put(txn, dbi, ctypes.byref(Value(len(key), key)),
                     ctypes.byref(Value(len(value), value)), 0))
    need(LIB.mdb_txn_commit(txn))
    LIB.mdb_env_close(env)
