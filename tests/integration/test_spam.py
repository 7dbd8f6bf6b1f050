"""SpamAssassin and rspamd on every starter template, by `postwelle campaign check --spam`: without network, within the limits."""

import os
import re
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.campaigns import CampaignSite, no_network
from harness.tap import Tap

TEMPLATES = ("invitation", "nps", "reminder")
LANGUAGES = ("de", "en")
CHECKERS = {"SpamAssassin": "spamassassin", "rspamd": "rspamd"}
ASSASSIN_MOST, SYMBOL_BELOW = 0.5, 1.0
OK, WANTING, UNAVAILABLE = 0, 1, 69


def verdict(text, edition, checker):
    """The points in all, and those of each rule that counted; None where there is no such line."""
    line = re.search(rf"^{edition}: {checker}: (-?[0-9.]+) points[^:\n]*(?:: (.*))?$", text, re.M)
    return line and (float(line[1]), dict((name, float(points)) for name, points in
                                          (rule.split(" ") for rule in (line[2] or "").split(", ") if rule)))


def check_starter(site, template):
    directory = site.new(template, "--template", template, "--language", ",".join(LANGUAGES))
    text = site.check(f"{template}: no filter minds", OK, "nothing to mend", "campaign", "check", directory, "--spam",
                      before=no_network()).stdout
    for edition in (f"{template}.{language}" for language in LANGUAGES):
        assassin, rspamd = (verdict(text, edition, checker) for checker in CHECKERS)
        site.tap.ok(assassin and assassin[0] <= ASSASSIN_MOST, f"{edition}: SpamAssassin gives {ASSASSIN_MOST} at most", text)
        site.tap.ok(rspamd and all(points < SYMBOL_BELOW for points in rspamd[1].values()),
                    f"{edition}: no symbol of rspamd is worth {SYMBOL_BELOW}", text)


def check_spam_is_found(site):
    """Both must be able to mind, or the checks above would mean nothing."""
    directory = site.new("bad")
    site.edit(directory, "campaign.conf", "subject = ", "subject = VIAGRA for FREE $$$ ")
    text = site.check("spam is found", WANTING, "may take this for spam", "campaign", "check", directory, "--spam").stdout
    for checker in CHECKERS:
        site.tap.ok(re.search(f": {checker}: .* too many: ", text), f"{checker} minds it", text)


def check_missing(site):
    directory = site.new("missing")
    site.check("neither is installed", UNAVAILABLE, "spamassassin, rspamd", "campaign", "check", directory, "--spam",
               environment={"PATH": ""})
    site.check("without --spam nobody is asked", OK, "nothing to mend", "campaign", "check", directory,
               environment={"PATH": ""})
    programs = site.path("bin")
    os.mkdir(programs)
    for program in ("spamassassin", "timeout", "perl"):
        os.symlink(shutil.which(program), os.path.join(programs, program))
    site.check("one is not installed", OK, "not installed: rspamd(.|\n)*nothing to mend|nothing to mend(.|\n)*not installed: rspamd",
               "campaign", "check", directory, "--spam", environment={"PATH": programs})
    with open(os.path.join(programs, "rspamd"), "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nexit 1\n")
    os.chmod(os.path.join(programs, "rspamd"), 0o755)
    site.check("rspamd does not start", UNAVAILABLE, "rspamd has ended", "campaign", "check", directory, "--spam",
               environment={"PATH": programs})


def main():
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="postwelle-spam-") as folder:
        missing = [package for package in CHECKERS.values() if not shutil.which(package)]
        if missing:
            tap.skip("spam filters", f"not installed: {', '.join(missing)} (packaging/install-deps test)")
            return
        site = CampaignSite(tap, folder)
        for template in TEMPLATES:
            check_starter(site, template)
        check_spam_is_found(site)
        check_missing(site)


if __name__ == "__main__":
    main()
