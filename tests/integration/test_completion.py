"""The command's help, which tells of every command and option, and the shell's completion, which offers all of them and nothing else."""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.sandbox import build_directory
from harness.tap import Tap

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(HERE, "..", ".."))
SCRIPT = os.path.join(SOURCE, "packaging", "bash-completion", "postwelle")
COMPLETE = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _postwelle postwelle; printf "%s\\n" "${COMPREPLY[@]}"'
ENVIRONMENT = {**os.environ, "PATH": f"{build_directory()}:{os.environ['PATH']}"}


def help_of(*words):
    return subprocess.run(["postwelle", *words, "--help"], env=ENVIRONMENT, capture_output=True, text=True, check=False)


def complete(*words):
    """What is offered for the last word of a command line."""
    done = subprocess.run(["bash", "-c", COMPLETE, SCRIPT, "postwelle", *words], env=ENVIRONMENT, capture_output=True, text=True,
                          check=True)
    return sorted(done.stdout.split()), done.stderr


def walk(*words):
    """Each command, with its help: (words, text, names of its commands)."""
    text = help_of(*words).stdout
    verbs = re.findall(r"^  ([a-z][a-z-]*)  ", text, re.MULTILINE) if "COMMAND [ARGS]" in text else []
    yield words, text, verbs
    for verb in verbs:
        yield from walk(*words, verb)


def main():
    with Tap() as tap:
        table = os.path.join(SOURCE, "importer", "main.c")
        with open(table, encoding="utf-8") as file:
            declared = re.findall(r'^    \{"([a-z-]+)", "', file.read(), re.MULTILINE)
        for words, text, verbs in walk():
            name = " ".join(("postwelle", *words))
            done = help_of(*words)
            tap.ok(done.returncode == 0 and not done.stderr and done.stdout.startswith(f"Usage:{'' if not verbs else ' ' + name}"),
                   f"{name} --help", done.stdout + done.stderr)
            if not words:
                tap.equal(verbs, declared, "it names all commands of the table")
            if verbs:
                tap.equal(complete(*words, ""), (sorted(verbs), ""), f"{name}: its commands are completed")
                tap.equal(complete(*words, verbs[-1][:2])[0], sorted(verb for verb in verbs if verb.startswith(verbs[-1][:2])),
                          f"{name} {verbs[-1][:2]}: those that begin so")
            else:
                options = sorted({"--help", *re.findall(r"^  (?:-\w, )?(--[a-z-]+)", text, re.MULTILINE)})
                tap.equal(complete(*words, "--"), (options, ""), f"{name}: its options are completed")
                tap.equal(complete(*words, "")[0], [], f"{name}: file names are left to the shell")
        tap.equal(complete("-c", "x.conf", "wave", "o")[0], ["open"], "behind -c FILE")
        tap.equal(complete("campaign", "new", "x", "--template", "n")[0], ["nps"], "the value of --template")


if __name__ == "__main__":
    main()
