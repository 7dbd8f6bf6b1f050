"""A campaign in a sandbox, up to the moment when its wave opens: our daemons, our Postfix, a name server, and a sink
that stands for all receivers."""

import collections
import contextlib
import json
import os
import re
import subprocess

from harness.daemons import Postwelle
from harness.nameserver import Nameserver, dkim_record, receiving_zone, sending_zone, txt
from harness.postfix import sender_postfix
from harness.sandbox import SandboxError
from harness.sink import Sink

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CLIENT, DOMAIN, SELECTOR = "muster", "muster.example", "20261123"
PROJECT_MANAGER = f"anna@{DOMAIN}"
# Postfix limits deliveries by destination: several domains let several smtp(8) work at once.
RECEIVING_DOMAINS = [f"d{number}.people.test" for number in range(8)]
# Postfix's own pace, twenty times a site's. Within minimal_backoff_time track must have seen in the log that an smtp(8)
# was killed (doc/DESIGN.md, "One invitation's life", step 8), though policyd and track are killed and stopped as well.
PACE = {
    "queue_run_delay": "3s", "minimal_backoff_time": "15s", "maximal_backoff_time": "20s",
    "transport_retry_time": "15s", "service_throttle_time": "5s", "smtp_data_done_timeout": "4s",
    "postwelle_destination_concurrency_limit": "20",
}
RETRY_DELAY = "4s"
PIPE_USER, PIPE_GROUP = "nobody", "nogroup"  # for what comes back


def make_key(sandbox):
    """The client's signing key; returns its file."""
    path = os.path.join(sandbox.mkdir("postwelle", "keys", mode=0o700), "rsa.pem")
    subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out",
                    path], check=True, capture_output=True)
    os.chmod(path, 0o400)
    return path


def addresses(count, name="teilnehmer"):
    """That many participants' addresses, spread over the receivers' domains."""
    return [f"{name}{number}@{RECEIVING_DOMAINS[number % len(RECEIVING_DOMAINS)]}" for number in range(1, count + 1)]


class Scene:
    """Everything that runs in one sandbox. script is the sink's; changes are for Postwelle.write_config, client for
    [client] of clients/muster.conf, pace for Postfix's main.cf."""

    def __init__(self, sandbox, script=None, changes=None, client=None, pace=None):
        self.sandbox = sandbox
        os.environ["POSTWELLE_DATADIR"] = os.path.join(TOP, "importer")
        self.nameserver = Nameserver(sandbox)
        self.sender = sender_postfix(sandbox, **{**PACE, **(pace or {})})
        self.postwelle = Postwelle(sandbox, self.sender)
        changes = {"policyd": {}, **(changes or {})}
        changes["policyd"] = {"retry-delay": RETRY_DELAY, "feedback-group": PIPE_GROUP, **changes["policyd"]}
        self.postwelle.write_config(**changes)
        os.chmod(os.path.join(self.postwelle.path, "run"), 0o711)
        self.sender.apply(pipe_user=f"{PIPE_USER}:{PIPE_GROUP}",
                          pipe_command=f"{self.postwelle.program_for_all('postwelle')} -c {self.postwelle.config}")
        key = make_key(sandbox)
        self.postwelle.write_client(CLIENT, {
            "client": {"title": "Muster GmbH", "domains": DOMAIN, "return-path": f"bounce.{DOMAIN}",
                       "proof-to": PROJECT_MANAGER, **(client or {})},
            "signing": {"domain": DOMAIN, "rsa-selector": SELECTOR, "rsa-key": key},
            "unsubscribe": {"uri": "https://umfrage.agency.example/u/", "mailto": "abmelden@agency.example",
                            # Nobody answers there.
                            "probe": "no"},
        })
        self.nameserver.add_zones({
            DOMAIN: sending_zone(sandbox.addresses, "bounce") + [f"{SELECTOR}._domainkey {txt(dkim_record(key))}"],
            **{domain: receiving_zone(sandbox.addresses) for domain in RECEIVING_DOMAINS}})
        self.sink = Sink(sandbox.addresses.world, sandbox.addresses.smtp_port, script)
        sandbox.stop_at_end(self.sink.close)
        self.track = None
        self.postwelle.init()

    def start(self):
        """Our daemons, Postfix, and track."""
        self.postwelle.start()
        self.sender.start()
        self.start_track()

    def start_track(self):
        self.track = self.sandbox.start(self.postwelle.argv("track"), "postwelle-track")

    def start_feeder(self, directory, wait=90):
        """`postwelle wave open`, in the background."""
        return self.sandbox.start(self.postwelle.argv(*self.feed_words(directory, wait)), "postwelle-wave")

    @staticmethod
    def feed_words(directory, wait):
        """What feeds a campaign's only wave, however many receivers have refused it so far."""
        return ["wave", "open", directory, "1", "--now", "--wait", wait]

    def revive(self):
        """What has ended is started again, as systemd would; returns how many."""
        revived = 0
        for process, start in ((self.postwelle.policyd, self.postwelle.start_policyd),
                               (self.postwelle.milter, self.postwelle.start_milter), (self.track, self.start_track)):
            if not process.is_running():
                revived += 1
                with contextlib.suppress(SandboxError):  # it ended again: the next call tries it
                    start()
        return revived

    # --- campaigns

    def new_campaign(self, name, people):
        """A campaign of one wave, imported but neither shown nor approved; returns its directory."""
        directory = os.path.join(self.sandbox.path, name)
        self.postwelle.command("campaign", "new", directory, "--client", CLIENT, "--title", name)
        config = os.path.join(directory, "campaign.conf")
        with open(config, encoding="utf-8") as file:
            text, found = re.subn(r"(?m)^#?\s*sizes\s*=.*$", "sizes = 100%", file.read())
        if not found:
            raise SandboxError(f"{config}: has no line \"sizes =\"")
        with open(config, "w", encoding="utf-8") as file:
            file.write(text)
        self.postwelle.command(*self.import_words(directory, people), timeout=300)
        return directory

    def import_words(self, directory, people):
        """What imports these addresses; the list is written."""
        rows = "".join(f"Frau;Kim;Beispiel;{address}\n" for address in people)
        path = self.sandbox.write(f"{os.path.basename(directory)}.csv", f"Anrede;Vorname;Nachname;E-Mail\n{rows}")
        return ["import", directory, path, "--basis", "customer-relationship", "--assured-by", "A. Muster, Muster GmbH"]

    def proof(self, directory):
        """Send a proof; returns the hash that is to be approved."""
        return re.search(r"\b[0-9a-f]{64}\b", self.postwelle.command("proof", directory).stdout).group()

    def approve(self, directory):
        self.postwelle.command(*self.approve_words(directory))

    def approve_words(self, directory):
        """What approves a campaign after its proof. No case here is about the zone: it is the sandbox's, and approve
        asks another one."""
        return ["approve", directory, "--hash", self.proof(directory), "--by", "Anna Muster", "--despite-dns", "a test"]

    def ready_campaign(self, name, people):
        """Imported, shown and approved."""
        directory = self.new_campaign(name, people)
        self.approve(directory)
        return directory

    # --- what the ledger says

    def participants(self, directory):
        """{address: row} as `status --participants` tells; values are text, states lower-case words."""
        done = self.postwelle.command("status", directory, "--participants", "--json", timeout=60)
        return {row["address"]: row for row in json.loads(done.stdout)["participants"]}

    def states(self, directory):
        """How many participants are in which state."""
        return collections.Counter(row["state"] for row in self.participants(directory).values())

    def look(self, directory):
        """As states, or None while policyd can't be asked."""
        with contextlib.suppress(SandboxError, subprocess.TimeoutExpired):
            return self.states(directory)
        return None
