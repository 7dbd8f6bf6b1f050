"""postwelle list: its readers beside LibreOffice and a library each, on lists of all kinds; and what is no list."""

import csv
import os
import re
import subprocess
import sys
import tempfile

import openpyxl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness import no_lists
from harness import spreadsheet_corpus as corpus
from harness import spreadsheets
from harness.tap import Tap

POSTWELLE = os.path.join(os.environ.get("G_TEST_BUILDDIR", "."), "postwelle")
READERS = {".xlsx": ("openpyxl", spreadsheets.read_openpyxl), ".xls": ("xlrd", spreadsheets.read_xlrd),
           ".ods": ("odfpy", spreadsheets.read_odfpy)}
OK, USAGE, DATA = 0, 64, 65
SECONDS, MEBIBYTES = 10, 600  # of processor time, and of memory, for a file made to overload


def run(*words):
    return subprocess.run([POSTWELLE, "list", *words], capture_output=True, text=True, encoding="utf-8", check=False)


def raw(path, sheet=None):
    return run("check", path, "--raw", "--format", "csv", *(["--sheet", sheet] if sheet else []))


def write_corpus(folder, profile):
    """All files of the corpus: by libraries, by hand, and by LibreOffice from one of them."""
    def path(name):
        return os.path.join(folder, name)

    corpus.write_xlsxwriter(path("excel.xlsx"))
    corpus.write_xlsxwriter(path("1904.xlsx"), date_1904=True)
    corpus.write_xlsxwriter(path("inline.xlsx"), constant_memory=True)
    corpus.write_openpyxl(path("openpyxl.xlsx"))
    corpus.write_xlwt(path("xlwt.xls"))
    corpus.write_biff5(path("biff5.xls"))
    corpus.write_biff5(path("biff5-1250.xls"), 1250, "cp1250", ("Dvořák", "Łódź", "šest"))
    corpus.write_biff5(path("biff5-mac.xls"), 10000, "mac_roman", ("Müller", "ß", "é"))
    corpus.write_odfpy(path("odfpy.ods"))
    corpus.write_odfpy_kinds(path("kinds.ods"))
    paths = [path(name) for name in sorted(os.listdir(folder)) if "." in name] + corpus.write_variants(path("excel.xlsx"), folder)
    for form in ("xls:MS Excel 97", "ods", "xlsx:Calc MS Excel 2007 XML"):
        made = spreadsheets.soffice(profile, os.path.join(folder, "office"), form, [path("excel.xlsx")])
        paths.append(path("libreoffice." + form.split(":")[0]))
        os.rename(made[0], paths[-1])
    return paths


# Where another program is no witness: (file, program) -> why.
NOT_COMPARED = {
    ("strict.xlsx", "openpyxl"): "openpyxl reads no strict OOXML",
    ("kinds.ods", "LibreOffice"): "LibreOffice shows bare numbers where a cell has no style",
}


# The same for single cells: what the line about the difference holds -> why.
EXPLAINED = {
    ("libreoffice.xls", "LibreOffice"):
        ("'0', they have ('text', 'ab'", "it saves 0 for a text that a formula gave, and computes it anew"),
}


def compare(tap, path, program, sheets):
    """Each sheet that another program sees, beside what we read in it."""
    name = os.path.basename(path)
    explained = EXPLAINED.get((name, program), ("\0", None))[0]
    for sheet, theirs in sheets.items():
        done = raw(path, sheet)
        found = spreadsheets.differences(spreadsheets.parse_ours(done.stdout), theirs)
        found = [line for line in found if explained not in line]
        tap.ok(done.returncode == OK and not found and theirs, f"{name}, sheet {sheet}: as {program} reads it, {len(theirs)} rows",
               "\n".join([done.stderr, *found[:20]]))


def test_books(tap, folder, profile):
    paths = write_corpus(folder, profile)
    renamed = []
    for path in paths:
        renamed.append(os.path.join(folder, "office", os.path.basename(path).replace(".", "@") + os.path.splitext(path)[1]))
        os.symlink(path, renamed[-1])
    flat = spreadsheets.soffice(profile, os.path.join(folder, "office"), "fods", renamed)
    for path, converted in zip(paths, flat):
        if (os.path.basename(path), "LibreOffice") not in NOT_COMPARED:
            compare(tap, path, "LibreOffice", spreadsheets.read_flat(converted))
        program, reader = READERS[os.path.splitext(path)[1]]
        if (os.path.basename(path), program) not in NOT_COMPARED:
            compare(tap, path, program, reader(path))


def test_texts(tap, folder, profile):
    """Text files beside Python's csv module; and LibreOffice's own .csv."""
    for number, (encoding, delimiter) in enumerate(corpus.TEXT_FORMS):
        path = os.path.join(folder, f"{number}.csv")
        corpus.write_csv(path, encoding, delimiter)
        compare_text(tap, path, encoding, delimiter)
        told = raw(path).stderr
        charset = {"c": "Windows-1252"}.get(encoding[0], "UTF-16" if "16" in encoding else "UTF-8")
        separator = "tabs" if delimiter == "\t" else f"'{delimiter}'"
        tap.ok(charset in told and separator in told, f"{encoding} and {delimiter!r} are told", told)
    made = spreadsheets.soffice(profile, os.path.join(folder, "office"),
                                "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,2",
                                [os.path.join(folder, "excel.xlsx")])
    made = made[0] if os.path.exists(made[0]) else made[0].replace(".csv", "-Kunden.csv")
    compare_text(tap, made, "utf-8", ";")


def compare_text(tap, path, encoding, delimiter):
    """Blanks round a field without quotation marks are not kept, so that "a, b" can be read."""
    theirs = [[cell._replace(value=cell.value.strip(" ")) for cell in row]
              for row in spreadsheets.read_csv(path, encoding, delimiter)[None]]
    found = spreadsheets.differences(spreadsheets.parse_ours(raw(path).stdout), theirs)
    tap.ok(not found and theirs, f"{encoding}, {delimiter!r}: as Python's csv reads it, {len(theirs)} rows", "\n".join(found[:20]))


def test_notes(tap, folder):
    """What is hidden is told; a sheet is chosen by name or number."""
    for name in ("excel.xlsx", "xlwt.xls", "libreoffice.ods", "libreoffice.xls", "libreoffice.xlsx"):
        path = os.path.join(folder, name)
        hidden = "Alt" if name == "xlwt.xls" else "Alt & fern"
        told = raw(path).stderr
        tap.ok(f"sheet 'Kunden' is read, of '{hidden}' (hidden), 'Kunden'" in told and "1 row is hidden" in told,
               f"{name}: hidden sheets and rows are told", told)
        tap.equal([raw(path, "1").stdout, raw(path, hidden).stdout], ["hidden sheet\n"] * 2, f"{name}: a sheet by number and name")
        tap.equal(raw(path, "2").stdout, raw(path).stdout, f"{name}: the first visible sheet is the second")
        done = raw(path, "3")
        tap.ok(done.returncode == USAGE and "choose with --sheet from" in done.stderr, f"{name}: no third sheet", done.stderr)


def test_template(tap, folder):
    """What a client gets can be read back, once it is filled in."""
    for language, sheet, person in (("de", "Teilnehmer", "Erika"), ("en", "Participants", "Erica")):
        path = os.path.join(folder, f"template.{language}.xlsx")
        run("template", path, "--language", language)
        tap.ok("no row below its heading" in run("check", path).stderr, f"template, {language}: it is read, and empty")
        book = openpyxl.load_workbook(path)
        example = [row for row in book.worksheets[1].iter_rows(values_only=True) if row[1] is not None][-1]
        book[sheet].append(example)
        advice = book[sheet].data_validations.dataValidation
        tap.ok(person in example and any(one.type == "list" for one in advice) and any(one.type == "custom" for one in advice),
               f"template, {language}: an example row, choices, a check of the address", example)
        book.save(path)
        done = run("check", path, "--format", "csv")
        tap.ok(done.returncode == OK and f"{person},".lower() in done.stdout.lower(), f"template, {language}: filled in, it is a list",
               done.stderr)


EVIL = ['=HYPERLINK("https://x.example/";"x")', "+1+1", "-1+1", "@SUM(1)", "a;=1+1;b", 'a;"=1+1"', "a\n=1+1", "\t=1+1"]


def test_no_formulas(tap, folder, profile):
    """Values that are formulas: not in what we write, whatever separator a spreadsheet program takes for the .csv."""
    def formulas(path, *options):
        with open(spreadsheets.soffice(profile, os.path.join(folder, "office"), "fods", [path], *options)[0]) as flat:
            return flat.read().count("table:formula=")

    path = os.path.join(folder, "evil.csv")
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["E-Mail", "Vorname", "Nachname"])
        writer.writerows([f"a{number}@x.example", value, value] for number, value in enumerate(EVIL))
        writer.writerow(["=1+1", "=1+1", "=1+1"])
    back = os.path.join(folder, "back.xlsx")
    done = run("check", path, "--format", "csv", "--rejects", back)
    written = os.path.join(folder, "good.csv")
    with open(written, "w", newline="") as file:
        file.write(done.stdout)
    tap.equal(done.stdout.count("@x.example"), len(EVIL), "evil values: the rows are good")
    for separator in (44, 59, 9):
        options = f"--infilter=Text - txt - csv (StarCalc):{separator},34,76,1"
        tap.ok(formulas(path, options) > 0, f"separator {separator}: LibreOffice finds formulas in the list")
        tap.equal(formulas(written, options), 0, f"separator {separator}: and none in ours")
    tap.equal(formulas(back), 0, "none in --rejects")
    cells = [cell for row in openpyxl.load_workbook(back).active.iter_rows() for cell in row if cell.value is not None]
    tap.ok(all(cell.data_type == "s" for cell in cells) and any(cell.value == "=1+1" for cell in cells), "which holds texts alone")
    bad = [cell.value for cell in cells if cell.fill.fgColor.rgb == "FFFFB3B3"]
    tap.equal(bad, ["=1+1", "Das @ fehlt."], "and the bad cell and the remark are coloured, in German")


def test_no_lists(tap, folder):
    """A clear error, within seconds, in bounded memory, whatever the file is."""
    good = {}
    for kind, name in (("xlsx", "excel.xlsx"), ("xls", "xlwt.xls"), ("ods", "odfpy.ods")):
        with open(os.path.join(folder, name), "rb") as file:
            good[kind] = file.read()
    for name, octets, said in no_lists.all_of_them(good):
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(octets)
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen([POSTWELLE, "list", "check", path, "--raw", "--format", "csv"],
                                       stdout=subprocess.DEVNULL, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            errors.seek(0)
            text = errors.read().decode()
        seconds, mebibytes = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        last = text.strip().splitlines()[-1]
        told = process.returncode == DATA and last.startswith(f"postwelle: {path}: ") and re.search(said, last)
        tap.ok(told and seconds < SECONDS and mebibytes < MEBIBYTES, f"{name}: refused, and why ({said})",
               f"exit status {process.returncode}, {seconds:.1f} s, {mebibytes:.0f} MiB, expected {said!r}\n{text}")


def main():
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="postwelle-lists-") as folder:
        profile = os.path.join(folder, "profile")
        os.mkdir(os.path.join(folder, "office"))
        test_books(tap, folder, profile)
        test_texts(tap, folder, profile)
        test_notes(tap, folder)
        test_template(tap, folder)
        test_no_formulas(tap, folder, profile)
        test_no_lists(tap, folder)


if __name__ == "__main__":
    main()
