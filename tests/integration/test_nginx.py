"""packaging/nginx, as it is but for names and ports, in a real nginx before the real postwelle-web: what mail providers and people do over HTTPS."""

import http.client
import os
import re
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.campaigns import SOURCE
from harness.house import House
from harness.sandbox import wait_for
from harness.tap import Tap
from harness.web import Web, free_port, make_mails

SAMPLE = os.path.join(SOURCE, "packaging", "nginx", "postwelle.conf")
NAME = "umfrage.agency.example"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PEOPLE = [f"{name}@people.test" for name in ("anna", "ben", "cora", "dora", "emil")]
# What stands around the sample: an nginx.conf as small as can be, with all it writes in the test's own folder.
MAIN = """daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/postwelle.conf;
}}
"""


def has_ipv6():
    try:
        return bool(free_port("::1"))
    except OSError:
        return False


class Nginx:
    """nginx with the sample before that port of postwelle-web."""

    def __init__(self, folder, web_port):
        self.folder = os.path.join(folder, "nginx")
        os.mkdir(self.folder)
        self.port = free_port()
        self.certificate = self._make_certificate()
        self.config = os.path.join(self.folder, "nginx.conf")
        with open(os.path.join(self.folder, "postwelle.conf"), "w", encoding="utf-8") as file:
            file.write(self._sample(web_port))
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(MAIN.format(folder=self.folder, user="user root;" if os.geteuid() == 0 else ""))

    def _make_certificate(self):
        path = os.path.join(self.folder, "fullchain.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext",
                        f"subjectAltName=DNS:{NAME}", "-keyout", os.path.join(self.folder, "privkey.pem"), "-out", path],
                       check=True, capture_output=True)
        return path

    def _sample(self, web_port):
        """Only names and ports change, and each that is to be changed is there."""
        with open(SAMPLE, encoding="utf-8") as file:
            text = file.read()
        changes = {"listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
                   "listen [::]:443 ssl;": f"listen [::1]:{self.port} ssl;" if has_ipv6() else "",
                   f"/etc/letsencrypt/live/{NAME}/": f"{self.folder}/", "/var/log/nginx/": f"{self.folder}/",
                   "http://127.0.0.1:8425;": f"http://127.0.0.1:{web_port};"}
        for old, new in changes.items():
            assert old in text, f"{SAMPLE} lacks {old}"
            text = text.replace(old, new)
        return text

    def check(self):
        return subprocess.run([NGINX, "-t", "-c", self.config, "-p", self.folder], capture_output=True, text=True, timeout=60)

    def start(self):
        self.process = subprocess.Popen([NGINX, "-c", self.config, "-p", self.folder], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)

        def listens():
            assert self.process.poll() is None, self.process.stderr.read()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0
        wait_for(listens, "nginx", 60, 0.05)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def end(self):
        self.process.send_signal(signal.SIGQUIT)
        return self.process.wait(60)

    def connect(self, context=None):
        """As one who was given the name and trusts the certificate."""
        context = context or ssl.create_default_context(cafile=self.certificate)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection = http.client.HTTPSConnection(NAME, self.port, timeout=60)
        connection.sock = context.wrap_socket(plain, server_hostname=NAME)
        return connection

    def ask(self, method, path, body=None, **headers):
        """Status, fields, body."""
        connection = self.connect()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        result = (answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode())
        connection.close()
        return result

    def logs(self):
        """All that it has written into files."""
        text = ""
        for name in os.listdir(self.folder):
            if name.endswith(".log"):
                with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as file:
                    text += file.read()
        return text


def suppressed(house, address):
    control = house.connect("control")
    control.send("suppress-show", address=address)
    scopes = {row["scope"] for row in control.read()[:-1]}
    control.close()
    return scopes


def test_people(tap, house, nginx, token):
    code, fields, page = nginx.ask("GET", f"/u/{token}")
    tap.ok(code == 200 and '<html lang="de">' in page and '<form method="post">' in page, "a person sees the page", (code, page))
    tap.ok("default-src 'none'" in fields["content-security-policy"] and fields["cache-control"] == "no-store", "with its fields", fields)
    tap.equal(suppressed(house, PEOPLE[0]), set(), "and is not unsubscribed by that")
    code, fields, page = nginx.ask("POST", f"/u/{token}", "scope=client", **FORM, Origin=f"https://{NAME}")
    tap.ok(code == 200 and "abgemeldet" in page and "location" not in fields, "the button unsubscribes at once", (code, fields))
    tap.equal(suppressed(house, PEOPLE[0]), {"acme"}, "for the client")


def test_providers(tap, house, nginx, tokens):
    """RFC 8058: a POST in either form, no cookie, no referrer, no redirect followed, on a connection of its own or one for many."""
    code, fields, _ = nginx.ask("POST", f"/u/{tokens[1]}", ONE_CLICK, **FORM)
    tap.ok(code == 200 and "location" not in fields and "set-cookie" not in fields, "one click: 200 at once", (code, fields))
    tap.equal(suppressed(house, PEOPLE[1]), {"acme"}, "and it is done")
    multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
    nginx.ask("POST", f"/u/{tokens[2]}", multipart, **{"Content-Type": "multipart/form-data; boundary=b"})
    tap.equal(suppressed(house, PEOPLE[2]), {"acme"}, "in the other form, too")
    connection = nginx.connect()
    codes = []
    for _ in range(100):
        connection.request("POST", f"/u/{tokens[3]}", iter([ONE_CLICK.encode()]), FORM, encode_chunked=True)
        answer = connection.getresponse()
        answer.read()
        codes.append(answer.status)
    tap.equal(set(codes), {200}, "a hundred in a row on one connection, in chunks")
    tap.equal(suppressed(house, PEOPLE[3]), {"acme"}, "and it is done")


def refusal(nginx, method, path, body=None):
    """The status; None where nginx hung up before it had all."""
    try:
        return nginx.ask(method, path, body, **FORM)[0]
    except (OSError, http.client.HTTPException):
        return None


def agreed_version(nginx, name):
    """The version of TLS that a client gets who knows that one alone and takes whatever is weak; None: no connection."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context = ssl.create_default_context(cafile=nginx.certificate)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion[name]
        try:
            connection = nginx.connect(context)
        except (ssl.SSLError, OSError):
            return None
        version = connection.sock.version()
        connection.close()
        return version


def test_limits(tap, nginx, token):
    tap.ok(refusal(nginx, "POST", f"/u/{token}", "x" * 20000) in (413, None), "a huge form is refused")
    tap.ok(refusal(nginx, "GET", "/u/" + "a" * 40000) in (414, None), "a huge address as well")
    tap.ok(all(nginx.ask(method, f"/u/{token}")[0] >= 400 for method in ("PUT", "DELETE", "OPTIONS", "TRACE")), "nothing but GET, HEAD and POST")
    tap.equal([agreed_version(nginx, version) for version in ("TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3")], [None, None, "TLSv1.2", "TLSv1.3"],
              "no TLS below 1.2")
    connection, code, deadline = nginx.connect(), 200, time.monotonic() + 120
    while code == 200 and time.monotonic() < deadline:
        connection.request("HEAD", f"/u/{token}")
        answer = connection.getresponse()
        answer.read()
        code = answer.status
        if answer.will_close:
            connection = nginx.connect()
    tap.equal(code, 503, "one who asks all the time is slowed down")


def test_status_pages(tap, nginx, web):
    """They are there, on this machine; and however one asks, nginx shows none of them."""
    for path in ("/", "/acme/one"):
        tap.ok(web.look(path)[0] == 200 and 'data-count="total"' in web.look(path)[2], f"{path} is there on this machine")
    asked = [(path, {"Host": host}) for host in (NAME, "localhost", f"127.0.0.1:{web.status_port}", "[::1]")
             for path in ("/", "/acme/one", "/u/../acme/one", "/u/..%2facme/one", "/u//acme/one", "/u/acme/one", "//acme/one", "/u/%2e%2e/acme/one",
                          f"http://127.0.0.1:{web.status_port}/acme/one", f"/u/@127.0.0.1:{web.status_port}/acme/one", "/u/")]
    answers = {}
    for path, headers in asked:
        connection = nginx.connect()
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", headers["Host"])
        connection.endheaders()
        answer = connection.getresponse()
        answers[path, headers["Host"]] = answer.status, "data-count" in answer.read().decode()
        connection.close()
    tap.ok(all(code in (400, 404) and not shown for code, shown in answers.values()), "through nginx none of it can be reached", answers)


class Upstream(socketserver.BaseRequestHandler):
    """Keeps what nginx hands on."""

    def handle(self):
        octets = b""
        while b"\r\n\r\n" not in octets:
            octets += self.request.recv(65536)
        self.server.seen.append(octets.decode("latin-1"))
        self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_privacy(tap, nginx, web, tokens):
    """What nginx hands on, and what it writes down: nothing of the person, and no link, even where all goes wrong."""
    tap.equal(web.end(), 0, "postwelle-web ends")
    wait_for(lambda: nginx.ask("POST", f"/u/{tokens[4]}", ONE_CLICK, **FORM)[0] == 502, "room in the limit", 120, 0.5)
    tap.ok(True, "while it is away: 502, so that a provider tries again")
    nginx.ask("GET", f"/u/{tokens[4]}?%zz")
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.TCPServer(("127.0.0.1", web.port), Upstream) as server:
        server.seen = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        fields = {"Cookie": "who=anna", "User-Agent": "x", "Accept-Language": "en"}
        wait_for(lambda: nginx.ask("GET", f"/u/{tokens[4]}", **fields)[0] == 200, "room in the limit again", 120, 0.5)
        server.shutdown()
    seen = server.seen[0].lower()
    tap.ok("anna" not in seen and "forwarded" not in seen and "x-real-ip" not in seen, "neither cookie nor address is handed on", seen)
    tap.ok("accept-language: en" in seen, "the language is")
    wait_for(lambda: " 502" in nginx.logs(), "the access log", 60, 0.1)
    logs = nginx.logs()
    links = [line[:200] for line in logs.splitlines() if "/u/" in line or any(token in line for token in tokens)]
    tap.equal(links, [], "no log of nginx has a link")
    tap.match(logs, re.compile(r"127\.0\.0\.1 \[.+\] POST 200"), "its access log says that something was asked")


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        if NGINX is None:
            tap.skip("the sample for nginx", "nginx is not installed")
            return
        house = House(folder)
        house.run("--init")
        house.start()
        control = house.connect("control")
        made = make_mails(house, control, PEOPLE)
        tokens = [made[address] for address in PEOPLE]
        control.close()
        web = Web(house, status=True)
        nginx = Nginx(folder, web.port)
        done = nginx.check()
        tap.ok(done.returncode == 0 and "warn" not in done.stderr, "nginx takes the sample, without a warning", done.stderr)
        with nginx:
            test_people(tap, house, nginx, tokens[0])
            test_providers(tap, house, nginx, tokens)
            test_status_pages(tap, nginx, web)
            test_limits(tap, nginx, tokens[4])
            test_privacy(tap, nginx, web, tokens)
            tap.equal(suppressed(house, PEOPLE[4]), set(), "who did not ask for it was not unsubscribed")
            tap.equal(nginx.end(), 0, "nginx ends in good order")
        house.end(signal.SIGTERM)


if __name__ == "__main__":
    main()
