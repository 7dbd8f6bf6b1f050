#!/usr/bin/python3
"""Writes liste.xlsx and liste.csv, the sample lists, beside itself (or into the folder named).

They look like what clients send: German headings, umlauts in names and in a domain, one address twice in different
case, a broken address, an empty row. Every domain is reserved (RFC 2606, RFC 6761). The output is the same at each run.
"""
import csv
import datetime
import os
import sys
import zipfile

import openpyxl

HEADINGS = ("Anrede", "Vorname", "Nachname", "E-Mail", "Kundengruppe", "Produkt")

PEOPLE = (
    ("Frau", "Anna", "Müller", "anna.mueller@kunde.example"),
    ("Herr", "Jürgen", "Groß", "juergen.gross@kunde.example"),
    ("Frau", "Zoë", "Schäfer", "zoe.schaefer@kunde.example"),
    ("Herr", "Björn", "Ångström", "bjoern.angstroem@post.example"),
    ("Frau", "Özlem", "Yildiz", "oezlem.yildiz@post.example"),
    ("Herr", "Peter", "Lustig", "peter.lustig@müller.example"),
    ("Frau", "Käthe", "Weiß", "kaethe.weiss@müller.example"),
    ("Herr", "Günther", "Böhm", "guenther.boehm@firma.test"),
    ("Frau", "Renée", "Dupré", "renee.dupre@firma.test"),
    ("Herr", "Hans-Jürgen", "Österreicher", "hj.oesterreicher@kunde.example"),
    ("Frau", "Bärbel", "Köhler", "baerbel.koehler@kunde.example"),
    ("Herr", "Sören", "Kjærgård", "soeren.kjaergaard@post.example"),
    ("Frau", "Jana", "O'Neill", "jana.oneill@post.example"),
    ("Herr", "Ümit", "Kaya", "uemit.kaya@firma.test"),
    ("Frau", "Heike", "Grünwald", "heike.gruenwald@firma.test"),
    ("Herr", "Dr. Jens", "von der Höh", "jens.vonderhoeh@kunde.example"),
    ("Frau", "Prof. Ines", "Süß", "ines.suess@kunde.example"),
    ("Herr", "Michael", "Schröder & Söhne", "michael.schroeder@post.example"),
    ("Frau", "Tanja", "Vögel", "tanja.voegel@post.example"),
    ("Herr", "René", "Lefèvre", "rene.lefevre@müller.example"),
    ("Frau", "Ute", "Jäger", "ute.jaeger@kunde.example"),
    ("Herr", "Rüdiger", "Kühn", "ruediger.kuehn@firma.test"),
    ("Frau", "Gisela", "Förster", "gisela.foerster@firma.test"),
    ("Herr", "Olaf", "Möbius", "olaf.moebius@kunde.example"),
    ("Frau", "Marlène", "Hübner", "marlene.huebner@post.example"),
    ("Herr", "Jörn", "Lüdtke", "joern.luedtke+umfrage@post.example"),
    ("Frau", "Änne", "Krämer", "aenne.kraemer@kunde.example"),
    ("Herr", "Götz", "Wächter", "goetz.waechter@firma.test"),
    ("Frau", "Silke", "Bäcker", "silke.baecker@kunde.example"),
    ("Herr", "Tobias", "Fuß", "tobias.fuss@post.example"),
)
GROUPS = ("Privat", "Gewerbe", "Großkunde")
PRODUCTS = ("Ökostrom", "Gas", "Wärme plus")


def rows():
    """The rows below the heading; an empty tuple is an empty row."""
    for number, person in enumerate(PEOPLE):
        yield person + (GROUPS[number % len(GROUPS)], PRODUCTS[number % len(PRODUCTS)])
        if number == 9:
            yield ("Frau", "Anna", "Müller", "Anna.Mueller@KUNDE.example", "Privat", "Gas")
        elif number == 14:
            yield ()
        elif number == 19:
            yield ("Herr", "Karl", "Käfer", "karl.kaefer@kunde,example", "Gewerbe", "Gas")


def write_xlsx(path):
    """Writes the workbook, then packs it anew with fixed times, so that equal input gives equal bytes."""
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = datetime.datetime(2026, 1, 1)
    sheet = book.active
    sheet.title = "Kunden"
    for number, row in enumerate((HEADINGS,) + tuple(rows()), start=1):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column, value)
    book.save(path + ".new")
    with zipfile.ZipFile(path + ".new") as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = data.split(b"<dcterms:modified")[0] + b"</cp:coreProperties>"
            new.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    os.remove(path + ".new")


def write_csv(path):
    """As a German Excel writes it: Windows-1252, semicolons, CR LF."""
    with open(path, "w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        for row in rows():
            writer.writerow(row or [""] * len(HEADINGS))


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    write_xlsx(os.path.join(folder, "liste.xlsx"))
    write_csv(os.path.join(folder, "liste.csv"))


main()
