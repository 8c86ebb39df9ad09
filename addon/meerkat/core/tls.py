# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Encryption of a connection, and how to notice that only one of both sides encrypts.

A server without TLS takes a client's encrypted greeting for the beginning of a request and waits
for the rest; one with TLS hangs up on a plain request. Neither says why. So the address is asked
once more, in the other way.
"""

import asyncio
import functools
import socket
import ssl

PATIENCE_S = 1.0  # until a silent server is suspected; a handshake takes a few round trips
ANSWER_S = 3.0    # for the answer to the other way

_HEALTHY = (b'HTTP/1.1 200', b'HTTP/1.1 503')  # what a Meerkat server says of its health
_REFUSED = 400  # what other servers say to a plain request where they encrypt
_OTHER_REASONS = (TimeoutError, asyncio.TimeoutError, ConnectionRefusedError, socket.gaierror)
# OpenSSL's words when what comes back is no TLS at all; they have changed with its versions.
_NO_TLS = ('WRONG_VERSION_NUMBER', 'RECORD_LAYER_FAILURE')


class Mismatch(Exception):
    """One side encrypts and the other does not. `code` is one of texts.LOCAL_CODES."""

    def __init__(self, code, detail):
        super().__init__(detail)
        self.code = code


@functools.lru_cache(maxsize=None)  # to read all certificates takes long enough to be felt
def context():
    """The TLS context for a server whose certificate is checked."""
    made = ssl.create_default_context()
    try:
        import certifi  # Blender brings it along; its Python may not know the system's certificates
    except ImportError:
        return made
    made.load_verify_locations(certifi.where())
    return made


def http_status(error):
    """The status of the HTTP answer that an exception of websockets is about, or None."""
    response = getattr(error, 'response', error)  # up to version 13 it was the exception's own
    return getattr(response, 'status_code', None)


async def connect(opening, is_secure, host, port):
    """Awaits `opening`, a connection to `host` and `port` that is being made, and returns it.
    Raises Mismatch if it fails, or would wait in vain, for want of encryption on one side; else
    what `opening` raises."""
    task = asyncio.ensure_future(opening)
    try:
        if is_secure:
            await asyncio.wait({task}, timeout=PATIENCE_S)
            if not task.done() and await _is_plain(host, port) and not task.done():
                raise Mismatch('NO_TLS', 'it answers a plain request')
        return await task
    except (*_OTHER_REASONS, asyncio.CancelledError):
        raise
    except Exception as error:
        if is_secure and await _is_plain_after(error, host, port):
            raise Mismatch('NO_TLS', str(error)) from error
        if (not is_secure and http_status(error) in (None, _REFUSED)
                and await _is_encrypted(host, port)):
            raise Mismatch('TLS_NEEDED', str(error)) from error
        raise
    finally:
        task.cancel()


async def _is_plain_after(error, host, port):
    if isinstance(error, ssl.SSLCertVerificationError):
        return False
    if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
        return True
    return isinstance(error, (ssl.SSLError, ConnectionError, EOFError)) and await _is_plain(
        host, port)


async def _is_plain(host, port):
    """Whether a Meerkat server answers there without encryption."""
    async def ask():
        reader, writer = await asyncio.open_connection(host, port)
        try:
            name = f'[{host}]' if ':' in host else host
            writer.write(f'GET /healthz HTTP/1.1\r\nHost: {name}\r\n\r\n'.encode())
            return await reader.readexactly(len(_HEALTHY[0])) in _HEALTHY
        finally:
            writer.transport.abort()
    return await _answer(ask())


async def _is_encrypted(host, port):
    """Whether something there speaks TLS. Nothing is said to it but the greeting."""
    async def ask():
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname = False
        anybody.verify_mode = ssl.CERT_NONE
        _, writer = await asyncio.open_connection(host, port, ssl=anybody)
        writer.transport.abort()
        return True
    return await _answer(ask())


async def _answer(question):
    try:
        return await asyncio.wait_for(question, ANSWER_S)
    except (OSError, EOFError, asyncio.TimeoutError):
        return False
