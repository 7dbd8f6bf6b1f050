"""Campaigns of one client, and the command on them, where no daemon is needed: checks and previews."""

import os
import re
import subprocess

from .sandbox import build_directory, write_key_file

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
CLIENT = {
    "client": {"title": "Muster & Söhne", "domains": "muster.example", "return-path": "bounce.muster.example"},
    "signing": {"domain": "muster.example", "rsa-selector": "s", "rsa-key": "none.pem"},
    "unsubscribe": {"uri": "https://umfrage.muster.example/u/", "mailto": "ab@muster.example"},
}


def own_imprint(directory):
    """Make the example imprints of `campaign new` one's own: take the line out that calls them an example."""
    for name in os.listdir(directory):
        if not name.startswith("imprint."):
            continue
        path = os.path.join(directory, name)
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file if "example-imprint" not in line]
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines)


def no_network():
    """A prefix under which there is no network at all, not even loopback; empty where it is not permitted."""
    allowed = subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0
    return ("unshare", "-n") if allowed else ()


class CampaignSite:
    """A configuration with one client, and the command."""

    def __init__(self, tap, folder):
        self.tap = tap
        self.folder = folder
        os.mkdir(os.path.join(folder, "clients"))
        self.config = write_key_file(os.path.join(folder, "postwelle.conf"), {"paths": {"clients": "clients"}})
        write_key_file(os.path.join(folder, "clients", "muster.conf"), CLIENT)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def command(self, *words, environment=None, before=()):
        return subprocess.run([*before, os.path.join(build_directory(), "postwelle"), "-c", self.config, *words],
                              capture_output=True, text=True, timeout=120,
                              env={**os.environ, "POSTWELLE_DATADIR": os.path.join(SOURCE, "importer"), **(environment or {})})

    def check(self, name, status, regex, *words, **options):
        done = self.command(*words, **options)
        text = done.stdout + done.stderr
        self.tap.ok(done.returncode == status and re.search(regex, text), name, f"exit status {done.returncode}\n{text}")
        return done

    def new(self, name, *options):
        self.command("campaign", "new", self.path(name), "--client", "muster", *options).check_returncode()
        own_imprint(self.path(name))
        return self.path(name)

    def edit(self, directory, file, old, new):
        path = os.path.join(directory, file)
        with open(path, encoding="utf-8") as opened:
            text = opened.read()
        assert old in text, f"{path} lacks {old}"
        with open(path, "w", encoding="utf-8") as opened:
            opened.write(text.replace(old, new))
