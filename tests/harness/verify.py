"""What an independent receiver says of a mail: DKIM by dkimpy, SPF by pyspf, DMARC alignment from the record in DNS.
None of our code and none of libopendkim is in it; the sandbox's name server answers all questions."""

import dataclasses
import email.utils
import re

import dkim
import dns.exception
import dns.resolver
import spf

DNS_SECONDS = 5
# Of the signatures on one mail; OpenDKIM's unbounded ones are a known way to keep a verifier busy.
MAX_SIGNATURES = 8


@dataclasses.dataclass
class Signature:
    domain: str
    selector: str
    algorithm: str
    result: str  # pass, fail, or temperror / permerror with the reason


@dataclasses.dataclass
class Verdict:
    signatures: list
    spf: str  # RFC 7208's results: pass, fail, softfail, neutral, none, temperror, permerror
    dmarc: str  # pass, fail, or none where the domain has no record

    @property
    def dkim(self):
        """pass if there are signatures and every one of them passes."""
        return "pass" if self.signatures and all(one.result == "pass" for one in self.signatures) else "fail"

    def __str__(self):
        signatures = ", ".join(f"{one.algorithm} d={one.domain} s={one.selector} {one.result}"
                               for one in self.signatures)
        return f"dkim={self.dkim} ({signatures or 'none'}) spf={self.spf} dmarc={self.dmarc}"


def verify(mail, nameserver):
    """The Verdict on a world.ReceivedMail."""
    signatures = check_dkim(mail.raw, nameserver)
    result = check_spf(mail.client_address, mail.sender, mail.helo, nameserver)
    passed = [one.domain for one in signatures if one.result == "pass"]
    spf_domain = mail.sender.rpartition("@")[2] if result == "pass" else None
    author = email.utils.parseaddr(str(mail.message["From"]))[1].rpartition("@")[2].lower()
    return Verdict(signatures, result, check_dmarc(author, passed, spf_domain, nameserver))


def check_dkim(raw, nameserver):
    """All signatures of a mail, in the order of their header fields."""
    def look_up(name, timeout=DNS_SECONDS):
        found = nameserver.query(name.decode(), "TXT")
        return found[0].encode() if found else None
    found = []
    verifier = dkim.DKIM(raw, minkey=1024)
    fields = [value for name, value in verifier.headers if name.lower() == b"dkim-signature"]
    for index, field in enumerate(fields[:MAX_SIGNATURES]):
        tags = dict(re.findall(r"(\w+)\s*=\s*([^;]*)", field.decode("ascii", "replace")))
        one = Signature(tags.get("d", "").strip(), tags.get("s", "").strip(), tags.get("a", "").strip(), "fail")
        try:
            if dkim.DKIM(raw, minkey=1024).verify(idx=index, dnsfunc=look_up):
                one.result = "pass"
        except dns.exception.DNSException as error:
            one.result = f"temperror: {error}"
        except dkim.DKIMException as error:
            one.result = f"permerror: {error}"
        found.append(one)
    return found


def check_spf(client_address, sender, helo, nameserver):
    """SPF of the reverse-path, or of HELO where it is empty."""
    def look_up(name, kind, strict=True, timeout=DNS_SECONDS):
        try:
            answers = nameserver.resolver.resolve(name, kind, lifetime=timeout)
        except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
            return []
        except dns.exception.DNSException as error:
            raise spf.TempError(f"DNS {error}")
        values = {"A": lambda record: record.address, "AAAA": lambda record: record.address,
                  "MX": lambda record: (record.preference, record.exchange), "TXT": lambda record: list(record.strings),
                  "PTR": lambda record: record.target.to_text(True)}
        return [((name, kind), values[kind](record)) for record in answers]
    original, spf.DNSLookup = spf.DNSLookup, look_up
    try:
        return spf.check2(client_address, sender, helo)[0]
    finally:
        spf.DNSLookup = original


def check_dmarc(author_domain, dkim_domains, spf_domain, nameserver):
    """RFC 7489 3.1: is the author's domain aligned with one that DKIM or SPF passed? The organizational domain is the
    one that holds the DMARC record: the author's or a parent of it."""
    organization, record = author_domain, None
    while "." in organization:
        records = [text for text in nameserver.query(f"_dmarc.{organization}", "TXT") if text.startswith("v=DMARC1")]
        if len(records) == 1:
            record = dict(re.findall(r"(\w+)\s*=\s*([^;\s]*)", records[0]))
            break
        organization = organization.partition(".")[2]
    if record is None:
        return "none"

    def is_aligned(domain, mode):
        domain = domain.lower()
        if mode == "s":
            return domain == author_domain
        return domain == organization or domain.endswith("." + organization)
    aligned = any(is_aligned(domain, record.get("adkim", "r")) for domain in dkim_domains)
    aligned = aligned or bool(spf_domain) and is_aligned(spf_domain, record.get("aspf", "r"))
    return "pass" if aligned else "fail"
