# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Which Blender saved a file, read from its first bytes.

A Blender that links from a file of a newer one may crash, so this is to be known before. Files are
plain, gzip (before 3.0) or zstd; Blender 5 compresses unless it is told not to, and no Python of
Blender 3 or 4 reads zstd. It need not: the version is in the first 17 bytes, and so few bytes of
these letters are never a repetition of earlier ones, so they are the first literals of the first
block. Those are stored as they are or as a Huffman code.
"""

import re
import zlib

GZIP = b'\x1f\x8b'
ZSTD = b'\x28\xb5\x2f\xfd'
# BLENDER-v304, and from 5.0 on BLENDER17-01v0502.
HEADER = re.compile(rb'BLENDER(?:[-_][vV](\d{3})|\d\d-\d\d[vV](\d{4}))')
HEADER_SIZE = 17
# A block of zstd is at most 128 KiB, and begins some bytes after the file.
READ_SIZE = 1 << 18
# Longest Huffman code.
MAX_BITS = 11


def version(path):
    """(major, minor) of the Blender that saved the file; None if that cannot be told.

    Raises OSError if the file cannot be read.
    """
    with open(path, 'rb') as file:
        data = file.read(READ_SIZE)
    try:
        if data.startswith(GZIP):
            data = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, HEADER_SIZE)
        elif data.startswith(ZSTD):
            data = _first_literals(data)
    except (zlib.error, ValueError, IndexError):
        return None
    match = HEADER.match(data)
    return divmod(int(match[1] or match[2]), 100) if match else None


def saved_by_newer(path, running=(3, 4)):
    """Whether a newer Blender than `running` saved the file; None if that cannot be told.

    Raises OSError if the file cannot be read.
    """
    saved_by = version(path)
    return None if saved_by is None else saved_by > tuple(running)


# zstd, RFC 8878. What is malformed raises ValueError or IndexError.


def _first_literals(data):
    """The first literals of the first block of a zstd frame."""
    descriptor = data[4]
    single_segment = descriptor >> 5 & 1
    size_of_size = (single_segment, 2, 4, 8)[descriptor >> 6]
    at = 5 + (1 - single_segment) + (0, 1, 2, 4)[descriptor & 3] + size_of_size
    header = int.from_bytes(data[at:at + 3], 'little')
    kind, size = header >> 1 & 3, header >> 3
    block = data[at + 3:at + 3 + size]
    if kind == 0:
        return block
    if kind != 2:
        raise ValueError('a block of one byte repeated, or of no kind that there is')
    kind, size_format = block[0] & 3, block[0] >> 2 & 3
    if kind == 0:
        return block[(1, 2, 1, 3)[size_format]:]
    if kind != 2:
        raise ValueError('literals that are one byte repeated, or have an earlier code')
    header_size, bits = ((3, 10), (3, 10), (4, 14), (5, 18))[size_format]
    sizes = int.from_bytes(block[:header_size], 'little') >> 4
    count, size = sizes & (1 << bits) - 1, sizes >> bits
    literals = block[header_size:header_size + size]
    weights, tree_size = _huffman_weights(literals)
    stream = literals[tree_size:]
    if size_format:  # four streams; a table says how long the first three are
        stream = stream[6:6 + int.from_bytes(stream[:2], 'little')]
        count = (count + 3) // 4
    return _decode(_huffman_table(weights), stream, min(count, HEADER_SIZE))


class _Backwards:
    """Bits of a stream that is read from its end, where a 1 says where it begins."""

    def __init__(self, data):
        self.value = int.from_bytes(data, 'little')
        self.left = self.value.bit_length() - 1
        if not data or not data[-1]:
            raise ValueError('a stream without an end')

    def read(self, count):
        """The next bits; what is missing at the end counts as 0, and `left` becomes negative."""
        self.left -= count
        bits = self.value >> self.left if self.left >= 0 else self.value << -self.left
        return bits & (1 << count) - 1


def _huffman_weights(data):
    """Weight of each symbol but the last, and the size of their description."""
    size = data[0]
    if size >= 128:
        count = size - 127
        return [data[1 + i // 2] >> (0 if i % 2 else 4) & 15 for i in range(count)], \
            1 + (count + 1) // 2
    accuracy, counts, begin = _fse_counts(data[1:1 + size])
    table = _fse_table(accuracy, counts)
    bits = _Backwards(data[1 + begin:1 + size])
    weights = []
    states = [bits.read(accuracy), bits.read(accuracy)]
    while len(weights) < 256:
        symbol, length, base = table[states[0]]
        weights.append(symbol)
        states = [states[1], base + bits.read(length)]
        if bits.left < 0:
            weights.append(table[states[0]][0])
            return weights, 1 + size
    raise ValueError('too many weights')


def _fse_counts(data):
    """Reads a distribution: its accuracy, the counts (-1: less than 1), and its size in bytes."""
    value = int.from_bytes(data, 'little')
    accuracy = (value & 15) + 5
    if accuracy > 6:
        raise ValueError('weights of too high an accuracy')
    at, remaining, counts = 4, 1 << accuracy, []
    while remaining > 0:
        # A number up to remaining + 1, the small ones in one bit less.
        length = (remaining + 1).bit_length()
        bits = value >> at & (1 << length) - 1
        short = bits & (1 << length - 1) - 1
        spare = (1 << length) - 1 - (remaining + 1)
        if short < spare:
            bits, length = short, length - 1
        elif bits >= 1 << length - 1:
            bits -= spare
        at += length
        counts.append(bits - 1)
        remaining -= abs(bits - 1)
        while bits == 1:  # after a 0: how many more of them, three at most each time
            more = value >> at & 3
            at += 2
            counts += [0] * more
            if more < 3:
                break
    if remaining or len(counts) > MAX_BITS + 2:
        raise ValueError('weights without a distribution')
    return accuracy, counts, (at + 7) // 8


def _fse_table(accuracy, counts):
    """state -> (symbol, bits to read, base of the next state)"""
    size = 1 << accuracy
    symbols = [None] * size
    last = size - 1
    for symbol, count in enumerate(counts):
        if count == -1:
            symbols[last] = symbol
            last -= 1
    place = 0
    for symbol, count in enumerate(counts):
        for _ in range(count):
            symbols[place] = symbol
            place = place + (size >> 1) + (size >> 3) + 3 & size - 1
            while place > last:
                place = place + (size >> 1) + (size >> 3) + 3 & size - 1
    upcoming = [abs(count) for count in counts]
    table = []
    for symbol in symbols:
        count = upcoming[symbol]
        upcoming[symbol] += 1
        length = accuracy - count.bit_length() + 1
        table.append((symbol, length, (count << length) - size))
    return table


def _huffman_table(weights):
    """(bits, code) -> symbol"""
    total = sum(1 << weight - 1 for weight in weights if weight)
    max_bits = total.bit_length()
    rest = (1 << max_bits) - total
    if not total or max_bits > MAX_BITS or rest & rest - 1:
        raise ValueError('weights of no Huffman code')
    weights = [*weights, rest.bit_length()]
    table, code = {}, 0
    for weight in range(1, max_bits + 1):
        for symbol, other in enumerate(weights):
            if other == weight:
                table[max_bits + 1 - weight, code] = symbol
                code += 1
        code >>= 1
    return table


def _decode(table, stream, count):
    bits = _Backwards(stream)
    symbols = bytearray()
    while len(symbols) < count:
        code = length = 0
        while (length, code) not in table:
            code = code << 1 | bits.read(1)
            length += 1
            if length > MAX_BITS or bits.left < 0:
                raise ValueError('no such code')
        symbols.append(table[length, code])
    return bytes(symbols)
