"""A name server that misbehaves by script: silent, lying, cutting its answers, or failing; everything else it answers."""

import socket
import threading

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class ScriptedDns:
    """Answers UDP and TCP at address:port from records {(name, type): [data]}; a context manager.

    `before` is called with the query (dns.message) and the honest answer for each datagram and returns the datagrams
    to send, as octets: none is silence. TCP is always honest.
    """

    def __init__(self, address, port, records, before=lambda query, answer: [answer.to_wire()]):
        self._records = {(name.lower().rstrip(".") + ".", kind): data for (name, kind), data in records.items()}
        self._before = before
        self.asked = []  # (name, type, "udp" or "tcp")
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((address, port))
        self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._tcp.bind((address, port))
        self._tcp.listen()
        self._stopping = False
        self._threads = [threading.Thread(target=serve, daemon=True) for serve in (self._serve_udp, self._serve_tcp)]
        for one in (self._udp, self._tcp):
            one.settimeout(0.1)
        for thread in self._threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stopping = True
        for thread in self._threads:
            thread.join()
        self._udp.close()
        self._tcp.close()

    def _answer(self, octets, transport):
        query = dns.message.from_wire(octets)
        name, kind = query.question[0].name.to_text().lower(), dns.rdatatype.to_text(query.question[0].rdtype)
        self.asked.append((name.rstrip("."), kind, transport))
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        data = self._records.get((name, kind))
        if data:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *data))
        elif not any(name == one for one, _ in self._records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return query, answer

    def _serve_udp(self):
        while not self._stopping:
            try:
                octets, peer = self._udp.recvfrom(4096)
            except TimeoutError:
                continue
            for reply in self._before(*self._answer(octets, "udp")):
                self._udp.sendto(reply, peer)

    def _serve_tcp(self):
        while not self._stopping:
            try:
                connection, _ = self._tcp.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                size = int.from_bytes(connection.recv(2), "big")
                _, answer = self._answer(connection.recv(size), "tcp")
                octets = answer.to_wire(max_size=65535)
                # In two pieces: a reader must put them together.
                connection.sendall(len(octets).to_bytes(2, "big") + octets[:20])
                connection.sendall(octets[20:])


def silent(_query, _answer):
    return []


def refusing(query, answer):
    """SERVFAIL to everything."""
    answer.answer.clear()
    answer.set_rcode(dns.rcode.SERVFAIL)
    return [answer.to_wire()]


def wrong_id(query, answer):
    answer.id = (query.id + 1) % 65536
    return [answer.to_wire()]


def wrong_question(query, answer):
    """An answer to another question, with the right id."""
    other = dns.message.make_response(dns.message.make_query("other.example", query.question[0].rdtype))
    other.id = query.id
    return [other.to_wire()]


def lies_first(query, answer):
    """Forged answers before the honest one: they must not count."""
    forged = dns.message.make_response(query)
    forged.set_rcode(dns.rcode.NXDOMAIN)
    forged.id = (query.id + 1) % 65536
    return [forged.to_wire(), *wrong_question(query, answer), b"", b"\0" * 11, answer.to_wire()]


def lame(_query, answer):
    """As a name server that does not serve the zone, but asks others."""
    answer.flags &= ~dns.flags.AA
    return [answer.to_wire()]


def truncated(query, answer):
    answer.answer.clear()
    answer.flags |= dns.flags.TC
    return [answer.to_wire()]


def garbage(query, answer):
    """The right head and question, then records that end in the middle."""
    return [answer.to_wire()[:-3]]
