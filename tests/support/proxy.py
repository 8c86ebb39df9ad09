# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Reverse proxies in front of a daemon, with the configuration that we ship."""

import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

from support.daemon import _die_with_parent
from support.websocket import WebSocket

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / 'deploy'
START_TIMEOUT = 30


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def replace(text, *pairs):
    """Replaces patterns of a configuration, each of which must be there exactly once."""
    for pattern, replacement in pairs:
        text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        if count != 1:
            raise AssertionError(f'{pattern!r} is there {count} times')
    return text


class Proxy:
    """A proxy before 127.0.0.1:`upstream`, with what the example says of passwords and other paths."""

    def __init__(self, upstream, password=None, path='/ws'):
        self.upstream = upstream
        self.password = password
        self.ws_path = path
        self.folder = tempfile.mkdtemp(prefix='meerkat-proxy-')
        self.host, self.port, self.plain_port = '127.0.0.1', free_port(), free_port()
        self.log = open(os.path.join(self.folder, 'log'), 'w+b')
        self.process = subprocess.Popen(
            self.prepare(), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env=self.env(), preexec_fn=_die_with_parent)
        self.wait_for(self.has_authority)
        self.context = ssl.create_default_context(cafile=self.authority())
        self.wait_for(self.is_ready)

    def env(self):
        return dict(os.environ)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)
        return self.path(name)

    def wait_for(self, condition):
        deadline = time.monotonic() + START_TIMEOUT
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                raise AssertionError(f'the proxy did not start: {self.log.read()}')
            time.sleep(0.01)

    def has_authority(self):
        """Whether it has written the certificate that its own is to be trusted by."""
        try:
            with open(self.authority(), encoding='ascii') as file:
                return 'END CERTIFICATE' in file.read()
        except FileNotFoundError:
            return False

    def is_ready(self):
        """Whether somebody can connect: Caddy listens before it has its certificate."""
        try:
            with socket.create_connection((self.host, self.port), timeout=5) as sock:
                self.context.wrap_socket(sock, server_hostname='localhost').close()
        except OSError:
            return False
        return True

    def connect(self, headers=(), **how):
        """A WebSocket through it."""
        return WebSocket(self.host, self.port, tls=self.context,
                         headers=[f'Host: localhost:{self.port}', *headers], **how)

    def get(self, path):
        """Status, headers and body of a GET."""
        connection = http.client.HTTPSConnection('localhost', self.port, timeout=20,
                                                 context=self.context)
        try:
            connection.request('GET', path)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def finish(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        if status != 0:
            raise AssertionError(f'the proxy ended with {status}')


class Nginx(Proxy):
    """deploy/nginx.conf with our ports and our certificate."""

    program = shutil.which('nginx', path=os.environ['PATH'] + ':/usr/sbin')

    def prepare(self):
        base = self.path('localhost')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                        '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                        '-keyout', base + '.key', '-out', base + '.crt'],
                       check=True, capture_output=True)
        site = replace((DEPLOY / 'nginx.conf').read_text(encoding='utf-8'),
                       (r'listen 80;', f'listen 127.0.0.1:{self.plain_port};'),
                       (r'listen \[::\]:80;', ''),
                       (r'listen 443 ssl;', f'listen 127.0.0.1:{self.port} ssl;'),
                       (r'listen \[::\]:443 ssl;', ''),
                       (r'(ssl_certificate +)\S+;', rf'\1{base}.crt;'),
                       (r'(ssl_certificate_key +)\S+;', rf'\1{base}.key;'),
                       (r'server 127\.0\.0\.1:8080;', f'server 127.0.0.1:{self.upstream};'),
                       (r'^    location = /ws ', f'    location = {self.ws_path} '))
        if self.password is not None:
            site = replace(site, (r'#(auth_basic +"Meerkat";)', r'\1'),
                           (r'#(auth_basic_user_file +)\S+;', rf'\1{self.write_passwords()};'))
        temporary = ''.join(f'{kind}_temp_path {self.path(kind)};\n' for kind in (
            'client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
        user = 'user root;\n' if os.geteuid() == 0 else ''
        conf = (f'{user}daemon off;\nworker_processes 1;\npid {self.path("pid")};\n'
                'error_log stderr warn;\nevents { worker_connections 256; }\n'
                f'http {{\naccess_log off;\n{temporary}include {self.write("site", site)};\n}}\n')
        return [self.program, '-p', self.folder, '-e', 'stderr', '-c', self.write('conf', conf)]

    def write_passwords(self):
        hashed = subprocess.run(['openssl', 'passwd', '-apr1', self.password], check=True,
                                capture_output=True, text=True).stdout
        return self.write('passwords', f'anna:{hashed}')

    def authority(self):
        return self.path('localhost.crt')


class Caddy(Proxy):
    """deploy/Caddyfile with our ports; the certificate is from Caddy's own authority."""

    program = shutil.which('caddy')

    def prepare(self):
        site = (DEPLOY / 'Caddyfile').read_text(encoding='utf-8')
        if self.password is not None:
            hashed = subprocess.run([self.program, 'hash-password', '--plaintext', self.password],
                                    check=True, capture_output=True, text=True).stdout.strip()
            site = replace(site, (r'#(basicauth .*\{)$', r'\1'),
                           (r'#(\t)NAME HASH', lambda _: f'\tanna {hashed}'), (r'^\t#(\})', r'\1'))
        options = ('{\nadmin off\nskip_install_trust\ndefault_bind 127.0.0.1\n'
                   f'http_port {self.plain_port}\nhttps_port {self.port}\n'
                   f'storage file_system {self.path("storage")}\n}}\n')
        return [self.program, 'run', '--adapter', 'caddyfile', '--config',
                self.write('Caddyfile', options + site)]

    def env(self):
        return {**os.environ, 'MEERKAT_UPSTREAM': f'127.0.0.1:{self.upstream}',
                'MEERKAT_PATH': self.ws_path,
                'HOME': self.folder, 'XDG_DATA_HOME': self.folder, 'XDG_CONFIG_HOME': self.folder}

    def authority(self):
        return self.path('storage', 'pki', 'authorities', 'local', 'root.crt')
