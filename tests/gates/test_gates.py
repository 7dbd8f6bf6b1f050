#!/usr/bin/python3
"""The few rules of doc/STYLE.md that a program can see, checked over the whole tree. Prints TAP."""

import ast
import os
import re
import subprocess
import sys

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("G_TEST_BUILDDIR", os.path.join(SOURCE, "build"))
LIBRARIES = ("lib/libpostwelle.a", "milter/libmilter.a", "policyd/libpolicyd.a", "importer/libimporter.a",
             "web/libweb.a")
ROOMS = ("lib", "milter", "policyd", "importer", "web")
FUNCTION_LINES = 100
COLUMNS = 120
FILE_LINES = 1000

# Who owns each foreign package: its header stands in these files only.
OWNERS = {
    "db.h": {"policyd/store_bdb.c"},
    "libmilter/": {"milter/callbacks.c"},
    "opendkim/": {"milter/sign_opendkim.c"},
    "ldns/": {"lib/dns.c"},
    "zip.h": {"importer/list_zip.c"},
    "csv.h": {"importer/list_csv.c"},
    "seccomp.h": {"importer/list_child.c"},
    "idn2.h": {"lib/address.c", "lib/idn.c"},
    "libsmartcols": {"importer/table.c"},
    "systemd/": {"importer/track_journal.c"},
}


def sources(suffixes=(".c", ".h"), rooms=ROOMS):
    for room in rooms:
        for folder, _, names in os.walk(os.path.join(SOURCE, room)):
            for name in sorted(names):
                if name.endswith(suffixes):
                    yield os.path.relpath(os.path.join(folder, name), SOURCE)


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def check_includes_point_one_way():
    """A room includes itself and lib/, never another program."""
    for path in sources():
        room = path.split("/")[0]
        for other in re.findall(r'^#include "(\w+)/', read(path), re.M):
            if other not in (room, "lib"):
                yield f"{path} includes {other}/"


def check_packages_have_one_owner():
    for path in sources():
        for header in re.findall(r"^#include <([^>]+)>", read(path), re.M):
            for prefix, owners in OWNERS.items():
                if header.startswith(prefix) and path not in owners:
                    yield f"{path} includes <{header}>, which belongs to {', '.join(sorted(owners))}"


def check_headers_stand_alone():
    """Each header compiles by itself and has its guard."""
    flags = subprocess.run(["pkg-config", "--cflags", "glib-2.0", "gio-unix-2.0"], capture_output=True, text=True,
                           check=True).stdout.split()
    for path in sources((".h",)):
        guard = "POSTWELLE_" + re.sub(r"\W", "_", path).upper()
        if not re.search(rf"^#ifndef {guard}\n#define {guard}$", read(path), re.M):
            yield f"{path} has no include guard {guard}"
        done = subprocess.run(["cc", "-std=gnu17", "-D_GNU_SOURCE", '-DSYSCONFDIR="/etc"', "-fsyntax-only", "-Wall",
                               "-Werror", "-I", SOURCE, *flags, "-x", "c", os.path.join(SOURCE, path)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            yield f"{path} does not compile alone: {done.stderr.splitlines()[0]}"


def external_symbols(library):
    """What a static library defines for others."""
    done = subprocess.run(["nm", "-g", "--defined-only", os.path.join(BUILD, library)], capture_output=True, text=True,
                          check=True)
    columns = (line.split() for line in done.stdout.splitlines())
    return {name[2] for name in columns if len(name) == 3 and not name[2].startswith("__")}


def check_no_symbol_in_two_libraries():
    """One name, one thing: or a program links what it did not mean, and a reader finds the wrong function."""
    seen = {}
    for library in LIBRARIES:
        symbols = external_symbols(library)
        if not symbols:
            yield f"{library} defines nothing: was it built?"
        for symbol in sorted(symbols):
            if symbol in seen:
                yield f"{symbol} is defined in {seen[symbol]} and in {library}"
            seen.setdefault(symbol, library)


def check_sizes():
    """No file over 1,000 lines, no function over 100, no line of C over 120 columns."""
    for path in sources():
        lines = read(path).splitlines()
        if path.endswith((".c", ".h")):
            yield from (f"{path}:{number}: {len(line)} columns" for number, line in enumerate(lines, 1) if len(line) > COLUMNS)
        if len(lines) > FILE_LINES:
            yield f"{path} has {len(lines)} lines"
        start = None
        for number, line in enumerate(lines, 1):
            if line == "{":
                start = number
            elif line == "}" and start is not None:
                if number - start > FUNCTION_LINES:
                    yield f"{path}:{start}: a function of {number - start} lines"
                start = None


def check_no_leftovers():
    for path in sources((".c", ".h"), ROOMS):
        for number, line in enumerate(read(path).splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
                yield f"{path}:{number}: {line.strip()}"


def check_children_of_tests():
    """None inherits the test's own output: make check reads that to its end, and a child that is left would keep it open."""
    for path in sources((".py",), ("tests",)):
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "Popen" and \
                    not {None, "stdout"} & {word.arg for word in node.keywords}:
                yield f"{path}:{node.lineno}: Popen without stdout"


def check_requests_are_documented():
    """Every request in policyd's table stands in doc/PROTOCOL.md, and every request described there is in the table."""
    known = set(re.findall(r'^\s*\{"([a-z_-]+)",', read("policyd/requests.c"), re.M))
    protocol = read("doc/PROTOCOL.md")
    for name in sorted(known):
        if f"`{name}`" not in protocol:
            yield f"request {name} is not in doc/PROTOCOL.md"
    command = protocol[protocol.index("## 5 "):protocol.index("## 6 ")]
    for name in re.findall(r"^(?:\| )?`([a-z-]+)`(?: \| `| \| \| | — )", command, re.M):
        if name not in known:
            yield f"doc/PROTOCOL.md describes {name}, which policyd does not know"


def check_manuals():
    """Each page is well-formed, and those of the daemons tell of every option that --help has."""
    pages = sorted(os.path.join(BUILD, "doc/man", name[:-3]) for name in os.listdir(os.path.join(SOURCE, "doc/man"))
                   if name.endswith(".in"))
    said = subprocess.run(["mandoc", "-T", "lint", "-W", "error", *pages], capture_output=True, text=True)
    problems = said.stdout.splitlines()
    for page in pages:
        program = os.path.join(BUILD, os.path.basename(page).removesuffix(".8"))
        if page.endswith(".8"):
            helped = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
            with open(page, encoding="utf-8") as file:
                text = file.read().replace("\\-", "-")
            problems += [f"{page}: lacks --{option}" for option in re.findall(r"--([a-z-]+)", helped)
                         if option != "help" and f"Fl -{option}" not in text and f", -{option}" not in text]
    return problems


def main():
    checks = [value for name, value in sorted(globals().items()) if name.startswith("check_")]
    print(f"1..{len(checks)}")
    failed = 0
    for number, check in enumerate(checks, 1):
        findings = list(check())
        failed += bool(findings)
        print(f"{'not ok' if findings else 'ok'} {number} - {check.__name__[6:].replace('_', ' ')}")
        for finding in findings:
            print(f"# {finding}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
