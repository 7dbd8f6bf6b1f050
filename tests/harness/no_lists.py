"""Files that are no list, or made to overload what reads them: (name, octets, what must be said of it)."""

import io
import os
import struct
import zipfile
import zlib

from harness import spreadsheet_corpus as corpus

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
ODS = "urn:oasis:names:tc:opendocument:xmlns:"


def _zip(**parts):
    """A zip file of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _xlsx_parts(sheet=None, strings=None):
    parts = {
        "_rels/.rels":
            f"<Relationships xmlns='{PACKAGE}'>"
            f"<Relationship Id='a' Type='{OFFICE}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/_rels/workbook.xml.rels":
            f"<Relationships xmlns='{PACKAGE}'><Relationship Id='a' Type='{OFFICE}/worksheet' Target='s.xml'/>"
            f"<Relationship Id='b' Type='{OFFICE}/sharedStrings' Target='t.xml'/></Relationships>",
        "xl/workbook.xml":
            f"<workbook xmlns='{MAIN}' xmlns:r='{OFFICE}'><sheets><sheet name='A' r:id='a'/></sheets></workbook>"}
    if sheet is not None:
        parts["xl/s.xml"] = f"<worksheet xmlns='{MAIN}'><sheetData>{sheet}</sheetData></worksheet>"
    if strings is not None:
        parts["xl/t.xml"] = strings
    return parts


def _many_references(text, rows):
    """One long text, in every cell."""
    row = "<row>" + "<c t='s'><v>0</v></c>" * 100 + "</row>"
    return _zip(**_xlsx_parts(row * rows, f"<sst xmlns='{MAIN}'><si><t>{text}</t></si></sst>"))


def _laughs():
    entities = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    strings = f"<!DOCTYPE sst [<!ENTITY a0 'ha'>{entities}]><sst xmlns='{MAIN}'><si><t>&a9;</t></si></sst>"
    return _zip(**_xlsx_parts("", strings))


def _inflating(block, count):
    """A workbook whose sheet is one block of octets, count times; deflated once and then copied."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.flush(zlib.Z_FINISH)
    stream = packed * count + end
    check = 0
    for _ in range(count):
        check = zlib.crc32(block, check)
    small = _zip(**_xlsx_parts())
    start = small.rindex(b"PK\x05\x06")
    directory_size, directory = struct.unpack("<II", small[start + 12:start + 20])
    name, size = b"xl/s.xml", len(block) * count
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, check, len(stream), size, len(name), 0)
    local = b"PK\x03\x04" + common + name + stream
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, directory) + name
    entries = struct.unpack("<H", small[start + 10:start + 12])[0] + 1
    return (small[:directory] + local + small[directory:directory + directory_size] + central + b"PK\x05\x06" +
            struct.pack("<HHHHIIH", 0, 0, entries, entries, directory_size + len(central), directory + len(local), 0))


def _repeating_ods():
    """One text of 1,000 octets in all cells that there may be."""
    names = f"xmlns:o='{ODS}office:1.0' xmlns:t='{ODS}table:1.0' xmlns:x='{ODS}text:1.0'"
    cell = f"<t:table-cell t:number-columns-repeated='256'><x:p>{'x' * 1000}</x:p></t:table-cell>"
    row = f"<t:table-row t:number-rows-repeated='1000000'>{cell}</t:table-row>"
    return _zip(**{"content.xml": f"<o:document-content {names}><o:body><o:spreadsheet><t:table t:name='A'>{row}</t:table>"
                                  "</o:spreadsheet></o:body></o:document-content>"})


def _repeating_xls():
    """One text of 8,000 octets in a hundred thousand cells."""
    text = b"x" * 8000
    record, pack = corpus.record, struct.pack
    book = record(0x809, pack("<HHHH", 0x600, 5, 0, 0)) + record(0xFC, pack("<IIHB", 1, 1, len(text), 0) + text)
    book += record(0x85, pack("<IBBBB", len(book) + 4 + 9 + 4, 0, 0, 1, 0) + b"A") + record(0x0A, b"")
    cells = (record(0xFD, pack("<HHHI", row, column, 0, 0)) for row in range(1000) for column in range(100))
    return book + record(0x809, pack("<HHHH", 0x600, 0x10, 0, 0)) + b"".join(cells) + record(0x0A, b"")


def all_of_them(good):
    """good: name of a kind -> octets of a fine file of it, to be cut off."""
    noise = os.urandom(4096)
    cases = [(f"half.{kind}", octets[:len(octets) // 2], "damaged or cut off") for kind, octets in good.items()]
    return cases + [
        ("page.xls", b"<html><table><tr><td>a@b.example</table>", "web page or XML"),
        ("2003.xml", b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>", "web page or XML"),
        ("binary.xlsb", _zip(**{"xl/workbook.bin": noise}), r"\.xlsb"),
        ("macros.xlsm", _zip(**{"xl/vbaProject.bin": noise, **_xlsx_parts("")}), "macros"),
        ("document.doc", corpus.compound(noise, "WordDocument"), "no table"),
        ("locked.xlsx", corpus.compound(noise, "EncryptedPackage"), "password"),
        ("archive.zip", _zip(**{"list.csv": "a;b"}), "unpack it first"),
        ("noise.xlsx", b"\x81" + noise, "neither UTF-8 nor Windows-1252"),
        ("noise.xls", corpus.compound(noise, "Workbook"), "does not begin as one"),
        ("laughs.xlsx", _laughs(), "DOCTYPE"),
        ("blanks.xlsx", _inflating(b" " * 1_000_000, 2000), "hundredfold"),
        ("inflating.xlsx", _inflating(b"<!--" + b" " * 900_000 + os.urandom(12_000).hex().encode() + b"-->", 600),
         "larger than 500 MiB"),
        ("references.xlsx", _many_references("x" * 30_000, 1000), "500 MiB of text"),
        ("references.xls", _repeating_xls(), "500 MiB of text"),
        ("repeats.ods", _repeating_ods(), "500 MiB of text"),
        ("unclosed.csv", b'E-Mail;x\na@b.example;"' + b"c;d\n" * 5_000_000, "row 2: a cell holds more than 32 KiB"),
    ]
