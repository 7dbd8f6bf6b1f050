"""A private NSD: the zones of clients and recipients, and NXDOMAIN for everything else, so that no mail leaves the
sandbox."""

import os
import re
import shutil
import signal
import subprocess

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
import dns.resolver

from .sandbox import DOMAIN, SandboxError, say_loudly, wait_for

CONFIG = """\
server:
    ip-address: {address}@{port}
    do-ip6: no
    username: ""
    chroot: ""
    zonesdir: "{path}"
    database: ""
    pidfile: "{path}/nsd.pid"
    zonelistfile: "{path}/zone.list"
    xfrdfile: "{path}/xfrd.state"
    xfrdir: "{path}"
    server-count: 1
    hide-version: yes
remote-control:
    control-enable: no
"""
ZONE = """\
$ORIGIN {origin}
$TTL {ttl}
@ SOA ns hostmaster {serial} 3600 900 604800 60
@ NS ns
ns A {address}
"""
TTL = 60


def a_label(domain):
    """The domain as it stands in DNS: xn--… for names with other than ASCII letters."""
    return domain.encode("idna").decode() if not domain.isascii() else domain


def txt(text):
    """A TXT record's data: strings of at most 255 octets, quoted."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    size = 255 if quoted.isascii() else 60  # characters of four octets each
    return "TXT " + " ".join(f'"{quoted[i:i + size]}"' for i in range(0, len(quoted), size))


def dkim_record(private_key_pem):
    """The DKIM key record for a private key in a PEM file, made by openssl: nobody of ours has a hand in it."""
    def openssl(*words, **options):
        return subprocess.run(["openssl", *words], check=True, capture_output=True, **options).stdout
    public = openssl("pkey", "-in", private_key_pem, "-pubout")
    body = re.sub(rb"-----[^-]*-----|\s", b"", public).decode()
    if b"ED25519" in openssl("pkey", "-in", private_key_pem, "-noout", "-text").upper():
        # RFC 8463: the bare 32 octets, not the SubjectPublicKeyInfo around them.
        der = openssl("pkey", "-in", private_key_pem, "-pubout", "-outform", "DER")
        body = openssl("base64", "-A", input=der[-32:]).decode()
        return f"v=DKIM1; k=ed25519; p={body}"
    return f"v=DKIM1; k=rsa; p={body}"


def sending_zone(addresses, return_path="bounce", dmarc="v=DMARC1; p=reject"):
    """Records of a client's zone: mail comes from the agency's Postfix alone, its bounces go to the world's; add the
    DKIM keys as "SELECTOR._domainkey " + txt(dkim_record(PEM))."""
    spf = txt(f"v=spf1 ip4:{addresses.sender} -all")
    return [f"mx A {addresses.world}", "@ MX 10 mx", f"@ {spf}", f"_dmarc {txt(dmarc)}",
            f"{return_path} MX 10 mx", f"{return_path} {spf}"]


def receiving_zone(addresses):
    """Records of a recipients' domain, whose mail the world takes."""
    return [f"mx A {addresses.world}", "@ MX 10 mx"]


class Nameserver:
    """NSD with one zone a domain. Records are lines "NAME TYPE DATA" with names relative to their zone.

    Starts with the root zone alone. change() adds and removes records and returns when they are served.
    """

    def __init__(self, sandbox):
        self._sandbox = sandbox
        self.address = sandbox.addresses.nameserver
        self.port = sandbox.addresses.dns_port
        if self.port != DOMAIN:
            say_loudly("port 53 is taken on all addresses (by another name server?): the sandbox's name server "
                       f"uses {self.port}, and Postfix is told where the world is instead of looking up MX records")
        self._zones = {}
        self._keys = {}  # origin to the name of its DNSSEC key's files
        self._serial = 1
        self._path = sandbox.mkdir("nsd")
        self._process = None
        sandbox.write("resolv.conf", f"nameserver {self.address}\noptions timeout:2 attempts:2\n")
        self.resolver = dns.resolver.Resolver(configure=False)
        self.resolver.nameservers = [self.address]
        self.resolver.port = self.port
        self._zones["."] = []
        self._restart()

    def add_zone(self, domain, records=()):
        """Serve a domain. NSD reads the list of zones at start only: a new zone restarts it."""
        self._zones[a_label(domain) + "."] = list(records)
        self._restart()

    def add_zones(self, zones):
        """As add_zone, for a dict of domain to records: one restart for all."""
        for domain, records in zones.items():
            self._zones[a_label(domain) + "."] = list(records)
        self._restart()

    def sign(self, domain):
        """Sign the zone from now on (DNSSEC)."""
        origin = a_label(domain) + "."
        if not shutil.which("ldns-signzone"):
            raise SandboxError("ldns-signzone not found: packaging/install-deps test")
        done = subprocess.run(["ldns-keygen", "-k", "-a", "ECDSAP256SHA256", a_label(domain)], cwd=self._path, check=True,
                              capture_output=True, text=True)
        self._keys[origin] = done.stdout.strip()
        self._restart()

    def records(self, domain):
        """The records of a zone, as change() takes them."""
        return list(self._zones[a_label(domain) + "."])

    def change(self, domain, add=(), remove=None):
        """Add records to a zone and remove those in which the compiled regex `remove` is found."""
        zone = self._zones[a_label(domain) + "."]
        zone[:] = [record for record in zone if not (remove and remove.search(record))] + list(add)
        self._serial += 1
        self._write_zones()
        self._process.signal(signal.SIGHUP)
        self._wait()

    def stop(self):
        """As if the name servers were down."""
        if self._process:
            self._process.stop()

    def query(self, name, kind):
        """The answers as text, one string a record; TXT records joined to one string each. [] where there is none."""
        try:
            answer = self.resolver.resolve(a_label(name), kind, raise_on_no_answer=False, lifetime=5)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoNameservers):
            return []
        if kind == "TXT":
            return [b"".join(record.strings).decode() for record in answer]
        return [record.to_text() for record in answer]

    def _zone_file(self, origin):
        return os.path.join(self._path, "root.zone" if origin == "." else origin + "zone")

    def _write_zones(self):
        for origin, records in self._zones.items():
            text = ZONE.format(origin=origin, ttl=TTL, serial=self._serial, address=self.address)
            if origin == ".":
                # Delegations, so that whoever walks down from the root finds the zones.
                records = [f"{zone} NS ns.{zone}\nns.{zone} A {self.address}" for zone in self._zones if zone != "."]
            path = self._sandbox.write(self._zone_file(origin), text + "\n".join(records) + "\n")
            if origin in self._keys:
                subprocess.run(["ldns-signzone", "-f", path, path, self._keys[origin]], cwd=self._path, check=True,
                               capture_output=True)

    def _restart(self):
        if self._process:
            self._process.stop()
        if not shutil.which("nsd", path="/usr/sbin:" + os.environ.get("PATH", "")):
            raise SandboxError("nsd not found: packaging/install-deps run")
        self._serial += 1
        self._write_zones()
        config = CONFIG.format(address=self.address, port=self.port, path=self._path)
        for origin in self._zones:
            config += f'zone:\n    name: "{origin}"\n    zonefile: "{self._zone_file(origin)}"\n'
        config = self._sandbox.write("nsd/nsd.conf", config)
        self._process = self._sandbox.start(["/usr/sbin/nsd", "-d", "-c", config], "nsd")
        self._wait()

    def _wait(self):
        def is_served(origin):
            if not self._process.is_running():
                raise SandboxError(f"nsd has ended:\n{self._process.last_words()}")
            try:
                reply = dns.query.udp(dns.message.make_query(origin, "SOA"), self.address, timeout=0.5, port=self.port)
            except (dns.exception.DNSException, OSError):
                return False
            return any(record.serial == self._serial for rrset in reply.answer for record in rrset
                       if record.rdtype == dns.rdatatype.SOA)
        for origin in self._zones:
            wait_for(lambda: is_served(origin), f"name server: zone {origin} with serial {self._serial}", 10)
