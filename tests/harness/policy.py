"""policyd's attribute protocol, for tests: lists of attributes over a unix socket (doc/PROTOCOL.md)."""

import re
import socket


def encode(kind, attributes):
    """One request as octets. attributes is {name: value}."""
    def escape(value):
        return re.sub(r"[\x00-\x1f\x7f%]", lambda found: f"%{ord(found.group()):02X}", str(value))
    lines = [f"request={kind}"] + [f"{name}={escape(value)}" for name, value in attributes.items()]
    return ("\n".join(lines) + "\n\n").encode()


class PolicyClient:
    """One connection to policyd."""

    def __init__(self, path, timeout=20):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, kind, **attributes):
        self.socket.sendall(encode(kind, attributes))

    def read_one(self):
        """The next list as {name: value}; None where policyd has closed the connection."""
        answer = {}
        while True:
            try:
                line = self.file.readline()
            except ConnectionError:
                return None
            if not line.endswith(b"\n"):
                return None
            if line == b"\n":
                return answer
            name, value = line.rstrip(b"\n").decode().split("=", 1)
            answer[name] = re.sub("%([0-9A-F]{2})", lambda found: chr(int(found.group(1), 16)), value)

    def read(self):
        """The next answer with all its rows; the last is what was said at the end."""
        rows = []
        while not rows or (rows[-1] is not None and rows[-1].get("status") == "more"):
            rows.append(self.read_one())
        return rows

    def ask(self, kind, **attributes):
        """One question, the last list of its answer."""
        self.send(kind, **attributes)
        return self.read()[-1]
