"""What the content rule says of files."""

import json
import os
import subprocess

BUILD = os.environ.get("G_TEST_BUILDDIR", "build")
FILES = 500  # on a command line


def refused(paths):
    """{path: first finding} for the files that the content rule refuses."""
    findings = {}
    for start in range(0, len(paths), FILES):
        done = subprocess.run([os.path.join(BUILD, "postwelle"), "content", "check", "--json", *paths[start:start + FILES]],
                              capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise RuntimeError(done.stderr)
        for finding in json.loads(done.stdout):
            findings.setdefault(finding["file"], finding)
    return findings
