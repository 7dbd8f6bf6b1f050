#!/usr/bin/python3
"""What Chromium loads without a click, the content rule refuses; and what the rule accepts of thousands of mixed texts, Chromium shows
without a request. (A second reader's opinion without a browser: tests/unit/test_content_oracle.c.) Prints TAP."""

import http.server
import os
import random
import re
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from harness import browser, content
from harness.tap import Tap

SEED = int(os.environ.get("SEED", "20261124"))
MIXED = 6000  # texts
SHOWN = 240  # of those that pass
FRAMES = 60  # on a page
PATIENCE = 120  # seconds
QUIET = 8  # tenths of a second without a new request
URL = "http://HOST/x"  # HOST is another one in each text: the request tells whose it is
HOST = re.compile(r"(?:t|last)\d+\.test")

ELEMENTS = ("<img src=%s>", "<IMG/SRC='%s'>", "<image src=%s>", "<input type=image src=%s>", "<iframe src=%s></iframe>", "<embed src=%s>",
            "<object data=%s></object>", "<video poster=%s></video>", "<video src=%s></video>", "<audio src=%s autoplay></audio>",
            "<picture><source srcset=%s><img></picture>", "<img srcset='%s 2x'>", "<img src=cid:a srcset='%s 1x'>", "<body background=%s>",
            "<table background=%s><td>x", "<table><tr><td background=%s>x", "<table><tr background=%s><td>x", "<link rel=stylesheet href=%s>",
            "<link rel=preload as=image href=%s>", "<link rel=preload as=image imagesrcset='%s 1x'>", "<link rel=prefetch href=%s>",
            "<link rel=modulepreload href=%s>", "<script src=%s></script>", "<script>new Image().src = '%s'</script>",
            "<svg><image href=%s /></svg>", "<svg><image xlink:href=%s /></svg>", "<svg><script href=%s /></svg>",
            "<svg width=9 height=9><filter id=a><feImage href=%s /></filter><rect width=9 height=9 filter=url(#a) /></svg>",
            "<svg><style>@import '%s';</style></svg>", "<base href=%s><img src=y>", "<base href=%s><p style='background:url(y)'>x",
            "<meta http-equiv=refresh content='0;url=%s'>", "<META CONTENT='0; URL=%s' HTTP-EQUIV='&#82;efresh'>",
            "<iframe srcdoc='<img src=%s>'></iframe>", "<frameset><frame src=%s></frameset>",
            "<div><template shadowrootmode=open><img src=%s></template></div>", "<img src=cid:a onerror=\"this.src = '%s'\">",
            "<details open ontoggle=\"new Image().src = '%s'\">", "<style onload=\"new Image().src = '%s'\"></style>")
# What surrounds a picture that loads all the same.
AROUND = ("<!-->%s-->", "<!--->%s-->", "<!--x--!>%s-->", "<!-- <!-- -->%s -->", "<!>%s", "<?x>%s", "</ >%s", "<![CDATA[>%s]]>", "<!doctype x '>%s",
          "<title></title >%s</title>", "<title></title/x>%s</title>", "<style></style\n>%s</style>", "<svg></p>%s", "<svg><p>%s", "<math><mtext>%s",
          "<svg><foreignObject>%s", "<svg><desc>%s", "<svg><title>%s", "<math><annotation-xml encoding=text/html>%s", "<svg><![CDATA[x]]>%s",
          "<table>%s", "<table><colgroup>%s", "<p title='>'>%s", "<p title=x'>%s", "<p title=\"a\"b'>%s", "<p title=`>%s`", "<p a='\"'\">%s", "<x-y>%s",
          "<noembed></noembed>%s", "<xmp></xmp>%s", "<!--[if IE]>-->%s<!--<![endif]-->", "<![if !mso]>%s<![endif]>", "<select></select>%s",
          "<object>%s</object>", "<marquee>%s</marquee>", "<dialog open>%s</dialog>", "<math><mi><style><!--</style>%s", "<textarea></textarea>%s")
ADDRESSES = ("//HOST/x", "\\\\HOST\\x", "/\\HOST/x", "http:\\\\HOST/x", "http:HOST/x", "&#104;ttp://HOST/x", "&#104ttp://HOST/x", "&#x68ttp://HOST/x",
             "http&colon;//HOST/x", "http:&sol;&sol;HOST/x", "ht&Tab;tp://HOST/x", "ht&NewLine;tp://HOST/x", "ht\ntp://HOST/x", " http://HOST/x",
             "&#1;http://HOST/x", "HTTP://HOST/x", "http:///HOST/x", "/\t/HOST/x")
PROPERTIES = ("background:url(%s)", "background:URL('%s')", "background:u\\72l(%s)", "background:\\75 rl(%s)", "background:\\000075rl(%s)",
              "background:u\\r\\l(%s)", "ba\\63kground:url(%s)", "background:url(\n%s\n)", "background:url(%s", "background:url('%s'", "background:image-set('%s' 1x)",
              "background:-webkit-image-set('%s' 1x)", "background:image-\\73 et('%s' 1x)", "background:-webkit-cross-fade(url(%s),url(%s),50%)",
              "background:red url(%s)", "background:red/**/url(%s)", "--a:url(%s);background:var(--a)", "background:var(--z,url(%s))",
              "--a:image-set('%s' 1x);background:var(--a)", "list-style-image:url(%s);display:list-item", "content:url(%s)", "cursor:url(%s),auto",
              "mask-image:url(%s)", "-webkit-mask-image:url(%s)", "-webkit-mask-box-image:url(%s)", "border-image:url(%s) 30;border:3px solid",
              "border-image-source:url(%s);border:3px solid", "shape-outside:url(%s);float:left", "background:linear-gradient(red,blue),url(%s)",
              "-webkit-box-reflect:below 0 url(%s)", "filter:url(%s#a)", "clip-path:url(%s#a)", "x:y;;background:url(%s)!important")
SHEETS = ("@import '%s';", "@import url(%s);", "@IMPORT\"%s\";", "@\\69mport '%s';", "@i\\6dport'%s';", "/*x*/@import '%s';", "<!-- @import '%s'; -->",
          "@charset 'utf-8';@import '%s';", "@layer a;@import '%s';", "@import '%s' layer(a) all;", "@import '%s", "@import url(%s",
          "@font-face{font-family:a;src:url(%s)}*{font-family:a}", "@font-\\66 ace{font-family:a;src:local(z),url(%s)}*{font-family:a}",
          "@media all{*{background:url(%s)}}", "@layer a{*{background:url(%s)}}", "@supports(display:block){*{background:url(%s)}}",
          "@scope(body){*{background:url(%s)}}", "@keyframes a{from{background:url(%s)}}*{animation:a 9s}", "*{&{background:url(%s)}}",
          "*{*{}background:url(%s)}", "*::before{content:url(%s)}", "*{}}*{background:url(%s)}", "{}*{background:url(%s)}", "*{a:'\n;background:url(%s)}",
          "@x{}*{background:url(%s)}", "@x;*{background:url(%s)}", "a{}/*/*/*{background:url(%s)}", "*{background:url(%s)",
          "@property --a{syntax:'<image>';inherits:true;initial-value:url(%s)}*{background:var(--a)}", ":root{--a:url(%s)}body{background:var(--a)}")

# What newsletters are made of, with addresses in places where they are words; and what changes how a text is read.
ORDINARY = ("<p>Guten Tag HOST</p>", "<a href='http://HOST/x'>x</a>", "<img src=\"cid:a\" alt='http://HOST/x'>", "<p title=\"<img src=http://HOST/x>\">x",
            "<!-- <img src=http://HOST/x> -->", "<style>.a{color:red}</style>", "<style>/* @import 'http://HOST/x'; */</style>", "</div>", "<div>",
            "<style>a::after{content:'http://HOST/x'}</style>", "<p style=\"color:red;quotes:'http://HOST/x'\">x</p>", "<title>http://HOST/x</title>",
            "<p style='/* url(http://HOST/x) */'>x", "<p style=\"--a:'http://HOST/x';background:var(--a)\">x", "<meta name=viewport content='a;url=http://HOST/x'>",
            "<table><tr><td>x</td></tr></table>", "&lt;img src=http://HOST/x&gt;", "<!--[if !mso]><!-->", "<!--<![endif]-->", "<!--[if mso]><p><![endif]-->",
            "<details open><summary>x</summary>http://HOST/x</details>", "<map name=m><area href='http://HOST/x'></map>", "<!DOCTYPE html>", "<body bgcolor=red>")
PIECES = ("\"", "'", "<", ">", "/", "=", "`", "\\", "&quot;", "&#39;", "&#62;", "&lt;", "-->", "<!--", "--!>", "<![endif]-->", "]]>", "<![CDATA[", "</style>",
          "</title>", "<style>", "<title>", "<p>", "\n", "\t", " ", "/*", "*/", "(", ")", "{", "}", ";", ":", "url(", "'http://HOST/x'", "//HOST/x", "style=",
          "<img src=http://HOST/x>", "src=http://HOST/x ", "background:", "@import ", "background:url(http://HOST/x)", "\\75rl(", "<img ", "srcset=", "<svg>",
          "<math>", "<table>", "<select>", "<template>", "</", "<!", "<?", "<a ", "&Tab;", "--a:", "image-set('http://HOST/x' 1x)", "@media ", "data:", "cid:")


class Site(http.server.ThreadingHTTPServer):
    """Serves texts in frames, and notes every host of .test that is asked for anything: the browser finds them all here."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.texts, self.asked = {}, set()
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """Nothing: the browser hangs up where it has seen enough."""

    def page(self, path):
        kind, _, number = path.strip("/").partition("/")
        if kind == "text":
            return self.texts.get(number, "")
        frames = "".join(f"<iframe width=90 height=60 src=/text/{one}></iframe>" for one in number.split("-"))
        return f"<!DOCTYPE html><body>{frames}"


class Handler(http.server.BaseHTTPRequestHandler):
    """A page of ours, or nothing much for whatever else is asked."""

    def do_GET(self):
        host = self.headers.get("Host", "").partition(":")[0]
        self.server.asked.update(HOST.findall(host + self.path))  # in the path where the address was taken for a relative one
        data = b"" if host.endswith(".test") else self.server.page(self.path).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Nothing: the test says what was asked."""


def fragments():
    """Texts that load something, as far as the browser has the feature."""
    yield from (text.replace("%s", URL) for text in ELEMENTS)
    yield from (text.replace("%s", f"<img src={URL}>") for text in AROUND)
    yield from (f'<img src="{address}">' for address in ADDRESSES)
    for text in PROPERTIES:
        yield "<p style=\"" + text.replace("%s", URL) + "\">x"
        yield "<style>p{" + text.replace("%s", URL) + "}</style><p>x"
    yield from ("<style>" + text.replace("%s", URL) + "</style><p>x" for text in SHEETS)


def mixed(rng):
    """Ordinary pieces with something put between, cut out or doubled."""
    text = "".join(rng.choice(ORDINARY) for _ in range(rng.randint(1, 4)))
    for _ in range(rng.randint(1, 4)):
        place, length = rng.randrange(len(text) + 1), rng.randint(1, 20)
        text = rng.choice((text[:place] + rng.choice(PIECES) + text[place:], text[:place] + text[place + length // 4:],
                           text[:place] + rng.choice(PIECES) + text[place + 1:], text[:place] + text[place - length:place] + text[place:]))
    return text


def write(folder, texts, first=0):
    """{path: text}, each text with a host of its own, numbered from first."""
    paths = {}
    for number, text in enumerate(texts, first):
        path = os.path.join(folder, f"{number}.html")
        paths[path] = text.replace("HOST", f"t{number}.test")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(paths[path])
    return paths


def await_requests(site, last):
    """Until the last frame has gone elsewhere and nothing new is asked for. (A page with such frames may never say that it is loaded.)"""
    deadline = time.monotonic() + PATIENCE
    known, quiet = 0, 0
    while last not in site.asked or quiet < QUIET:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the browser did not come to an end: {len(site.asked)} hosts")
        time.sleep(0.1)
        quiet = quiet + 1 if len(site.asked) == known else 0
        known = len(site.asked)


def show(chromium, site, texts):
    """The texts' hosts of which the browser asks for something when it shows them."""
    site.asked.clear()
    for start in range(0, len(texts), FRAMES):
        last = f"last{start}.test"
        part = [*texts[start:start + FRAMES], f"<meta http-equiv=refresh content='0;url=http://{last}/'>"]
        names = [str(start + number) for number in range(len(part))]
        site.texts.update(zip(names, part))
        chromium.run(f"location = 'http://127.0.0.1:{site.port}/frames/{'-'.join(names)}'")
        await_requests(site, last)
    return {host for host in site.asked if host.startswith("t")}


def loads(text, asked):
    return not asked.isdisjoint(HOST.findall(text))


def test_fragments(tap, chromium, site, folder):
    paths = write(folder, fragments())
    bad = content.refused(list(paths))
    asked = show(chromium, site, list(paths.values()))
    tap.note(f"{len(asked)} of {len(paths)} load; {len(bad)} are refused")
    tap.ok(len(asked) > len(paths) * 3 / 4, "the test tells something: most of the texts do load in Chromium",
           "\n".join(text for text in paths.values() if not loads(text, asked)))
    wrong = [text for path, text in paths.items() if path not in bad and loads(text, asked)]
    tap.ok(not wrong, "what loads is refused", "\n".join(wrong))


def test_mixed(tap, chromium, site, folder):
    rng = random.Random(SEED)
    paths = write(folder, (mixed(rng) for _ in range(MIXED)), 1000)
    bad = content.refused(list(paths))
    kept = [text for path, text in paths.items() if path not in bad and HOST.search(text)][:SHOWN]
    asked = show(chromium, site, kept)
    tap.ok(len(kept) == SHOWN, "many of the mixed texts pass", len(kept))
    wrong = [text for text in kept if loads(text, asked)]
    tap.ok(not wrong, "what passes loads nothing", "\n".join(wrong))


def main():
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="postwelle-loads-") as folder:
        if browser.program() is None:
            tap.skip("what a browser loads", "Chromium is not installed")
            return
        site = Site()
        with browser.Browser(f"--host-resolver-rules=MAP *.test 127.0.0.1:{site.port}") as chromium:
            test_fragments(tap, chromium, site, folder)
            test_mixed(tap, chromium, site, folder)


if __name__ == "__main__":
    main()
