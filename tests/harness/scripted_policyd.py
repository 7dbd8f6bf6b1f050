"""A policyd that does as it is told, to test what the milter does when policyd fails. It decides and stores nothing."""

import os
import socket
import threading

CLOSE = object()    # an answer: close the connection instead
SILENCE = object()  # an answer: none


def form(attributes):
    return "".join(f"{name}={value}\n" for name, value in attributes.items()).encode() + b"\n"


OK = form({"status": "ok", "kind": "invitation"})


class ScriptedPolicyd:
    """Answers each request with answer(attributes): octets, CLOSE or SILENCE. All requests are kept in `requests`."""

    def __init__(self, path, answer=lambda attributes: OK):
        self.path = path
        self.answer = answer
        self.requests = []
        self.connections = []
        self._lock = threading.Lock()
        if os.path.exists(path):
            os.unlink(path)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """As if policyd were killed: nobody listens, all connections break."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def of_kind(self, kind):
        """The requests of that kind so far."""
        with self._lock:
            return [request for request in self.requests if request.get("request") == kind]

    def forget(self):
        """As if nothing had been asked so far."""
        with self._lock:
            self.requests.clear()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rb") as lines:
                request = {}
                for line in lines:
                    if line != b"\n":
                        name, _, value = line.decode().rstrip("\n").partition("=")
                        request[name] = value
                        continue
                    with self._lock:
                        self.requests.append(request)
                    answer = self.answer(request)
                    if answer is CLOSE:
                        return
                    if answer is not SILENCE:
                        connection.sendall(answer)
                    request = {}
        except OSError:
            pass
