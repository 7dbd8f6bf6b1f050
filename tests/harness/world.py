"""The rest of the world: a Postfix with a greylister in front, which takes mail for the recipients' domains into one
Maildir."""

import email
import email.policy
import os
import re
import shutil

from .nameserver import a_label
from .postfix import PostfixInstance
from .sandbox import SandboxError, wait_for

GREYLIST_SECONDS = 5


class ReceivedMail:
    """One delivered mail, with what the receiving Postfix says about its envelope."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self.raw = file.read()
        self.message = email.message_from_bytes(self.raw, policy=email.policy.default)
        self.recipient = str(self.message["X-Original-To"])
        self.sender = str(self.message["Return-Path"]).strip("<>")
        self.message_id = str(self.message["Message-ID"])
        self.subject = str(self.message["Subject"])
        self.delivered_at = os.path.getmtime(path)
        # The first Received is the one that the world's own smtpd(8) wrote.
        received = str(self.message.get_all("Received", [""])[0])
        host = re.match(r"from (\S+) \((?:\S+ )?\[([0-9.]+)\]\)", received)
        self.helo, self.client_address = host.groups() if host else ("", "")


class World:
    """The second Postfix, its greylister and its mailbox; started, and ended with the sandbox."""

    def __init__(self, sandbox, domains, greylist_seconds=GREYLIST_SECONDS):
        """Take mail for every address in `domains`; refuse each new (client, sender, recipient) for greylist_seconds,
        or never if it is 0."""
        self._sandbox = sandbox
        self.address = sandbox.addresses.world
        self._maildir = os.path.join(sandbox.mkdir("world", "mail", owner="nobody", group="nogroup"), "all")
        restrictions = "permit"
        if greylist_seconds:
            restrictions = "check_policy_service unix:postgrey/socket"
        self.postfix = PostfixInstance(sandbox, "world", self.address, {
            "myhostname": "mx.world.example",
            "virtual_mailbox_domains": " ".join(a_label(domain) for domain in domains),
            "virtual_mailbox_base": os.path.dirname(self._maildir),
            "virtual_mailbox_maps": "static:all/",
            "virtual_uid_maps": "static:65534",
            "virtual_gid_maps": "static:65534",
            "smtpd_relay_restrictions": "reject_unauth_destination",
            "smtpd_recipient_restrictions": restrictions,
            # A wave comes from one client; the limits for strangers would slow it down.
            "smtpd_client_event_limit_exceptions": "127.0.0.0/8",
        })
        self.postgrey = self._start_postgrey(greylist_seconds) if greylist_seconds else None
        self.postfix.start()

    def _start_postgrey(self, seconds):
        program = shutil.which("postgrey", path="/usr/sbin:" + os.environ.get("PATH", ""))
        if not program:
            raise SandboxError("postgrey not found: packaging/install-deps run")
        database = self._sandbox.mkdir("postgrey", owner="postgrey", group="postgrey")
        folder = self._sandbox.mkdir("world", "queue", "postgrey", owner="postgrey", group="postfix", mode=0o2750)
        empty = self._sandbox.write("world/whitelist", "")
        process = self._sandbox.start([
            program, f"--unix={folder}/socket", f"--dbdir={database}", f"--delay={seconds}",
            "--hostname=mx.world.example", "--auto-whitelist-clients=0", f"--whitelist-clients={empty}",
            f"--whitelist-recipients={empty}"], user="postgrey")
        wait_for(lambda: os.path.exists(f"{folder}/socket") or not process.is_running(), "postgrey's socket", 10)
        if not process.is_running():
            raise SandboxError(f"postgrey has ended:\n{process.last_words()}")
        return process

    def mails(self):
        """All mails delivered so far, oldest first."""
        folder = os.path.join(self._maildir, "new")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        mails = [ReceivedMail(os.path.join(folder, name)) for name in names]
        return sorted(mails, key=lambda mail: (mail.delivered_at, mail.path))

    def count(self):
        """How many mails were delivered so far."""
        folder = os.path.join(self._maildir, "new")
        return len(os.listdir(folder)) if os.path.isdir(folder) else 0

    def wait_for_mails(self, count, seconds=60):
        """Wait until `count` mails are there, and return all."""
        wait_for(lambda: self.count() >= count, f"{count} mails in the world's mailbox ({self.postfix.log})", seconds)
        return self.mails()

    def greylisted(self):
        """Recipients that were told to come again, in the log's order, each time anew."""
        return re.findall(r"NOQUEUE: reject: RCPT from .*: 450 .*Greylisted.* to=<([^>]*)>", self.postfix.read_log())
