"""What we sign, mailauth accepts: the mails of test_sign_dkimpy.py before a verifier of another language and author.

packaging/install-deps test brings mailauth into build-mailauth, beside these sources or around them (make distcheck).
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS, os.path.dirname(os.path.abspath(__file__))]
from harness.tap import Tap
from test_sign_dkimpy import BUILD, FIXED, SEED, random_mail

MODULES = next((str(found) for parent in Path(__file__).resolve().parents
                if (found := parent / "build-mailauth" / "node_modules").is_dir()), None)
BOTH = [("rsa-sha256", "pass"), ("ed25519-sha256", "pass")]


def sign(folder, mails, backend):
    """Signs the mails into FOLDER/NUMBER.signed, in their order."""
    for number, mail in enumerate(mails.values()):
        with open(f"{folder}/{number}.eml", "wb") as file:
            file.write(mail)
    subprocess.run([os.path.join(BUILD, "tests/unit/sign_file"), folder, backend], check=True)


def add_forgeries(folder):
    """Of the first mail that has a body: one with other text, one with a field more."""
    with open(f"{folder}/3.signed", "rb") as file:
        signed = file.read()
    forged = {"body": signed.replace(b"\r\n\r\n", b"\r\n\r\nadded ", 1), "subject": b"Subject: added\r\n" + signed}
    for name, mail in forged.items():
        with open(f"{folder}/{name}.signed", "wb") as file:
            file.write(mail)
    return forged


def verify(folder):
    """What mailauth says of each file: [(algorithm, result)], by its name."""
    program = os.path.join(TESTS, "integration", "mailauth", "verify.js")
    done = subprocess.run(["node", program, MODULES, folder], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    said = map(json.loads, done.stdout.splitlines())
    return {line["file"].removesuffix(".signed"): [tuple(signature[:2]) for signature in line["signatures"]]
            for line in said}


def check(tap, mails, backend, expected):
    with tempfile.TemporaryDirectory(prefix="postwelle-mailauth-") as folder:
        sign(folder, mails, backend)
        forged = add_forgeries(folder)
        said = verify(folder)
        tap.equal(len(said), len(mails) + len(forged), f"{backend}: mailauth has an answer to every mail")
        results = {name: sorted(said[str(number)]) for number, name in enumerate(mails)}
        for name in FIXED:
            tap.equal(results[name], sorted(expected), f"{backend}: {name}")
        bad = {name: result for name, result in results.items() if result != sorted(expected)}
        tap.ok(not bad, f"{backend}: {len(mails)} mails, seed {SEED}", bad)
        for name in forged:
            refused = "neutral" if name == "body" else "fail"  # mailauth's words
            tap.equal(sorted(said[name]), sorted((algorithm, refused) for algorithm, _ in expected),
                      f"{backend}: a changed {name} is refused")


def main():
    rng = random.Random(SEED)
    mails = dict(FIXED)
    mails.update((f"random {i}", random_mail(rng)) for i in range(200))
    with Tap() as tap:
        if MODULES is None or shutil.which("node") is None:
            tap.skip("mailauth accepts our signatures", "mailauth is not there: run packaging/install-deps test")
            return
        check(tap, mails, "evp", BOTH)
        check(tap, mails, "opendkim", BOTH[:1])


if __name__ == "__main__":
    main()
