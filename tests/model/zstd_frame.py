"""Frames of zstd (RFC 8878) as a block has them.

The header is read here, from the RFC's text; what is packed is left to
libzstd.so.1.  missing() says why that cannot be had, or nothing.
"""

import ctypes
import functools

MARK = 0xFD2FB528
WINDOW_MAX = 8 << 20
LEVEL, WINDOW_LOG, CONTENT_SIZE, CHECKSUM = 100, 101, 200, 201


class Bad(Exception):
    """The rule that a frame breaks."""


def need(holds, rule):
    if not holds:
        raise Bad(rule)


@functools.lru_cache(None)
def library():
    lib = ctypes.CDLL("libzstd.so.1")
    lib.ZSTD_createCCtx.restype = ctypes.c_void_p
    for name in ("decompress", "compress2", "compressBound",
                 "CCtx_setParameter", "findFrameCompressedSize"):
        getattr(lib, "ZSTD_" + name).restype = ctypes.c_size_t
    return lib


def missing():
    try:
        library()
    except OSError as error:
        return str(error)
    return None


def header(data):
    """(window, size of the contents) that the header says; RFC, 3.1.1.1."""
    need(len(data) >= 6, "cut short")
    need(int.from_bytes(data[:4], "little") == MARK, "no frame")
    flags, at = data[4], 5
    single = flags >> 5 & 1
    need(flags & 3 == 0, "dictionary")
    need(flags >> 2 & 1 == 0, "checksum")
    need(flags >> 3 & 1 == 0, "reserved bit")
    window = None
    if not single:
        base = 1 << (10 + (data[at] >> 3))
        window = base + base // 8 * (data[at] & 7)
        at += 1
    length = (single, 2, 4, 8)[flags >> 6]
    need(length > 0, "no content size")
    need(len(data) >= at + length, "cut short")
    size = int.from_bytes(data[at : at + length], "little")
    size += 256 if length == 2 else 0
    return (size if window is None else window), size


def read(data, size):
    """The contents of one frame, whole and nothing else, of that size."""
    window, said = header(data)
    need(window <= WINDOW_MAX, "window")
    need(said == size, "content size")
    lib, data = library(), bytes(data)
    length = lib.ZSTD_findFrameCompressedSize(data, ctypes.c_size_t(len(data)))
    need(length == len(data), "not exactly one frame")
    out = ctypes.create_string_buffer(size or 1)
    done = lib.ZSTD_decompress(out, ctypes.c_size_t(size), data,
                               ctypes.c_size_t(len(data)))
    need(done == size, "does not unpack")
    return out.raw[:size]


def write(data, **parameters):
    """One frame; parameters: level, window_log, content_size, checksum."""
    names = {"level": LEVEL, "window_log": WINDOW_LOG,
             "content_size": CONTENT_SIZE, "checksum": CHECKSUM}
    lib, data = library(), bytes(data)
    context = ctypes.c_void_p(lib.ZSTD_createCCtx())
    try:
        for name, value in parameters.items():
            lib.ZSTD_CCtx_setParameter(context, names[name], value)
        bound = lib.ZSTD_compressBound(ctypes.c_size_t(len(data)))
        out = ctypes.create_string_buffer(bound)
        done = lib.ZSTD_compress2(context, out, ctypes.c_size_t(bound), data,
                                  ctypes.c_size_t(len(data)))
        need(done <= bound, "does not pack")
        return out.raw[:done]
    finally:
        lib.ZSTD_freeCCtx(context)
