"""What other programs read in a spreadsheet, as rows of cells: LibreOffice, openpyxl, xlrd, odfpy, Python's csv."""

import collections
import csv
import datetime
import io
import math
import os
import re
import subprocess
import xml.etree.ElementTree

import odf.opendocument
import odf.table
import odf.text
import openpyxl
import xlrd

# kind: "text", "number", "moment" (ISO date, with a time or not), "duration" (seconds); shown: what the program shows
# for a number, or None where it does not tell.
Cell = collections.namedtuple("Cell", "kind value shown", defaults=(None,))
EMPTY = Cell("text", "")
COLUMNS_MAX = 300
SOFFICE_MEMORY = 6_000_000_000
SOFFICE_SECONDS = 300


def rows_of(cells):
    """Rows of cells without empty ones at the end, and without rows that hold nothing."""
    rows = []
    for row in cells:
        row = list(row)
        while row and row[-1].kind == "text" and row[-1].value == "":
            row.pop()
        if row:
            rows.append(row)
    return rows


def moment(value):
    """A date or a date with a time, to the second, as ISO 8601 writes it; midnight says nothing."""
    if isinstance(value, datetime.datetime):
        value = (value + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
    return value.isoformat()


# --- LibreOffice -----------------------------------------------------------------------------------

def soffice(profile, folder, form, paths, *options):
    """Has LibreOffice convert all files into the folder; form is "fods", "xls:MS Excel 97" ... Returns the new files."""
    subprocess.run(["prlimit", f"--as={SOFFICE_MEMORY}", "soffice", f"-env:UserInstallation=file://{profile}",
                    "--headless", *options, "--convert-to", form, "--outdir", folder, *paths],
                   check=True, capture_output=True, timeout=SOFFICE_SECONDS)
    return [os.path.join(folder, os.path.basename(path).rsplit(".", 1)[0] + "." + form.split(":")[0]) for path in paths]


OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def _paragraph(element):
    parts = [element.text or ""]
    for child in element:
        if child.tag == TEXT + "s":
            parts.append(" " * int(child.get(TEXT + "c", "1")))
        elif child.tag == TEXT + "tab":
            parts.append("\t")
        elif child.tag == TEXT + "line-break":
            parts.append("\n")
        elif child.tag.startswith(TEXT):
            parts.append(_paragraph(child))
        parts.append(child.tail or "")
    return "".join(parts)


def open_document_cell(kind, value, shown):
    """A cell by OpenDocument's names for kinds and values."""
    if kind in ("float", "percentage", "currency"):
        return Cell("number", float(value), shown)
    if kind == "boolean":
        return Cell("text", value.upper())
    if kind == "date":
        date, _, time = value.partition("T")
        return Cell("moment", moment(datetime.datetime.fromisoformat(f"{date}T{time.ljust(8, '0')[:15] or '00:00:00'}")))
    if kind == "time":
        hours, minutes, seconds = re.fullmatch(r"PT(\d+)H(\d+)M(\d+(?:\.\d+)?)S", value).groups()
        return Cell("duration", int(hours) * 3600 + int(minutes) * 60 + math.floor(float(seconds) + 0.5))
    return Cell("text", shown)


def _flat_cells(row):
    for cell in row:
        if cell.tag not in (TABLE + "table-cell", TABLE + "covered-table-cell"):
            continue
        kind = cell.get(OFFICE + "value-type")
        value = next((cell.get(OFFICE + name) for name in ("value", "date-value", "time-value", "boolean-value")
                      if cell.get(OFFICE + name) is not None), None)
        shown = "\n".join(_paragraph(child) for child in cell if child.tag == TEXT + "p")
        found = open_document_cell(kind, value, shown) if kind or shown else EMPTY
        for _ in range(min(int(cell.get(TABLE + "number-columns-repeated", "1")), COLUMNS_MAX)):
            yield found


def _flat_rows(table):
    for child in table:
        if child.tag == TABLE + "table-row":
            cells = list(_flat_cells(child))
            if any(cell != EMPTY for cell in cells):
                yield from [cells] * int(child.get(TABLE + "number-rows-repeated", "1"))
        elif child.tag in (TABLE + "table-row-group", TABLE + "table-header-rows"):
            yield from _flat_rows(child)


def read_flat(path):
    """The sheets of a .fods file, as LibreOffice writes it: name -> rows."""
    body = next(xml.etree.ElementTree.parse(path).getroot().iter(OFFICE + "spreadsheet"))
    return {table.get(TABLE + "name"): rows_of(_flat_rows(table)) for table in body.findall(TABLE + "table")}


# --- libraries -------------------------------------------------------------------------------------

def _openpyxl_cell(cell):
    value = cell.value
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return Cell("text", str(value).upper())
    if isinstance(value, (int, float)):
        return Cell("number", float(value))
    if isinstance(value, datetime.time):
        return Cell("duration", value.hour * 3600 + value.minute * 60 + value.second)
    if isinstance(value, datetime.timedelta):
        return Cell("duration", round(value.total_seconds()))
    if isinstance(value, (datetime.date, datetime.datetime)):
        return Cell("moment", moment(value))
    return Cell("text", value)


def read_openpyxl(path):
    book = openpyxl.load_workbook(path, data_only=True)
    return {sheet.title: rows_of([_openpyxl_cell(cell) for cell in row] for row in sheet.iter_rows())
            for sheet in book.worksheets}


def _xlrd_cell(cell, book):
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return Cell("number", cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE:
        if cell.value < 1 or book.format_map[book.xf_list[cell.xf_index].format_key].format_str.startswith("["):
            return Cell("duration", math.floor(cell.value * 86400 + 0.5))
        return Cell("moment", moment(xlrd.xldate_as_datetime(cell.value, book.datemode)))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return Cell("text", "TRUE" if cell.value else "FALSE")
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Cell("text", xlrd.error_text_from_code[cell.value])
    return Cell("text", cell.value)


def read_xlrd(path):
    with xlrd.open_workbook(path, formatting_info=True, logfile=io.StringIO()) as book:
        return {sheet.name: rows_of([_xlrd_cell(sheet.cell(row, column), book) for column in range(sheet.ncols)]
                                    for row in range(sheet.nrows))
                for sheet in book.sheets()}


def _odfpy_cells(row):
    for cell in row.childNodes:
        if cell.qname[1] not in ("table-cell", "covered-table-cell"):
            continue
        names = {name[1]: value for name, value in cell.attributes.items()}
        value = next((names[name] for name in ("value", "date-value", "time-value", "boolean-value") if name in names), None)
        shown = "\n".join(_odfpy_text(node) for node in cell.getElementsByType(odf.text.P)
                          if node.parentNode is cell)
        kind = names.get("value-type")
        found = open_document_cell(kind, value, shown) if kind or shown else EMPTY
        for _ in range(min(int(names.get("number-columns-repeated", 1)), COLUMNS_MAX)):
            yield found


def _odfpy_text(node):
    if node.nodeType == node.TEXT_NODE:
        return node.data
    inside = "".join(_odfpy_text(child) for child in node.childNodes)
    return {"s": " " * int(node.getAttribute("c") or 1) if node.qname[1] == "s" else "", "tab": "\t",
            "line-break": "\n"}.get(node.qname[1], inside)


def read_odfpy(path):
    sheets = {}
    for table in odf.opendocument.load(path).spreadsheet.getElementsByType(odf.table.Table):
        rows = []
        for row in table.getElementsByType(odf.table.TableRow):
            cells = list(_odfpy_cells(row))
            if any(cell != EMPTY for cell in cells):
                rows += [cells] * int(row.getAttribute("numberrowsrepeated") or 1)
        sheets[table.getAttribute("name")] = rows_of(rows)
    return sheets


def read_csv(path, encoding, delimiter):
    with open(path, encoding=encoding, newline="") as file:
        return {None: rows_of([Cell("text", field) for field in row] for row in csv.reader(file, delimiter=delimiter))}


# --- ours beside theirs ----------------------------------------------------------------------------

def without_apostrophe(field):
    """A field of list check --format csv, which puts ' before what could be a formula."""
    return field[1:] if re.match(r"'[=+\-@\t\r]", field) else field


def parse_ours(output):
    return [[without_apostrophe(field) for field in row] for row in csv.reader(io.StringIO(output, newline=""))]


def decimals(text):
    return len(text.partition(".")[2])


def shows_number(text, number):
    """Is the text the number, as exactly as it is written? It may have words round it, and be a percentage."""
    match = re.search(r"-?\d+(?:\.\d+)?(?:E[+-]\d+)?", text)
    if match is None:
        return False
    if re.match(r"\s*%", text[match.end():]):
        number *= 100
    if number == int(number) and re.sub(r"\D", "", text).lstrip("0") == str(abs(int(number))):
        return True  # the digits in groups, or in parentheses
    unit = 0 if "E" in match.group() else 10.0 ** -decimals(match.group())
    found = float(match.group())
    return math.isclose(found, number, rel_tol=1e-14) or abs(found - number) <= unit / 2 * (1 + 1e-9)


def shows_same(ours, theirs):
    """Do two programs show a number alike? Where one of them has an exponent, they need but show the same number."""
    try:
        same = math.isclose(float(ours), float(theirs), rel_tol=1e-14)
    except ValueError:
        return ours == theirs
    return same and (decimals(ours) == decimals(theirs) or "E" in ours)


def agree(ours, cell):
    """Is our text what the other program says of the cell?"""
    if cell.kind == "number":
        if ours in ("TRUE", "FALSE"):  # LibreOffice has no booleans, only numbers shown as such
            return cell.value == (ours == "TRUE")
        return shows_number(ours, cell.value) and (cell.shown is None or shows_same(ours, cell.shown.replace(",", "").strip()))
    if cell.kind == "duration":
        hours, minutes, seconds = (int(part) for part in ours.split(":"))
        return (hours * 3600 + minutes * 60 + seconds - cell.value) % 86400 == 0
    return ours == cell.value


def differences(ours, theirs):
    """Lines about where our rows of texts and their rows of cells are not the same."""
    found = [] if len(ours) == len(theirs) else [f"{len(ours)} rows, they have {len(theirs)}"]
    for number, (row, cells) in enumerate(zip(ours, theirs), 1):
        for column in range(max(len(row), len(cells))):
            text = row[column] if column < len(row) else ""
            cell = cells[column] if column < len(cells) else EMPTY
            if not agree(text, cell):
                found.append(f"row {number} of those filled, column {column + 1}: {text!r}, they have {tuple(cell)!r}")
    return found
