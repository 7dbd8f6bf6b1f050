#!/usr/bin/python3
"""Reading .xlsx: `postwelle list check --raw --format csv` beside Debian's xlsx2csv, the same files, in the same run.

    make bench                                      after packaging/install-deps bench
    tests/bench/bench_lists.py [--rows N]           1,000,000 rows of 8 columns by default

Two files: texts shared (two million different ones) and texts in the cells. Both programs write CSV into /dev/null. Time is
by the clock, as a person waits for it, and of the processors, ours with its reader's child; memory is the larger of command
and child, the mapped file included. Where other programs take the processors, the clock tells little.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import zipfile

POSTWELLE = os.path.join(os.environ.get("G_TEST_BUILDDIR", "."), "postwelle")
RUNS = 5  # of ours, which are so short that the machine's moods show; the middle one counts
GOAL_RATIO, GOAL_MEBIBYTES = 5, 64
MEBIBYTE = 1024 * 1024
STRING_COST = 8  # octets that the reader keeps for each shared text beside the text
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SMALL_PARTS = {
    "[Content_Types].xml":
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPE}.sharedStrings+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/></Types>',
    "_rels/.rels":
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels":
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="rId3" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml":
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Teilnehmer" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/styles.xml":
        f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
}
COMMON = [f"Vorname{number}" for number in range(500)]


def texts_of(row):
    """The six texts of a row: four that recur, and two of its own in the middle."""
    return (COMMON[row % 2], COMMON[row % 500], f"Nachname {row}", f"person.{row}@kunde{row % 1000}.example", COMMON[row % 40],
            COMMON[row % 300])


def shared_cells(row):
    own = len(COMMON) + 2 * (row - 1)
    for column, number in zip("ABCDGH", (row % 2, row % 500, own, own + 1, row % 40, row % 300)):
        yield f'<c r="{column}{row}" t="s"><v>{number}</v></c>'


def inline_cells(row):
    for column, text in zip("ABCDGH", texts_of(row)):
        yield f'<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>'


def write_parts(part, pieces):
    batch = []
    for piece in pieces:
        batch.append(piece)
        if len(batch) == 5000:
            part.write("".join(batch).encode())
            batch.clear()
    part.write("".join(batch).encode())


def write_book(path, rows, cells, shared):
    """Writes the file; returns the octets of its shared texts, as the reader keeps them."""
    def lines():
        yield f'<worksheet xmlns="{MAIN}"><dimension ref="A1:H{rows}"/><sheetData>'
        for row in range(1, rows + 1):
            first, second, third, fourth, fifth, sixth = cells(row)
            yield (f'<row r="{row}" spans="1:8">{first}{second}{third}{fourth}<c r="E{row}"><v>{100_000 + row}</v></c>'
                   f'<c r="F{row}" s="1"><v>{40_000 + row % 6000}</v></c>{fifth}{sixth}</row>')
        yield "</sheetData></worksheet>"

    def strings():
        yield f'<sst xmlns="{MAIN}">'
        yield from (f"<si><t>{text}</t></si>" for text in COMMON)
        for row in range(1, rows + 1 if shared else 0):
            name, address = texts_of(row)[2:4]
            octets[0] += len(name) + len(address) + 2 * STRING_COST
            yield f"<si><t>{name}</t></si><si><t>{address}</t></si>"
        yield "</sst>"

    octets = [0]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in SMALL_PARTS.items():
            book.writestr(name, text)
        for name, pieces in (("xl/worksheets/sheet1.xml", lines()), ("xl/sharedStrings.xml", strings())):
            with book.open(name, "w") as part:
                write_parts(part, pieces)
    return octets[0]


def measure(*words):
    """Seconds by the clock and of the processors, and MiB of a command; its output goes to /dev/null."""
    start = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(words)}: exit status {process.returncode}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / MEBIBYTE


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    print(f"{rows} rows of 8 columns; load of this machine before: {os.getloadavg()[0]:.1f}")
    print(f"{'texts':<8} {'program':<10} {'clock s':>8} {'cpu s':>8} {'MiB':>6} {'clock x':>8} {'cpu x':>6}")
    with tempfile.TemporaryDirectory(prefix="postwelle-bench-") as folder:
        for name, cells in (("shared", shared_cells), ("inline", inline_cells)):
            path = os.path.join(folder, f"{name}.xlsx")
            strings = write_book(path, rows, cells, name == "shared") / MEBIBYTE
            theirs = measure("xlsx2csv", path, os.devnull)
            ours = sorted(measure(POSTWELLE, "list", "check", path, "--raw", "--format", "csv") for _ in range(RUNS))[RUNS // 2]
            clock, cpu = theirs[0] / ours[0], theirs[1] / ours[1]
            for program, figures, ratios in (("xlsx2csv", theirs, (1, 1)), ("postwelle", ours, (clock, cpu))):
                print(f"{name:<8} {program:<10} {figures[0]:8.1f} {figures[1]:8.1f} {figures[2]:6.0f} {ratios[0]:8.1f} {ratios[1]:6.1f}")
            beside = ours[2] - strings
            print(f"goal: >= {GOAL_RATIO} x: {'met' if cpu >= GOAL_RATIO else 'MISSED'} by the processors' time; "
                  f"<= {GOAL_MEBIBYTES} MiB beside {strings:.0f} MiB of shared strings: {beside:.0f}, "
                  f"{'met' if beside <= GOAL_MEBIBYTES else 'MISSED'}")


if __name__ == "__main__":
    main()
