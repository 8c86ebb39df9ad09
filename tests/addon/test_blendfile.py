#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Which Blender saved a file is told from its first bytes, compressed or not."""

import base64
import gzip
import os
import tempfile
import unittest
import zlib

from core import blendfile
from support import tap
from support.case import seeded

# The beginnings of compressed empty files as these versions saved them: all that is looked at of
# the first block; what lies between is zeros.
SAVED = {
    (3, 4): 'eNrT2Kr/d8EXFkYGVmOGbTZvfScI3WPzvl23THGFFsMCLYZVGo8yGBg4NNaxMDAx7FrJULcwdcKHlpnbpNhe'
            'mi9td/KrT3MxetA1V7po4ZxrOiyf7O7aJQT4aTM3vvla/2Qu0yWGOwxXGYJeMgwRYPMm9dSuFV9CVF5t+Xav'
            '+qCc9ZPTyiznq+87s2ipCX7gi8md5KoUcHGFMABVij0E',
    (4, 3): 'eNrT2Kr/N+EKcy0zAwurk4+rn4trkG6ZiYFxEJDpwcDAkLD4tuq/egbGX0B2cHJqHgBlFg51',
    (5, 2): 'eNrT2Kr/d4EjGyPDXTOGXW4xgp4JUvOYdx/9w27LdkeMN26+c47igc8vLzy98ODhg4UfU329OI/8b79UX7j3'
            '85nUfRfZDDl12ravf9GYt8CoUV1LIORWya8Ygfpb7soarAyM7Iy/GPyXMwxL8P1e/tYra/m7D4tsufdb/96x'
            'z47v985XC9zMNcNXbRq/8c0D6t5z1QJXXwIARMJBjg==',
}
# What the zstd program made of a header and some random letters: one stream of Huffman codes.
ONE_STREAM = ('KLUv/QBIxQMAcgodFYAl8fMaWbJoORHQ1swaI0azURQZDesUB+utN52ecwWZVghZu0cV228Owh3rmnju/xpV'
              'RKanHMXqGDxnwca9SUh/KJHh6l08lyJrOqFsTbHAU/PVIVwPJ6FcxsM4VbcSo0+hP87qi7UPYWgBwQIloDVn'
              'GSAA')


def little(value, size):
    return value.to_bytes(size, 'little')


def frame(block, kind, size=None, descriptor=0, header=b'\x50'):
    """A zstd frame of one block."""
    size = len(block) if size is None else size
    return (blendfile.ZSTD + bytes([descriptor]) + header
            + little(1 | kind << 1 | size << 3, 3) + block)


def directly_coded(text):
    """A block whose literals are codes of four bits each, described without compression."""
    symbols = sorted(set(text))
    symbols = list(range(16 - len(symbols))) + symbols
    weights = [int(symbol in symbols) for symbol in range(max(symbols))]
    tree = bytes([127 + len(weights)]) + bytes(
        high << 4 | low for high, low in zip(weights[0::2], [*weights[1::2], 0]))
    bits = 1
    for symbol in text:
        bits = bits << 4 | symbols.index(symbol)
    # A stream is read from its end, so what is first is in the highest bits.
    literals = tree + little(bits, (bits.bit_length() + 7) // 8)
    return little(2 | len(text) << 4 | len(literals) << 14, 3) + literals + b'\0'


class Files(unittest.TestCase):

    def version(self, data):
        with tempfile.NamedTemporaryFile(suffix='.blend') as file:
            file.write(data)
            file.flush()
            return blendfile.version(file.name)

    def test_plain(self):
        for data, version in ((b'BLENDER-v304RENDH', (3, 4)), (b'BLENDER-v403RENDH', (4, 3)),
                              (b'BLENDER17-01v0502REND', (5, 2)), (b'BLENDER_V279REND', (2, 79)),
                              (b'BLENDER-v304', (3, 4)), (b'BLENDER17-01v1100', (11, 0))):
            self.assertEqual(self.version(data), version, data)

    def test_gzip(self):
        """As Blender compressed before 3.0"""
        data = gzip.compress(b'BLENDER-v283RENDH' + bytes(range(256)) * 2000)
        self.assertEqual(self.version(data), (2, 83))
        self.assertEqual(self.version(data[:300]), (2, 83))
        self.assertIsNone(self.version(data[:12]))
        self.assertIsNone(self.version(data[:2] + b'?' + data[3:]))

    def test_as_saved(self):
        for version, sample in SAVED.items():
            self.assertEqual(self.version(zlib.decompress(base64.b64decode(sample))), version)

    def test_zstd_in_all_its_forms(self):
        head = b'BLENDER17-01v0502REND'
        for data in (frame(head, 0), frame(head, 0, header=bytes(9), descriptor=0xc0),
                     frame(head, 0, header=b'\x15', descriptor=0x20),
                     frame(head, 0, header=bytes(9), descriptor=0x83),
                     frame(bytes([len(head) << 3]) + head, 2),
                     frame(little(4 | len(head) << 4, 2) + head, 2),
                     frame(little(12 | len(head) << 4, 3) + head, 2),
                     base64.b64decode(ONE_STREAM)):
            self.assertEqual(self.version(data), (5, 2), data[:20])
        self.assertEqual(self.version(frame(directly_coded(b'BLENDER-v304RENDER'), 2)), (3, 4))

    def test_nothing_that_can_be_told(self):
        for data in (b'', b'B', b'BLENDER', b'BLENDER-v3', b'BLENDER-vABC', b'blender-v304',
                     b'PK\3\4', b' BLENDER-v304', blendfile.ZSTD, blendfile.GZIP,
                     blendfile.ZSTD + b'\0', frame(b'B', 1, 9), frame(b'B', 3), frame(b'', 2),
                     frame(b'\x01B', 2), frame(b'\x03\0\0\0\0', 2), frame(b'PK\3\4', 0)):
            self.assertIsNone(self.version(data), data)

    def test_damaged(self):
        """Whatever the bytes are, nothing is raised"""
        random = seeded()
        samples = [zlib.decompress(base64.b64decode(sample)) for sample in SAVED.values()]
        samples.append(base64.b64decode(ONE_STREAM))
        samples.append(frame(directly_coded(b'BLENDER-v304RENDER'), 2))
        for _ in range(3000):
            data = bytearray(random.choice(samples))
            for _ in range(random.randrange(1, 5)):
                data[random.randrange(4, len(data))] = random.randrange(256)
            if random.randrange(4) == 0:
                del data[random.randrange(4, len(data)):]
            with self.subTest(data=data.hex()):
                version = self.version(data)
                self.assertTrue(version is None or len(version) == 2)

    def test_newer(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, 'a.blend')
            for data, running, newer in ((b'BLENDER-v304REND', (3, 4), False),
                                         (b'BLENDER-v304REND', (3, 4, 1), False),
                                         (b'BLENDER-v306REND', (3, 4), True),
                                         (b'BLENDER-v403REND', (3, 4), True),
                                         (b'BLENDER-v306REND', (4, 0), False),
                                         (b'BLENDER17-01v0502', (4, 3), True),
                                         (b'BLENDER17-01v0502', (5, 2), False),
                                         (b'something else', (5, 2), None)):
                with open(path, 'wb') as file:
                    file.write(data)
                self.assertIs(blendfile.saved_by_newer(path, running), newer, (data, running))

    def test_no_file(self):
        with self.assertRaises(FileNotFoundError):
            blendfile.version('/nowhere/at/all.blend')
        with self.assertRaises(IsADirectoryError):
            blendfile.saved_by_newer('/')


if __name__ == '__main__':
    tap.main()
