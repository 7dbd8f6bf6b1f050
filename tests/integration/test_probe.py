"""Does an unsubscribe address work? client check asks as a mail provider would; here is who answers."""

import http.server
import os
import ssl
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.campaigns import CLIENT, CampaignSite
from harness.daemons import write_key_file
from harness.tap import Tap


def make_certificate(folder, name, address):
    """A key and a certificate that signs itself, for that address."""
    key, certificate = os.path.join(folder, f"{name}.key"), os.path.join(folder, f"{name}.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
                    f"subjectAltName=IP:{address}", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as `answers` of its server says: {method: status}."""

    def _answer(self):
        self.server.seen.append((self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
        status = self.server.answers[self.command]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/thanks")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = _answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, key, certificate):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.answers, self.seen = {"GET": 200, "POST": 200}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # clients hang up on what they do not trust


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        site = CampaignSite(tap, folder)
        right, wrong = make_certificate(folder, "right", "127.0.0.1"), make_certificate(folder, "wrong", "127.0.0.9")
        good, other = Server(*right), Server(*wrong)
        trusted = os.path.join(folder, "trusted.pem")
        with open(trusted, "w", encoding="ascii") as file:
            for _, certificate in (right, wrong):
                with open(certificate, encoding="ascii") as one:
                    file.write(one.read())

        def check(name, status, regex, port, trust=trusted):
            uri = f"https://127.0.0.1:{port}/u/"
            write_key_file(site.path("clients", "muster.conf"), CLIENT | {"unsubscribe": CLIENT["unsubscribe"] | {"uri": uri}})
            site.check(name, status, regex, "client", "check", "muster", environment={"SSL_CERT_FILE": trust})

        check("one that works", 0, "nothing to mend", good.server_port)
        tap.equal(good.seen, [("GET", "/u/" + "a" * 32, b""), ("POST", "/u/" + "a" * 32, b"List-Unsubscribe=One-Click")],
                  "it is asked for the page, and for one click, with nobody's token")
        check("a certificate that nobody here trusts", 1, "TLS fails: self.signed", good.server_port, "/dev/null")
        check("a certificate for another address", 1, "TLS fails: IP address mismatch", other.server_port)
        for answers, regex in (({"GET": 302}, r"GET is answered with a redirect \(302\)"), ({"POST": 302}, r"POST is answered with a redirect"),
                               ({"GET": 404}, "GET is answered with 404"), ({"POST": 503}, "POST is answered with 503")):
            good.answers = {"GET": 200, "POST": 200} | answers
            check(f"answers {answers}", 1, regex, good.server_port)
        good.shutdown()
        good.server_close()
        check("nobody listens", 1, "does not work: Could not connect.*Is postwelle-web running", good.server_port)
        other.shutdown()
        site.check("all clients are checked without asking anybody", 0, "1 client: nothing to mend", "client", "check")


if __name__ == "__main__":
    main()
