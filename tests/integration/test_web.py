"""postwelle-web with the real policyd: one click, the page, the same answer to everybody, hostile clients."""

import contextlib
import os
import re
import signal
import socket
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.house import House
from harness.tap import Tap
from harness.web import Web, make_mails

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def suppressed(control, address):
    control.send("suppress-show", address=address)
    return {row["scope"] for row in control.read()[:-1]}


def forge(token):
    return token[:9] + ("b" if token[9] != "b" else "c") + token[10:]


def test_pages(tap, control, web, tokens):
    anna, ben = tokens["anna@people.test"], tokens["ben@people.test"]
    status, fields, page = web.ask("GET", f"/u/{anna}")
    tap.ok(status == 200 and 'lang="de"' in page and "<form method=\"post\">" in page, "GET shows the page in the participant's language")
    tap.ok('lang="en"' in web.ask("GET", f"/u/{ben}", **{"Accept-Language": "de"})[2], "also where the browser wants another")
    tap.match(fields["content-security-policy"], re.compile("default-src 'none'"), "the page may load nothing")
    tap.equal({name: fields.get(name) for name in ("cache-control", "referrer-policy", "x-robots-tag", "set-cookie", "location")},
              {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex", "set-cookie": None,
               "location": None}, "it is kept nowhere, told to nobody, and sets no cookie")
    status, fields, page = web.ask("HEAD", f"/u/{anna}")
    tap.equal((status, page), (200, ""), "HEAD as well")
    tap.equal(suppressed(control, "anna@people.test"), set(), "and nobody is unsubscribed by looking")
    tap.equal(web.ask("GET", f"/u/{anna}"), web.ask("GET", f"/u/{forge(anna)}"), "a link that is not ours gets the same answer, to the octet")
    tap.equal([web.ask(method, path)[0] for method, path in [("GET", "/"), ("GET", f"/u/{anna[:-1]}"), ("POST", "/u/")]], [404] * 3,
              "a cut one is told so")
    tap.equal([web.ask(method, f"/u/{anna}")[0] >= 400 for method in ("PUT", "DELETE", "OPTIONS")], [True] * 3, "nothing but GET, HEAD and POST")


def test_one_click(tap, control, web, tokens):
    anna, ben, cora = (tokens[f"{name}@people.test"] for name in ("anna", "ben", "cora"))
    tap.equal(web.ask("POST", f"/u/{anna}", "x=y", **FORM)[0], 400, "POST without a word of what is wanted is refused")
    tap.equal(suppressed(control, "anna@people.test"), set(), "and changes nothing")
    status, fields, page = web.ask("POST", f"/u/{anna}", ONE_CLICK, **FORM)
    tap.ok(status == 200 and "abgemeldet" in page and "location" not in fields, "one click: done, without a redirect", page)
    tap.equal(suppressed(control, "anna@people.test"), {"acme"}, "for the client")
    again, forged = web.ask("POST", f"/u/{anna}", ONE_CLICK, **FORM), web.ask("POST", f"/u/{forge(anna)}", ONE_CLICK, **FORM)
    tap.ok(again == forged == (status, fields, page), "the same answer a second time, and to a link that is not ours", (again, forged))
    multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
    web.ask("POST", f"/u/{ben}", multipart, **{"Content-Type": "multipart/form-data; boundary=b"})
    tap.equal(suppressed(control, "ben@people.test"), {"acme"}, "multipart/form-data does as well")
    web.ask("POST", f"/u/{cora}", "scope=all", **FORM)
    tap.equal(suppressed(control, "cora@people.test"), {"*"}, "the page's second button is for all")


def test_hostile(tap, control, web, tokens):
    token = tokens["dora@people.test"]
    slow = []
    for _ in range(50):
        peer = socket.create_connection(("127.0.0.1", web.port))
        peer.sendall(f"POST /u/{token} HTTP/1.1\r\nHost: x\r\nContent-Le".encode())
        slow.append(peer)
    tap.equal(web.ask("POST", f"/u/{token}", ONE_CLICK + "&" + "x" * 100000, **FORM)[0], 413, "a huge form is refused")
    for octets in (b"\0" * 5000, b"GET " + b"/" * 40000 + b" HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                   b"GET /u/" + token.encode() + b" HTTP/9.9\r\n\r\n", b"POST * HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n"):
        with socket.create_connection(("127.0.0.1", web.port), timeout=30) as peer:
            with contextlib.suppress(OSError):  # hung up at once
                peer.sendall(octets)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(65536):
                    pass
    tap.equal(web.ask("GET", f"/u/{token}")[0], 200, "garbage and fifty silent peers stop nobody")
    tap.equal(suppressed(control, "dora@people.test"), set(), "and unsubscribe nobody")
    for peer in slow:
        peer.close()


def test_away(tap, house, control, web, tokens):
    token = tokens["dora@people.test"]
    control.close()
    house.end(signal.SIGTERM)
    status, fields, _ = web.ask("POST", f"/u/{token}", ONE_CLICK, **FORM)
    tap.ok(status == 503 and "retry-after" in fields, "while policyd is away: 503, try later")
    house.start()
    tap.equal(web.ask("POST", f"/u/{token}", ONE_CLICK, **FORM)[0], 200, "and it is found again when it is back")
    control = house.connect("control")
    tap.equal(suppressed(control, "dora@people.test"), {"acme"}, "and knows it")
    tap.ok(token not in web.log_text(), "no line of the log has a link")


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        house = House(folder)
        house.run("--init")
        house.start()
        control = house.connect("control")
        tokens = make_mails(house, control, [f"{name}@people.test" for name in ("anna", "ben", "cora", "dora")])
        web = Web(house)
        test_pages(tap, control, web, tokens)
        test_one_click(tap, control, web, tokens)
        test_hostile(tap, control, web, tokens)
        test_away(tap, house, control, web, tokens)
        tap.equal(web.end(), 0, "it ends in good order")
        public = Web(house, host="0.0.0.0")
        tap.ok(public.process.wait(60) == 78 and "loopback" in public.log_text(), "it listens on loopback and nowhere else", public.log_text())
        house.end(signal.SIGTERM)


if __name__ == "__main__":
    main()
