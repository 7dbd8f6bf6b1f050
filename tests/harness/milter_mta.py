"""The mail server's side of the milter protocol, version 6, as Postfix 3.7 speaks it, to test a milter without one.

    with MilterMta("unix:/path/milter.sock") as mta:
        reply = mta.send_mail("pw-x@bounce.example", ["a@leser.example"], message, "4XyZ")
        reply.code, reply.text, reply.apply(message)

A message is octets with CR LF line ends. Steps the milter asked not to get are left out, and replies it said it would
not give are not waited for, so that a mail goes out in one go, as from Postfix.
"""

import socket
import struct

NO_CONNECT, NO_HELO, NO_MAIL, NO_RCPT, NO_BODY, NO_HDRS, NO_EOH = (1 << bit for bit in range(7))
NR_HDR, NO_UNKNOWN, NO_DATA, SKIP, RCPT_REJ = 0x80, 0x100, 0x200, 0x400, 0x800
NR_CONN, NR_HELO, NR_MAIL, NR_RCPT, NR_DATA = 0x1000, 0x2000, 0x4000, 0x8000, 0x10000
NR_EOH, NR_BODY, HDR_LEADSPC = 0x40000, 0x80000, 0x100000
ALL_STEPS, ALL_ACTIONS = 0x1FFFFF, 0x1FF
CHUNK = 65535  # octets of a piece of body


class MilterGone(Exception):
    """The milter closed the connection; Postfix would answer 451."""


class Reply:
    """What the milter said to one mail."""

    def __init__(self):
        self.verdict = None     # "accept", "reject", "tempfail", "continue", "discard"
        self.code = 250
        self.text = ""          # with the enhanced status code
        self.inserted = []      # (index, name, value) in the order of arrival

    def apply(self, message):
        """The message as Postfix would send it on: with the fields inserted."""
        header, _, body = message.partition(b"\r\n\r\n")
        fields = split_header(header)
        for index, name, value in self.inserted:
            fields.insert(max(index - 1, 0), name + b":" + value.replace(b"\n", b"\r\n"))
        return b"\r\n".join(fields) + b"\r\n\r\n" + body


def split_header(header):
    """The fields of a header, each with its folded lines."""
    fields = []
    for line in header.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += b"\r\n" + line
        else:
            fields.append(line)
    return [field for field in fields if field]


def packet(command, data=b""):
    return struct.pack("!I", 1 + len(data)) + command + data


def strings(*values):
    return b"".join((value if isinstance(value, bytes) else value.encode()) + b"\0" for value in values)


def connect(address, timeout=30):
    """A connected socket to "unix:PATH" or "inet:PORT@HOST"."""
    kind, _, rest = address.partition(":")
    if kind == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(rest)
    else:
        port, _, host = rest.partition("@")
        connection = socket.create_connection((host, int(port)), timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class MilterMta:
    """One connection to a milter, as Postfix has one for an SMTP session."""

    def __init__(self, address, timeout=30, steps=ALL_STEPS, actions=ALL_ACTIONS):
        self.socket = connect(address, timeout)
        self._out = []
        self._negotiate(actions, steps)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.socket.sendall(packet(b"Q"))
        except OSError:
            pass
        self.socket.close()

    def _read(self, size):
        data = b""
        while len(data) < size:
            try:
                more = self.socket.recv(size - len(data))
            except ConnectionError as error:
                raise MilterGone(str(error)) from None
            if not more:
                raise MilterGone("closed")
            data += more
        return data

    def _read_packet(self):
        size = struct.unpack("!I", self._read(4))[0]
        data = self._read(size)
        return data[:1], data[1:]

    def _flush(self):
        data, self._out = b"".join(self._out), []
        try:
            self.socket.sendall(data)
        except ConnectionError as error:
            raise MilterGone(str(error)) from None

    def _negotiate(self, actions, steps):
        self._out.append(packet(b"O", struct.pack("!III", 6, actions, steps)))
        self._flush()
        command, data = self._read_packet()
        assert command == b"O", command
        self.version, self.actions, self.steps = struct.unpack("!III", data[:12])
        assert self.actions & ~actions == 0 and self.steps & ~steps == 0, "the milter asks for what was not offered"

    def _event(self, command, data, macros, unwanted, silent):
        """One step: macros, command, and the reply where there will be one."""
        if self.steps & unwanted:
            return
        if macros:
            self._out.append(packet(b"D", command + strings(*(word for pair in macros.items() for word in pair))))
        self._out.append(packet(command, data))
        if not self.steps & silent:
            self._flush()
            reply, _ = self._read_packet()
            assert reply == b"c", f"{command}: {reply}"

    def begin(self, sender, recipients):
        self._event(b"C", strings("client.example") + b"4" + struct.pack("!H", 25) + strings("192.0.2.1"),
                    {"j": "mx.test", "{daemon_name}": "mx.test"}, NO_CONNECT, NR_CONN)
        self._event(b"H", strings("client.example"), {}, NO_HELO, NR_HELO)
        self._event(b"M", strings(f"<{sender}>"), {"{mail_addr}": sender}, NO_MAIL, NR_MAIL)
        for recipient in recipients:
            self._event(b"R", strings(f"<{recipient}>"), {"{rcpt_addr}": recipient}, NO_RCPT, NR_RCPT)

    def header(self, name, value, queue_id):
        if not self.steps & HDR_LEADSPC:
            value = value[1:] if value[:1] == b" " else value
        self._event(b"L", strings(name, value), {"i": queue_id} if queue_id else {}, NO_HDRS, NR_HDR)

    def send_mail(self, sender, recipients, message, queue_id, end=True):
        """One mail; returns the Reply. With end=False all but the end of message is sent, and None returned."""
        self.begin(sender, recipients)
        if queue_id:
            self._event(b"T", b"", {"i": queue_id}, NO_DATA, NR_DATA)
        head, _, body = message.partition(b"\r\n\r\n")
        for field in split_header(head):
            name, _, value = field.partition(b":")
            self.header(name, value.replace(b"\r\n", b"\n"), queue_id)
        self._event(b"N", b"", {"i": queue_id} if queue_id else {}, NO_EOH, NR_EOH)
        for start in range(0, len(body), CHUNK):
            self._event(b"B", body[start:start + CHUNK], {}, NO_BODY, NR_BODY)
        return self.end(queue_id) if end else self._flush()

    def end(self, queue_id):
        if queue_id:
            self._out.append(packet(b"D", b"E" + strings("i", queue_id)))
        self._out.append(packet(b"E"))
        self._flush()
        return self.read_reply()

    def read_reply(self):
        """The answer to the end of message."""
        reply = Reply()
        while True:
            command, data = self._read_packet()
            if command == b"i":
                name, value = data[4:].split(b"\0")[:2]
                if not self.steps & HDR_LEADSPC:
                    value = b" " + value
                reply.inserted.append((struct.unpack("!I", data[:4])[0], name, value))
            elif command == b"y":
                text = data.rstrip(b"\0").decode()
                reply.code, reply.text = int(text[:3]), text[4:]
                reply.verdict = "reject" if text[0] == "5" else "tempfail"
                return reply
            else:
                reply.verdict = {b"a": "accept", b"c": "continue", b"r": "reject", b"t": "tempfail",
                                 b"d": "discard"}[command]
                reply.code = {"reject": 550, "tempfail": 451}.get(reply.verdict, 250)
                return reply

    def abort(self):
        self._out.append(packet(b"A"))
        self._flush()
