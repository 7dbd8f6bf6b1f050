"""The same put-if-absent in databases that others use: one durable row a transaction, keyed as a slot is."""

import glob
import os
import pwd
import random
import re
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time

SLOTS = """create table slot (client integer, period integer, recipient {octets}, owner bigint, since bigint,
           queue_id varchar(30), primary key (client, period, recipient))"""


class Postgres:
    """A cluster of its own on a unix socket, as durable as ever (fsync and synchronous_commit on), spared checkpoints and vacuum meanwhile.
    pgbench asks it, with a prepared statement on each connection."""

    SCRIPT = r"""\set n random(1, 1000000000000000)
insert into slot values (1, 8103, decode(md5(:n::text), 'hex'), :n, 1790000000, 'B000000000000') on conflict do nothing;
"""

    def __init__(self, disk):
        self.bin = max(glob.glob("/usr/lib/postgresql/*/bin"))
        self.folder = tempfile.mkdtemp(prefix="postwelle-postgres-", dir=disk)
        # PostgreSQL refuses to run as root; Debian's package made a user for it.
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.script = os.path.join(self.folder, "insert.sql")
        with open(self.script, "w", encoding="ascii") as file:
            file.write(self.SCRIPT)
        os.chmod(self.script, 0o644)
        data = os.path.join(self.folder, "data")
        self.run("initdb", "-D", data, "-A", "trust", "-U", "bench", "--no-locale", "-E", "UTF8", "--no-sync")
        with open(os.path.join(data, "postgresql.conf"), "a", encoding="ascii") as file:
            file.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nmax_connections = 300\n"
                       "shared_buffers = 256MB\nfsync = on\nsynchronous_commit = on\n"
                       "autovacuum = off\nmax_wal_size = 16GB\ncheckpoint_timeout = 1h\n")
        self.run("pg_ctl", "-D", data, "-w", "-s", "-l", os.path.join(self.folder, "log"), "start")
        self.run("psql", "-h", self.folder, "-U", "bench", "-q", "-c", SLOTS.format(octets="bytea"), "postgres")

    def run(self, program, *words):
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
        done = subprocess.run([os.path.join(self.bin, program), *words], capture_output=True, text=True, cwd=self.folder, **identity)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")
        return done.stdout

    def rate(self, connections, seconds):
        """On a busy machine a short time may be over before all are connected, and then pgbench has no rate."""
        seconds = max(2, round(seconds))
        said = self.run("pgbench", "-n", "-M", "prepared", "-c", str(connections), "-j", str(min(connections, 2)), "-T", str(seconds),
                        "-f", self.script, "-h", self.folder, "-U", "bench", "postgres")
        found = re.search(r"tps = ([0-9.]+) \(without", said)
        return float(found[1]) if found else self.rate(connections, 2 * seconds)

    def close(self):
        self.run("pg_ctl", "-D", os.path.join(self.folder, "data"), "-s", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)


class Sqlite:
    """A file in WAL mode with synchronous=FULL; a thread and a connection for each who asks."""

    def __init__(self, disk):
        self.folder = tempfile.mkdtemp(prefix="postwelle-sqlite-", dir=disk)
        self.path = os.path.join(self.folder, "slots")
        self.connect().execute(SLOTS.format(octets="blob") + " without rowid")

    def connect(self):
        connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        return connection

    def insert(self, until, counts):
        connection, count = self.connect(), 0
        while time.monotonic() < until:
            connection.execute("insert or ignore into slot values (1, 8103, ?, 1, 1790000000, 'B000000000000')",
                               [random.randbytes(16)])
            count += 1
        counts.append(count)

    def rate(self, connections, seconds):
        counts, begin = [], time.monotonic()
        threads = [threading.Thread(target=self.insert, args=(begin + seconds, counts)) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / (time.monotonic() - begin)

    def close(self):
        shutil.rmtree(self.folder)
