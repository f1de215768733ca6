"""The Markdown of one run, docs/differential.md: computed from results.json, save the explanations of explained.toml."""

import collections

import checkers
import compare

SHOWN = 3
INTRODUCTION = """# Real files, and what other checkers say of them

Printed by `ci/differential/run` on {date} over {wheels} wheels and {sdists} sdists from PyPI ({size:.1f} GB, pinned in
`ci/differential/corpus.txt`), with {programs}. Everything below is computed from the answers,
save the explanations, which are in `ci/differential/explained.toml`; a disagreement without one fails the run.

Who checks what an index or an installer checks is compared with the profile `pypi`: a file that one side refuses and the
other accepts is a disagreement. The linters are compared with `strict`, one complaint at a time: `check-wheel-contents` with
everything that `strict` finds, `auditwheel` with what is said of glibc and musl. PyPI's own checks cannot be installed as a
library; what they would say today is read from their source and named in the explanations.
"""


def table(head, rows):
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in [head, ["---"] * len(head), *rows]]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells) + "\n"


def examples(names):
    names = sorted(set(names))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:SHOWN]) + more


def summary(results):
    files = results["files"].values()
    size = sum(entry["size"] for entry in files) / 1e9
    programs = ", ".join(f"{name} {version}" for name, version in sorted(results["versions"].items()))
    wheels = sum(name.endswith(".whl") for name in results["files"])
    return INTRODUCTION.format(date=results["date"], wheels=wheels, sdists=len(files) - wheels, size=size, programs=programs)


def commands():
    return table(["checker", "asked with"], [[name, checkers.COMMANDS[name]] for name in checkers.CHECKERS])


def verdicts(results):
    """Accepted, refused and not asked, of each checker."""
    counts = collections.defaultdict(collections.Counter)
    for entry in results["files"].values():
        for profile in ("channel", "pypi", "strict"):
            refused = bool(compare.errors(entry["answers"], profile))
            counts[f"trackside, `{profile}`"]["refuses" if refused else "accepts"] += 1
        for name in checkers.CHECKERS:
            if name != "trackside":
                counts[name][entry["answers"][name]["verdict"]] += 1
    rows = [[name, *(count[verdict] for verdict in ("accepts", "refuses", "none"))] for name, count in counts.items()]
    return table(["checker", "accepts", "refuses", "not asked"], rows)


def codes(results):
    """What was found: each code with its severity in each profile, and how often."""
    found = collections.defaultdict(list)
    severities = {}
    for name, entry in results["files"].items():
        answers = entry["answers"]["trackside"]["findings"]
        for profile in answers:
            for finding in answers[profile]:
                severities[finding["code"], profile] = finding["severity"]
        for finding in answers["strict"]:
            found[finding["code"]].append((name, finding["message"]))
    rows = []
    for code, findings in sorted(found.items()):
        levels = [severities.get((code, profile), "ignore") for profile in ("channel", "pypi", "strict")]
        names = [name for name, _ in findings]
        rows.append([f"`{code}`", *levels, len(set(names)), len(names), examples(names)])
    return table(["code", "channel", "pypi", "strict", "files", "findings", "in"], rows)


def each_file(results):
    """What `strict` finds in each file."""
    rows = []
    for name, entry in sorted(results["files"].items(), key=lambda item: (not item[0].endswith(".whl"), item[0].lower())):
        findings = entry["answers"]["trackside"]["findings"]["strict"]
        counts = collections.Counter((finding["code"], finding["severity"]) for finding in findings)
        said = [f"{code}{f' ×{count}' if count > 1 else ''}{'' if severity == 'error' else f' ({severity})'}"
                for (code, severity), count in sorted(counts.items())]
        refused = [profile for profile in ("channel", "pypi", "strict") if compare.errors(entry["answers"], profile)]
        rows.append([f"`{name}`", f"{entry['size'] / 1e6:.1f}", entry["why"], ", ".join(refused) or "none",
                     ", ".join(said) or "nothing"])
    return table(["file", "MB", "chosen because", "refused in", "`strict` finds"], rows)


def auditwheel(results):
    rows = []
    for name, entry in sorted(results["files"].items()):
        answer = entry["answers"]["auditwheel"]
        if answer["verdict"] != "none":
            codes = {finding["code"] for finding in entry["answers"]["trackside"]["findings"]["strict"]}
            ours = ", ".join(sorted(codes & compare.PLATFORM)) or "fits"
            rows.append([f"`{name}`", "; ".join(answer["says"]), answer["verdict"], ours])
    return table(["wheel", "auditwheel's tag", "auditwheel", "trackside"], rows)


def disagreements(results):
    """Rows by explanation, and how many have none."""
    entries = compare.explained()
    groups, unknown = collections.defaultdict(list), []
    for one in compare.disagreements(results):
        entry = compare.explanation(one, entries)
        if entry is None:
            unknown.append(one)
        else:
            groups[entries.index(entry)].append(one)
    rows = []
    for index, group in sorted(groups.items()):
        entry = entries[index]
        them = ", ".join(sorted({one.checker for one in group}))
        who = ("trackside refuses, accepted by " if entry["ours"] else "trackside accepts, refused by ") + them
        rows.append([who, entry["what"], len({one.file for one in group}), examples(one.file for one in group),
                     entry["right"], entry["because"]])
    text = table(["who", "why refused", "files", "in", "right is", "because"], rows)
    if unknown:
        head = ["checker", "who refuses", "file", "reason"]
        lines = [[one.checker, "we" if one.ours else "they", one.file, one.reason] for one in unknown]
        text += "\n### Not explained\n\n" + table(head, lines)
    unused = [entry["what"] for index, entry in enumerate(entries) if index not in groups]
    if unused:
        text += "\nExplanations of what did not occur: " + "; ".join(unused) + "\n"
    return text, len(unknown) + len(unused)


def of(results):
    different, unexplained = disagreements(results)
    parts = [summary(results), "## How each was asked\n\n" + commands(), "## Verdicts\n\n" + verdicts(results),
             "## Disagreements\n\n" + different, "## Findings by code\n\n" + codes(results),
             "## What `strict` finds in each file\n\n" + each_file(results),
             "## Platform tags\n\n" + auditwheel(results)]
    return "\n".join(parts), unexplained
