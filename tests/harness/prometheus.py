"""Prometheus' text form 0.0.4, read strictly: what its parser would only put up with, and what its naming rules forbid, is an error here."""

import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)\n")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')


class FormError(Exception):
    """A line that breaks the form, with the line."""


def read_labels(text, line):
    labels, at = {}, 0
    while at < len(text):
        found = LABEL.match(text, at)
        if not found or found.group(1) in labels:
            raise FormError(f"labels: {line!r}")
        labels[found.group(1)] = re.sub(r'\\(["\\n])', lambda escape: {"n": "\n"}.get(escape.group(1), escape.group(1)), found.group(2))
        at = found.end()
        if found.group(3) == "," and at == len(text):
            raise FormError(f"a comma at the end: {line!r}")
    return labels


def belongs(name, family, kind):
    return name == family if kind != "histogram" else name in (f"{family}_bucket", f"{family}_sum", f"{family}_count")


def check_histogram(family, samples):
    buckets = [(float(labels["le"].replace("+Inf", "inf")), value) for name, labels, value in samples if name.endswith("_bucket")]
    count = [value for name, _, value in samples if name.endswith("_count")]
    bounds, counts = zip(*buckets)
    if list(bounds) != sorted(bounds) or list(counts) != sorted(counts) or not math.isinf(bounds[-1]) or count != [counts[-1]]:
        raise FormError(f"histogram {family}: {buckets}, count {count}")


def check_family(family, kind, samples):
    if kind is None:
        raise FormError(f"{family} has no TYPE")
    if (kind == "counter") != family.endswith("_total"):
        raise FormError(f"{family} is a {kind}")
    if re.search(r"_(ms|milliseconds|minutes|hours|kb|mb|kilobytes)(_|$)", family):
        raise FormError(f"{family}: seconds and bytes are the units")
    keys = [(name, tuple(sorted(labels.items()))) for name, labels, _ in samples]
    if len(set(keys)) != len(keys):
        raise FormError(f"{family}: a sample stands twice")
    if any(value < 0 or math.isnan(value) for _, _, value in samples):
        raise FormError(f"{family}: a value below 0")
    if kind == "histogram":
        check_histogram(family, samples)


def parse(text):
    """{(name, frozenset of label pairs): value} of a whole text; FormError where it is not as it should be."""
    samples, families, family, kind = {}, {}, None, None
    if not text.endswith("\n"):
        raise FormError("the last line has no end")
    for line in text.splitlines(keepends=True):
        if found := re.fullmatch(rf"# HELP ({NAME}) (\S.*)\n", line):
            family, kind = found.group(1), None
            if family in families:
                raise FormError(f"{family} stands twice")
            families[family] = (None, [])
        elif found := re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge|histogram)\n", line):
            if found.group(1) != family or families[family][0] is not None:
                raise FormError(f"a TYPE without its HELP: {line!r}")
            kind = found.group(2)
            families[family] = (kind, families[family][1])
        elif found := SAMPLE.fullmatch(line):
            name, labels, value = found.group(1), read_labels(found.group(2) or "", line), float(found.group(3))
            if kind is None or not belongs(name, family, kind):
                raise FormError(f"not behind its family's TYPE: {line!r}")
            families[family][1].append((name, labels, value))
            samples[(name, frozenset(labels.items()))] = value
        else:
            raise FormError(f"no line of this form: {line!r}")
    for name, (its_kind, its_samples) in families.items():
        check_family(name, its_kind, its_samples)
    return samples


def value(samples, name, **labels):
    """The sample of that name with exactly these labels; None where there is none."""
    return samples.get((name, frozenset(labels.items())))
