# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What deploy/ says is true of the daemon: the image's flags, libraries and health check, the ports,
and every name of a metric. tools/check-container tries the image itself."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tomllib
import unittest

from support import tap
from support.case import DaemonTest
from support.daemon import command

try:
    import yaml
except ImportError:
    yaml = None

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / 'deploy'
METRIC = re.compile(r'\bmeerkat_\w+')
LABEL = re.compile(r'\bmeerkat_\w+\{([^}]*)\}')


def read(*names):
    return DEPLOY.joinpath(*names).read_text(encoding='utf-8')


def instruction(word):
    """The last of that kind in the Containerfile."""
    lines = re.sub(r'(?m)^\s*#.*\n', '', read('Containerfile')).replace('\\\n', ' ').splitlines()
    return [line.partition(' ')[2] for line in lines if line.startswith(word + ' ')][-1]


class Image(DaemonTest):

    def test_entry_point(self):
        """The daemon knows the flags, and listens on the ports that are exposed"""
        flags = json.loads(instruction('ENTRYPOINT'))[1:]
        checked = subprocess.run([*command(), *flags, '--version'], capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, b''))
        named = dict(zip(flags[::2], flags[1::2]))
        self.assertEqual([named[f'--{name}listen'].rpartition(':')[2] for name in ('', 'metrics-')],
                         instruction('EXPOSE').split())
        self.assertEqual(named['--state-dir'], instruction('VOLUME'))
        self.assertNotIn(instruction('USER').partition(':')[0], ('0', 'root'))

    def test_health_check(self):
        """It is content with a daemon that is well, and with no other"""
        check = json.loads(instruction('HEALTHCHECK').partition('CMD ')[2])
        port = str(self.daemon.port)
        for path, status in (('/healthz', 0), ('/nothing', 1)):
            run = subprocess.run([part.replace('/8080', '/' + port).replace('/healthz', path)
                                  for part in check], check=False)
            self.assertEqual(run.returncode, status, path)
        self.assertEqual(self.daemon.stop(), 0)
        gone = subprocess.run([part.replace('/8080', '/' + port) for part in check], check=False,
                              capture_output=True)
        self.assertNotEqual(gone.returncode, 0)
        self.daemon.process.stdout.close()
        self.daemon.start()

    @unittest.skipUnless(shutil.which('dpkg-query') and shutil.which('readelf'), 'needs Debian')
    def test_libraries(self):
        """Its packages are those whose libraries the two programs need, and what TLS needs"""
        packages = set(re.search(r'--no-install-recommends (.*?) &&', instruction('RUN'))[1].split())
        needed = set()
        for program in (command()[-1], *shlex.split(os.environ['MEERKATCTL'])):
            text = subprocess.run(['readelf', '-d', program], check=True, capture_output=True,
                                  text=True).stdout
            needed |= set(re.findall(r'\(NEEDED\).*\[(.*)\]', text))
        owners = set()
        for library in needed:
            if library.startswith(('libasan', 'libubsan')):
                continue
            found = subprocess.run(['dpkg-query', '-S', library], check=True, capture_output=True,
                                   text=True).stdout
            owners |= {line.partition(':')[0] for line in found.splitlines()
                       if line.endswith('/' + library)}
        owners = {name for name in owners if not name.startswith('libc6')}
        self.assertEqual(packages, owners | {'glib-networking'})


class Platforms(unittest.TestCase):

    def check_flags(self, flags):
        run = subprocess.run([*command(), *flags, '--version'], capture_output=True, check=False)
        self.assertEqual((run.returncode, run.stderr), (0, b''))

    def test_fly(self):
        """fly.toml names the ports, the volume and flags that there are"""
        app = tomllib.loads(read('fly.toml'))
        ports = [app['http_service']['internal_port'], app['metrics']['port']]
        self.assertEqual([str(port) for port in ports], instruction('EXPOSE').split())
        self.assertEqual(app['mounts']['destination'], instruction('VOLUME'))
        self.assertEqual(app['kill_signal'], instruction('STOPSIGNAL'))
        self.assertTrue((DEPLOY / app['build']['dockerfile']).exists())
        self.check_flags(shlex.split(app['processes']['app']))
        self.assertEqual(app['http_service']['checks'][0]['path'], '/healthz')

    @unittest.skipUnless(yaml, 'needs python3-yaml')
    def test_compose(self):
        """compose.yaml names files, the volume, the port and flags that there are"""
        document = yaml.safe_load(read('compose.yaml'))
        services = document['services']
        server = services['meerkat']
        self.assertTrue((DEPLOY / server['build']['context'] / server['build']['dockerfile']).exists())
        self.assertIn(f'state:{instruction("VOLUME")}', server['volumes'])
        self.check_flags(server['command'])
        self.assertEqual(server['command'][1], document['networks']['inside']['ipam']['config'][0]['subnet'])
        self.assertEqual(services['caddy']['environment']['MEERKAT_UPSTREAM'],
                         'meerkat:' + instruction('EXPOSE').split()[0])
        for service in services.values():
            for volume in service['volumes']:
                source = volume.partition(':')[0]
                if source.startswith('.'):
                    self.assertTrue((DEPLOY / source).exists(), source)
                else:
                    self.assertIn(source, document['volumes'])
        self.assertEqual(re.search(r'targets: \["meerkat:(\d+)"\]', read('prometheus', 'prometheus.yml'))[1],
                         instruction('EXPOSE').split()[1])


class Metrics(DaemonTest):

    flags = ('--metrics-listen', '127.0.0.1:0', '--log-format', 'json')

    def served(self):
        """What the daemon serves: names with their labels."""
        client = self.join('a')
        client.create(ack=True)
        port = re.search(r'Metrics on http://127\.0\.0\.1:(\d+)', self.daemon.stderr())[1]
        text = self.daemon.http('GET', '/metrics', {'Accept': 'text/plain'}, port=int(port))[2].decode()
        found = {}
        for name, labels in re.findall(r'^(meerkat_\w+)(?:\{(.*)\})? ', text, re.MULTILINE):
            found.setdefault(name, {'instance', 'job'}).update(re.findall(r'(\w+)="', labels))
        return text, found

    def expressions(self):
        """(where, expression) of the dashboard and the rules."""
        dashboard = json.loads(read('grafana', 'meerkat.json'))
        for panel in dashboard['panels']:
            for target in panel['targets']:
                yield panel['title'], target['expr'] + ' ' + target['legendFormat']
        for variable in dashboard['templating']['list']:
            yield variable['name'], variable['query']
        for expression in re.findall(r'^ +expr: (.*)$', read('prometheus', 'meerkat.rules.yml'), re.MULTILINE):
            yield 'rules', expression

    def test_names(self):
        """Every metric and label in the dashboard and the alerts is one that is served"""
        _, served = self.served()
        used = set()
        for where, expression in self.expressions():
            names = METRIC.findall(expression)
            used |= set(names)
            for name in names:
                self.assertIn(name, served, where)
            labels = set().union(*(served[name] for name in names)) if names else {'instance', 'job'}
            asked = re.findall(r'(\w+)\s*=~?"', expression) + re.findall(r'\{\{(\w+)\}\}', expression)
            for group in re.findall(r'by \(([^)]*)\)', expression):
                asked += group.split(', ')
            self.assertEqual(set(asked) - labels, set(), (where, expression))
        self.assertGreater(len(used), 20)

    def test_documented(self):
        """docs/admin.md names every number, as JSON and as Prometheus has it"""
        text, _ = self.served()
        table = (DEPLOY.parent / 'docs/admin.md').read_text(encoding='utf-8')
        table = table.partition('\n## Metrics\n')[2].partition('\n## ')[0]
        rows = [re.findall(r'`(\w+)(?:\{\w+\})?`', line) for line in table.splitlines()
                if line.startswith('|')]
        named = {name for row in rows for name in row}
        prometheus = {name.removeprefix('meerkat_')
                      for name in re.findall(r'^# TYPE (\w+)', text, re.MULTILINE)}
        port = re.search(r'Metrics on http://127\.0\.0\.1:(\d+)', self.daemon.stderr())[1]
        members = set(json.loads(self.daemon.http('GET', '/metrics', port=int(port))[2]))
        self.assertEqual(prometheus - named, set())
        self.assertEqual(members - named, set())
        self.assertEqual(named - prometheus - members - {'meerkat_'}, set())

    def test_dashboard(self):
        """Its panels have numbers of their own and do not overlap"""
        panels = json.loads(read('grafana', 'meerkat.json'))['panels']
        self.assertEqual(len({panel['id'] for panel in panels}), len(panels))
        cells = [(x, y) for panel in panels for place in [panel['gridPos']]
                 for x in range(place['x'], place['x'] + place['w'])
                 for y in range(place['y'], place['y'] + place['h'])]
        self.assertEqual(len(set(cells)), len(cells))
        self.assertLess(max(x for x, _ in cells), 24)

    @unittest.skipUnless(shutil.which('promtool'), 'needs promtool')
    def test_promtool(self):
        """Prometheus takes the configuration, the alerts, and what the daemon serves"""
        text, _ = self.served()
        for arguments, data in ((['config', str(DEPLOY / 'prometheus/prometheus.yml')], None),
                                (['rules', str(DEPLOY / 'prometheus/meerkat.rules.yml')], None),
                                (['metrics'], text)):
            run = subprocess.run(['promtool', 'check', *arguments], input=data, text=True,
                                 capture_output=True, check=False)
            self.assertEqual((run.returncode, run.stderr), (0, ''), arguments[0])


if __name__ == '__main__':
    tap.main()
