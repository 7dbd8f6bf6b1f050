"""The main job's whole stage: an agency's Postfix with Postwelle, one client, the world with its greylister, the client's zone."""

import os
import re
import subprocess

from .campaigns import own_imprint
from .daemons import Postwelle
from .nameserver import Nameserver, dkim_record, receiving_zone, sending_zone, txt
from .postfix import sender_postfix
from .sink import Sink
from .world import GREYLIST_SECONDS, World

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CLIENT, DOMAIN, RETURN_PATH = "muster", "muster.example", "bounce.muster.example"
PROJECT_MANAGER = f"anna@{DOMAIN}"
RSA_SELECTOR, ED25519_SELECTOR = "20261123", "20261123e"
UNSUBSCRIBE, COMPLAINTS = "abmelden@agency.example", "complaints@agency.example"
PIPE_USER, PIPE_GROUP = "nobody", "nogroup"  # for what comes back


def make_keys(sandbox):
    """The client's two signing keys, made by openssl; returns their files."""
    folder = sandbox.mkdir("postwelle", "keys", mode=0o700)
    algorithms = {"rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ed25519": ["ED25519"]}
    for name, words in algorithms.items():
        path = os.path.join(folder, f"{name}.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", *words, "-out", path], check=True, capture_output=True)
        os.chmod(path, 0o400)
    return {name: os.path.join(folder, f"{name}.pem") for name in algorithms}


class Scene:
    """Everything running, and what one does with it. `domains` are the recipients'; their mail goes to the world, or, where
    there is a script, to a sink.Sink with it, in `sink`. pace is for Postfix's main.cf."""

    def __init__(self, sandbox, domains, greylist_seconds=GREYLIST_SECONDS, build=None, script=None, pace=None):
        self.sandbox = sandbox
        self.nameserver = Nameserver(sandbox)
        self.sender = sender_postfix(sandbox, build=build, **(pace or {}))
        self.postwelle = Postwelle(sandbox, self.sender, build)
        self.keys = make_keys(sandbox)
        self.write_client()
        domains = sorted(set(domains) - {DOMAIN})
        self.nameserver.add_zones({
            DOMAIN: sending_zone(sandbox.addresses, RETURN_PATH.removesuffix(f".{DOMAIN}")) + [
                f"{RSA_SELECTOR}._domainkey {txt(dkim_record(self.keys['rsa']))}",
                f"{ED25519_SELECTOR}._domainkey {txt(dkim_record(self.keys['ed25519']))}"],
            **{domain: receiving_zone(sandbox.addresses) for domain in domains}})
        if script:
            self.sink = Sink(sandbox.addresses.world, sandbox.addresses.smtp_port, script)
            sandbox.stop_at_end(self.sink.close)
        else:
            self.world = World(sandbox, [DOMAIN, *domains], greylist_seconds)
        self.postwelle.init()
        self.postwelle.start()
        self.sender.start()
        self.tracker = self.start_tracker()

    def start_tracker(self):
        return self.sandbox.start(self.postwelle.argv("track"), "postwelle-track")

    def take_what_comes_back(self, **changes):
        """Bounces, complaints and unsubscribe mails go to the ledger: by pipes that run as nobody, who may reach the
        feedback socket and no other. changes as for Postwelle.write_config."""
        os.chmod(os.path.join(self.postwelle.path, "run"), 0o711)
        program = self.postwelle.program_for_all("postwelle-feedback")
        self.postwelle.write_config(policyd={"feedback-group": PIPE_GROUP}, **changes)
        self.postwelle.restart("policyd")
        pipes = {UNSUBSCRIBE: "postwelle-unsubscribe:", COMPLAINTS: "postwelle-bounce:"}
        self.sender.set(transport_maps="inline:{ %s }" % " ".join(f"{address}={pipe}" for address, pipe in pipes.items()),
                        relay_domains="agency.example")
        self.sender.apply(pipe_user=f"{PIPE_USER}:{PIPE_GROUP}", pipe_command=f"{program} -c {self.postwelle.config}")
        self.sender.reload(30)

    def write_client(self, **changes):
        """The client's file; changes as for Postwelle.write_config."""
        groups = {
            "client": {"title": "Muster GmbH", "domains": DOMAIN, "return-path": RETURN_PATH, "proof-to": PROJECT_MANAGER},
            "signing": {"domain": DOMAIN, "rsa-selector": RSA_SELECTOR, "rsa-key": self.keys["rsa"],
                        "ed25519-selector": ED25519_SELECTOR, "ed25519-key": self.keys["ed25519"]},
            "unsubscribe": {"uri": "https://umfrage.agency.example/u/", "mailto": UNSUBSCRIBE,
                            # Nobody answers there.
                            "probe": "no"},
        }
        for group, options in changes.items():
            groups.setdefault(group, {}).update(options)
        self.postwelle.write_client(CLIENT, groups)

    def new_campaign(self, name, title, sizes="20%, 80%"):
        """`campaign new`, with these wave sizes; returns its directory."""
        directory = os.path.join(self.sandbox.path, name)
        # The scaffold of the tree, not one that may be installed on this machine.
        environment = {**os.environ, "POSTWELLE_DATADIR": os.path.join(TOP, "importer")}
        self.postwelle.command("campaign", "new", directory, "--client", CLIENT, "--title", title, env=environment)
        own_imprint(directory)
        self.edit(directory, r"(?m)^#?\s*sizes\s*=.*$", f"sizes = {sizes}")
        return directory

    def edit(self, directory, regex, replacement, file="campaign.conf"):
        """Change a campaign's file; the regex must be found."""
        path = os.path.join(directory, file)
        with open(path, encoding="utf-8") as old:
            text, count = re.subn(regex, replacement, old.read())
        assert count, f"{path}: nothing matches {regex}"
        with open(path, "w", encoding="utf-8") as new:
            new.write(text)

    def import_list(self, directory, file, **options):
        return self.postwelle.command("import", directory, file, "--basis", "customer-relationship", "--assured-by",
                                      "A. Muster, Muster GmbH", check=False, **options)

    def release(self, directory):
        """Proof and approval; returns what `proof` and `approve` printed, and the content hash."""
        proof = self.postwelle.command("proof", directory).stdout
        content_hash = re.search(r"\b[0-9a-f]{64}\b", proof).group()
        approval = self.postwelle.command("approve", directory, "--hash", content_hash, "--by", "Anna Muster").stdout
        return proof, approval, content_hash

    def invitations(self):
        """What has arrived at participants; proofs go to the project manager."""
        return [mail for mail in self.world.mails() if mail.recipient != PROJECT_MANAGER]
