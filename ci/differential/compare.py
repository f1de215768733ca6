"""Where our verdict and another checker's differ, joined with the explanations of explained.toml.

Who checks what a package index checks is compared with the profile `pypi`. Linters are compared with `strict`, one
complaint at a time: `strict` refuses for many reasons that they do not know."""

import dataclasses
import re
import tomllib

import corpus

LINTERS = ("check-wheel-contents", "auditwheel")


@dataclasses.dataclass(frozen=True)
class Disagreement:
    """One reason that one side has and the other has not."""

    checker: str
    file: str
    reason: str  # our code if we refuse, a line of theirs if they do
    ours: bool  # whether it is we who refuse


def errors(answers, profile):
    return [finding for finding in answers["trackside"]["findings"][profile] if finding["severity"] == "error"]


def disagreements(results):
    found = []
    for name, entry in sorted(results["files"].items()):
        answers = entry["answers"]
        for checker, answer in answers.items():
            if checker != "trackside" and answer["verdict"] != "none":
                found += compare(name, checker, answer, answers)
    return found


def compare(name, checker, answer, answers):
    if checker in LINTERS:
        return compare_linter(name, checker, answer, answers)
    ours = sorted({finding["code"] for finding in errors(answers, "pypi")})
    if answer["verdict"] == "accepts":
        return [Disagreement(checker, name, code, True) for code in ours]
    return [] if ours else [Disagreement(checker, name, " / ".join(answer["says"]) or "(nothing)", False)]


def compare_linter(name, checker, answer, answers):
    codes = {finding["code"] for finding in errors(answers, "strict")}
    if checker == "auditwheel":
        ours, theirs = sorted(codes & AUDITED), answer["verdict"] == "refuses"
        if theirs and not ours:
            return [Disagreement(checker, name, " / ".join(answer["says"]), False)]
        return [] if theirs else [Disagreement(checker, name, code, True) for code in ours]
    if answer["verdict"] == "accepts" or (codes and "invalid wheel" in answer["says"][0]):
        return []
    return [Disagreement(checker, name, line, False) for line in answer["says"]]


# What auditwheel looks at too, and all that we say of a platform tag.
AUDITED = {"glibc-too-new", "glibc-private", "libc-differs"}
PLATFORM = AUDITED | {"binary-machine-missing", "macos-too-new"}


def explained():
    return tomllib.loads((corpus.HERE / "explained.toml").read_text())["explained"]


def explanation(disagreement, entries):
    """The first entry that fits, or none."""
    for entry in entries:
        fits = re.search(entry["reason"], disagreement.reason)
        if fits and entry["ours"] == disagreement.ours and disagreement.checker in entry.get("checkers", [disagreement.checker]):
            if re.search(entry.get("files", ""), disagreement.file):
                return entry
    return None
