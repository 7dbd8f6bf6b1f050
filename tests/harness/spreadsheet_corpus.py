"""Writes lists of all kinds, with everything in them that clients put there: the corpus of tests/integration/test_lists.py."""

import csv
import datetime
import os
import re
import struct
import zipfile

import odf.opendocument
import odf.style
import odf.table
import odf.text
import openpyxl
import xlsxwriter
import xlwt

WORDS = ["Müller", "O'Neill", " Blanks round it ", "a  b", "Straße 5, links; hinten", 'She said "no"', "line\nbreak", "=1+1", "+49 30 1",
         "-", "@x", "'quoted'", "Ἀθήνα", "日本語", "😀", "x" * 1000, "TRUE", "42", "01067", "1,5", "#N/A?", "<b>&amp;"]
NUMBERS = [0, 1, -1, 42, 42.0, 0.1, -0.25, 1 / 3, 1e-7, 123456789012, 1e15, 1e20, 491701234567, 2.675, 1234567.891]
FORMATS = [(1067, "00000"), (0.25, "0%"), (0.1234, "0.00%"), (1234.5, "#,##0.00"), (1234.5, '#,##0.00 "€"'), (-1234.5, "#,##0.00\\ [$€-407]"),
           (1234.5, "0"), (42, "0.00"), (-7, "0;[Red]-0"), (-7, "0;(0)"), (5, '0 "Tage"'), (1067, '"K-"00000'), (123456789, "000-00-0000"),
           (0, "0.00"), (-0.001, "0.00")]
DAYS = [datetime.date(1904, 1, 2), datetime.date(1999, 12, 31), datetime.date(2024, 2, 29), datetime.date(2026, 11, 23)]
DAY_FORMATS = ["dd.mm.yyyy", "yyyy-mm-dd", "d. mmmm yyyy", "mmm yy"]
TIMES = [datetime.datetime(2026, 11, 23, 8, 15), datetime.datetime(2026, 11, 23, 23, 59, 59), datetime.datetime(2001, 1, 1, 12)]
BOOLEANS = [True, False]
EXCEL_ERRORS = ["#N/A", "#DIV/0!", "#VALUE!"]


# --- .xlsx -----------------------------------------------------------------------------------------

def _write_xlsxwriter_sheet(book, sheet):
    def styled(code):
        return book.add_format({"num_format": code})

    sheet.write_row(0, 0, ["E-Mail", "Wert", "Rest"], book.add_format({"bold": True}))
    for row, word in enumerate(WORDS, 1):
        sheet.write_string(row, 0, word)
    for row, number in enumerate(NUMBERS, 1):
        sheet.write_number(row, 1, number)
    for row, (number, code) in enumerate(FORMATS, 1):
        sheet.write_number(row, 2, number, styled(code))
    for row, (day, code) in enumerate(zip(DAYS, DAY_FORMATS), 1):
        sheet.write_datetime(row, 3, day, styled(code))
    for row, time in enumerate(TIMES, 1):
        sheet.write_datetime(row, 4, time, styled("dd.mm.yyyy hh:mm"))
    sheet.write_datetime(1, 5, datetime.time(8, 15), styled("hh:mm"))
    sheet.write_number(2, 5, 2.0625, styled("[h]:mm:ss"))
    for row, truth in enumerate(BOOLEANS, 1):
        sheet.write_boolean(row, 6, truth)
    sheet.write_formula(1, 7, "=1+1", None, 2)
    sheet.write_formula(2, 7, '="a"&"b"', None, "ab")
    sheet.write_formula(3, 7, "=1=1", None, True)
    for row, error in enumerate(EXCEL_ERRORS, 4):
        sheet.write_formula(row, 7, {"#N/A": "=NA()", "#DIV/0!": "=1/0", "#VALUE!": '="a"+1'}[error], None, error)
    sheet.write_rich_string(1, 8, "plain ", book.add_format({"bold": True}), "bold", " and plain")
    sheet.write_url(2, 8, "https://x.example/", None, "a link")
    sheet.write_string(3, 8, "with a comment")
    sheet.write_comment(3, 8, "not part of the cell")
    sheet.merge_range(4, 8, 4, 10, "merged")
    sheet.write_blank(5, 8, None, styled("0.00"))
    sheet.write_string(40, 12, "far away")
    sheet.set_row(2, None, None, {"hidden": True})


def write_xlsxwriter(path, **options):
    """Shared strings, or with constant_memory inline ones; date_1904; a hidden sheet in front."""
    with xlsxwriter.Workbook(path, options) as book:
        hidden = book.add_worksheet("Alt & fern")
        sheet = book.add_worksheet("Kunden")
        hidden.write_string(0, 0, "hidden sheet")
        hidden.hide()
        sheet.activate()
        sheet.set_first_sheet()
        if options.get("constant_memory"):
            for row, word in enumerate(WORDS):
                sheet.write_row(row, 0, [word, row])
        else:
            _write_xlsxwriter_sheet(book, sheet)


def write_openpyxl(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Kunden"
    for word in WORDS:
        sheet.append([None if word.startswith("=") else word, len(word)])
    sheet["D3"] = datetime.datetime(2026, 11, 23, 8, 15)
    sheet["D4"] = datetime.date(2026, 11, 23)
    sheet["D5"] = True
    sheet["F9"].value, sheet["F9"].number_format = 0.19, "0%"
    sheet.merge_cells("G1:H2")
    sheet["G1"] = "merged"
    book.create_sheet("Zwei")["B2"] = 2
    book.save(path)


STRICT = ((b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
          (b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
           b"http://purl.oclc.org/ooxml/officeDocument/relationships"))


def _prefixed(octets):
    """The same XML with a prefix for the main namespace, in place of a default one."""
    octets = re.sub(rb"<(/?)(?![?!])(?![\w.]+:)", rb"<\1x:", octets)
    return octets.replace(b' xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"',
                          b' xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"')


def rewrite_xlsx(source, path, change):
    """Copies a workbook; change(name, octets) gives the new octets of each part."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))


def write_variants(source, folder):
    """What other programs make of the same workbook: strict, prefixed, absolute names, no dimension, no references."""
    def strict(name, octets):
        for transitional, other in STRICT:
            octets = octets.replace(transitional, other)
        return octets

    def prefixed(name, octets):
        return _prefixed(octets) if name.startswith("xl/") and b"spreadsheetml/2006/main" in octets[:2000] else octets

    def absolute(name, octets):
        if not name.endswith("workbook.xml.rels"):
            return octets
        return re.sub(rb'Target="(?!/)', rb'Target="/xl/', octets)

    def bare(name, octets):
        if not name.startswith("xl/worksheets/"):
            return octets
        octets = re.sub(rb"<dimension[^>]*/>", b"", octets)
        return re.sub(rb'(<row [^>]*?) spans="[^"]*"', rb"\1", octets)

    paths = []
    for name, change in (("strict", strict), ("prefixed", prefixed), ("absolute", absolute), ("bare", bare)):
        paths.append(os.path.join(folder, f"{name}.xlsx"))
        rewrite_xlsx(source, paths[-1], change)
    return paths


# --- .xls ------------------------------------------------------------------------------------------

def write_xlwt(path):
    """BIFF8, with a hidden row and a hidden sheet; so many texts that they go on in CONTINUE records."""
    book = xlwt.Workbook()
    hidden, sheet = book.add_sheet("Alt"), book.add_sheet("Kunden")
    hidden.visibility = 1
    hidden.write(0, 0, "hidden sheet")
    book.set_active_sheet(1)
    for row, word in enumerate(WORDS):
        sheet.write(row, 0, word)
    for row, number in enumerate(NUMBERS):
        sheet.write(row, 1, number)
    for row, (number, code) in enumerate(FORMATS):
        sheet.write(row, 2, number, xlwt.easyxf(num_format_str=code))
    for row, day in enumerate(DAYS):
        sheet.write(row, 3, day, xlwt.easyxf(num_format_str="DD.MM.YYYY"))
    for row, time in enumerate(TIMES):
        sheet.write(row, 4, time, xlwt.easyxf(num_format_str="DD.MM.YYYY HH:MM:SS"))
    for row, truth in enumerate(BOOLEANS):
        sheet.write(row, 5, truth)
    sheet.write_rich_text(0, 6, (("rich ", xlwt.easyfont("")), ("text", xlwt.easyfont("bold true"))))
    for row in range(200):
        sheet.write(row + 30, 0, f"{row} " + ("ä" if row % 2 else "ж") * 60)
    sheet.row(3).hidden = True
    book.save(path)


def record(kind, content):
    return struct.pack("<HH", kind, len(content)) + content


def compound(stream, name="Book"):
    """A compound file with one stream; it must have 4,096 octets or more."""
    sectors = (len(stream) + 511) // 512
    table = [0xFFFFFFFD, 0xFFFFFFFE] + [number + 3 for number in range(sectors)]
    table[-1] = 0xFFFFFFFE
    table += [0xFFFFFFFF] * (128 - len(table))

    def entry(name, kind, child, start, size):
        return (name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBBIII", 2 * len(name) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF,
                                                                         child) + bytes(36) + struct.pack("<III", start, size, 0))

    header = (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6) +
              struct.pack("<9I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0) + b"\xFF" * (108 * 4))
    empty = bytes(64) + struct.pack("<HBBIII", 0, 0, 0, *[0xFFFFFFFF] * 3) + bytes(48)
    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(name, 2, 0xFFFFFFFF, 2, len(stream)) + empty * 2
    return header + struct.pack("<128I", *table) + directory + stream.ljust(sectors * 512, b"\0")


def write_biff5(path, codepage=1252, encoding="cp1252", words=("Müller", "€ 5", "straße")):
    """BIFF5, which nothing writes today, by hand: texts in a code page, numbers, formats, formulas, errors, a hidden row."""
    def cell(kind, row, column, style, content):
        return record(kind, struct.pack("<HHH", row, column, style) + content)

    def text(row, column, value):
        return cell(0x204, row, column, 0, struct.pack("<H", len(value)) + value.encode(encoding))

    style = struct.pack("<6H4x", 0, 0, 0, 0, 0, 0)
    begin = lambda kind: record(0x809, struct.pack("<HHHH", 0x500, kind, 0, 0))
    globals_ = begin(5) + record(0x42, struct.pack("<H", codepage)) + record(0x22, b"\0\0") + record(0x31, bytes.fromhex(
        "C800 0000 FF7F 9001 0000 00 00 00 00 05") + b"Arial") + record(0x41E, struct.pack("<HB", 164, 5) + b"00000")
    globals_ += b"".join(record(0xE0, struct.pack("<HH", 0, code) + style[4:]) for code in (0, 14, 164, 9))
    name = "Größe".encode("cp1252") if encoding == "cp1252" else b"Liste"
    sheet = begin(0x10) + record(0x208, struct.pack("<HHHHHHI", 1, 0, 5, 255, 0, 0, 0x20))
    for row, word in enumerate(words):
        sheet += text(row, 0, word) + cell(0x203, row, 1, 0, struct.pack("<d", row + 0.5))
    sheet += cell(0x27E, 0, 2, 1, struct.pack("<I", 45658 << 2 | 2)) + cell(0x27E, 1, 2, 2, struct.pack("<I", 1067 << 2 | 2))
    sheet += cell(0x203, 2, 2, 3, struct.pack("<d", 0.25)) + cell(0x205, 0, 3, 0, b"\x01\0") + cell(0x205, 1, 3, 0, b"\x2A\x01")
    sheet += record(0xBD, struct.pack("<HHHIHIH", 4, 1, 0, 1 << 2 | 2, 0, 2 << 2 | 2, 2))
    # One formula, "a"&"b": its saved value is a text in a record of its own.
    sheet += cell(0x06, 5, 0, 0, bytes.fromhex("000000000000FFFF") + struct.pack("<HIH", 0, 0, 7) + bytes.fromhex("17 01 61 17 01 62 08"))
    sheet += record(0x207, struct.pack("<H", 2) + b"ab") + record(0x0A, b"")
    size = len(globals_) + 4 + 7 + len(name) + 4
    book = globals_ + record(0x85, struct.pack("<IBBB", size, 0, 0, len(name)) + name) + record(0x0A, b"") + sheet
    with open(path, "wb") as file:
        file.write(compound(book.ljust(4096, b"\0")))


# --- .ods and text ---------------------------------------------------------------------------------

def _write_odfpy(path, fill):
    """A hidden sheet in front, and a sheet that is filled by fill(add), where add(row of cells, names) adds a row."""
    document = odf.opendocument.OpenDocumentSpreadsheet()
    style = odf.style.Style(name="hidden", family="table")
    style.addElement(odf.style.TableProperties(display="false"))
    document.automaticstyles.addElement(style)

    def add(table, cells, **names):
        row = odf.table.TableRow(**names)
        for cell in cells:
            row.addElement(cell)
        table.addElement(row)

    hidden, table = odf.table.Table(name="Alt", stylename="hidden"), odf.table.Table(name="Kunden")
    add(hidden, [_odf_cell("hidden sheet", valuetype="string")])
    fill(lambda *cells, **names: add(table, cells, **names))
    document.spreadsheet.addElement(hidden)
    document.spreadsheet.addElement(table)
    document.save(path)


def _odf_cell(text=None, **names):
    cell = odf.table.TableCell(**names)
    if text is not None:
        cell.addElement(odf.text.P(text=text))
    return cell


def write_odfpy(path):
    """Repeated rows and cells, covered cells, a million rows that hold nothing."""
    def fill(add):
        for word in (word for word in WORDS if word == " ".join(word.split())):
            add(_odf_cell(word, valuetype="string"), _odf_cell("5", valuetype="float", value="5", numbercolumnsrepeated="3"))
        add(_odf_cell(numbercolumnsrepeated="1024"), numberrowsrepeated="3")
        add(_odf_cell(), _odf_cell("twice", valuetype="string"), numberrowsrepeated="2")
        add(_odf_cell("wide", valuetype="string", numbercolumnsspanned="2", numberrowsspanned="1"), odf.table.CoveredTableCell(),
            _odf_cell("end", valuetype="string"))
        add(_odf_cell(numbercolumnsrepeated="1024"), numberrowsrepeated="1048000")

    _write_odfpy(path, fill)


def write_odfpy_kinds(path):
    """Cells of all kinds, without the styles that LibreOffice would want."""
    def fill(add):
        add(_odf_cell("25%", valuetype="percentage", value="0.25"),
            _odf_cell("1,234.50 €", valuetype="currency", value="1234.5", currency="EUR"), _odf_cell("01067", valuetype="float", value="1067"))
        add(_odf_cell("23.11.26", valuetype="date", datevalue="2026-11-23"),
            _odf_cell("08:15", valuetype="date", datevalue="2026-11-23T08:15:00"),
            _odf_cell("08:15", valuetype="time", timevalue="PT08H15M00S"), _odf_cell("WAHR", valuetype="boolean", booleanvalue="true"))

    _write_odfpy(path, fill)


TEXT_FORMS = [("utf-8", ";"), ("utf-8-sig", ","), ("cp1252", ";"), ("utf-16", "\t"), ("utf-16-le", ";"), ("utf-8", "|")]


def write_csv(path, encoding, delimiter):
    """The words that the encoding has, with numbers beside them."""
    with open(path, "w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["E-Mail", "Wert", "Datum"])
        for word in WORDS:
            if encoding != "cp1252" or word.encode("cp1252", "ignore").decode("cp1252") == word:
                writer.writerow([word, "4,5", "23.11.2026"])
