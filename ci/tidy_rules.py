"""The rules of ci/tidy: each is a function from a tree to its problems, one line each."""

import dataclasses
import math
import pathlib
import re
import subprocess
import tomllib
import urllib.parse

# ---- What is allowed: the tables that a change of the design changes. ----

# The arrow: which of our crates each may use, in its code and (second) in its tests only.
ARROW = {
    "app": ({"artifact", "domain", "effects", "testkit"}, set()),
    "artifact": ({"domain"}, {"testkit"}),
    "domain": (set(), set()),
    "effects": ({"artifact", "domain"}, {"testkit"}),
    "testkit": ({"domain"}, set()),
}
# In the app, the testkit is for `rehearse` alone: paths (below crates/app/src/) that hold this word.
TESTKIT_IN_APP = "rehearse"

MAX_LINES, MAX_P90, MAX_MEDIAN = 400, 350, 150
# Files that may be longer: path and reason.
MAY_BE_LONG = {"crates/domain/src/finding/codes.rs": "one table of data, two lines for each code"}

# Commands that decide nothing about the outside world, so that there is nothing to plan.
NO_PLANNER = {
    "apply": "performs a stored plan",
    "artifact": "works on files by themselves",
    "check": "reads the configuration, offline",
    "channel": "its verbs have a planner each: yank, rollback; audit changes nothing",
    "doctor": "tries stores; it keeps nothing and has no plan",
    "completions": "prints shell completions",
    "index": "its verbs have a planner each: rebuild; check changes nothing",
    "init": "writes one local file",
    "man": "prints the manual",
    "rehearse": "runs the other commands",
    "resume": "performs a stored plan",
    "runs": "lists stored runs",
    "schema": "prints the configuration's schema",
    "serve": "serves what is there, read-only",
    "show": "prints a stored plan or run",
    "status": "observes and tells",
    "withdraw": "closes a run",
}
# Files of domain/plan/ that are no verb.
NO_COMMAND = {
    "anaconda": "conda packages at anaconda.org, a part of several plans",
    "change": "the switch of a channel in all its stores, a part of several plans",
    "command": "the commands as data",
    "conda": "the switch of conda channel data, a part of several plans",
    "draft": "what a plan of any verb is made of",
    "everywhere": "one step in stable and its mirrors, a part of several plans",
    "generation": "what a switch replaces, a part of several plans",
    "heed": "what every plan needs of the servers it writes to",
    "import": "a verb of the command index",
    "order": "the order of effects that every plan must keep",
    "pages": "the switch of a channel's pages, a part of several plans",
    "rebuild": "a verb of the command index",
    "rollback": "a verb of the command channel",
    "switch": "what a channel shows before and after, a part of several plans",
    "yank": "a verb of the command channel",
}

EXCEPTIONS = " (exceptions: ci/tidy_rules.py)"

# Files that may wait for time to pass: path and reason.
MAY_SLEEP = {
    "crates/effects/src/store/remote/answer.rs": "the pause before a busy server is asked again",
    "crates/testkit/src/servers/faults/relay.rs": "the latency of a network is what it imitates",
}

# ---- The tree. ----


@dataclasses.dataclass
class Tree:
    """Paths (relative, with slashes) and contents of the files that would be committed."""

    files: dict

    @classmethod
    def of_repository(cls, root):
        listing = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout.decode()
        paths = [pathlib.PurePosixPath(path) for path in sorted(set(listing.split("\0")) - {""})]
        # A file that was deleted but not yet committed as deleted is still listed.
        return cls({str(path): (root / path).read_bytes() for path in paths if (root / path).is_file()})

    def text(self, suffix=""):
        """(path, text) of each text file with this ending. What is not UTF-8 is not text."""
        for path, content in self.files.items():
            if path.endswith(suffix) and b"\0" not in content:
                try:
                    yield path, content.decode()
                except UnicodeDecodeError:
                    continue

    def rust(self):
        return self.text(".rs")

    def folder_exists(self, path):
        return any(name.startswith(path.rstrip("/") + "/") for name in self.files)


def crate_of(path):
    """`effects` for crates/effects/src/x.rs, None outside crates/."""
    parts = path.split("/")
    return parts[1] if parts[0] == "crates" and len(parts) > 2 else None


def is_test_file(path):
    """A file of tests only: below a tests/ or examples/ folder, or the tests.rs beside the code it tests."""
    parts = path.split("/")
    return "tests" in parts[:-1] or "examples" in parts[:-1] or parts[-1] == "tests.rs"


def code_lines(text):
    """The lines before the trailing test module."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.strip() == "#[cfg(test)]" and any(
                re.match(r"(pub(\(.*\))? )?mod ", after.strip()) for after in lines[number + 1:number + 3]):
            return lines[:number]
    return lines


def without_comments(line):
    """The line before a `//` that does not belong to a URL."""
    return re.split(r"(?<!:)//", line, maxsplit=1)[0]


# ---- The rules. ----


def arrow_in_manifests(tree):
    for path, text in tree.text("/Cargo.toml"):
        crate = crate_of(path)
        if crate is None:
            continue
        if crate not in ARROW:
            yield f"{path}: the crate {crate} has no place in the arrow; give it one in ci/tidy_rules.py"
            continue
        code, tests = ARROW[crate]
        for section, used in used_crates(tomllib.loads(text)):
            allowed = code | tests if section == "dev-dependencies" else code
            if used not in allowed:
                yield f"{path}: [{section}] {crate} must not depend on {used}"


def used_crates(manifest):
    """(section, crate of ours) for each dependency, for all platforms."""
    for scope in [manifest, *manifest.get("target", {}).values()]:
        for section in ("dependencies", "dev-dependencies", "build-dependencies"):
            for key, value in scope.get(section, {}).items():
                fields = value if isinstance(value, dict) else {}
                name = fields.get("package", key)
                folder = fields.get("path", "").rstrip("/").split("/")[-1]
                if name == "trackside" or name.startswith("trackside-"):
                    yield section, name.removeprefix("trackside-")
                elif folder in ARROW:
                    yield section, folder


def arrow_in_code(tree):
    for path, text in tree.rust():
        crate = crate_of(path)
        if crate not in ARROW:
            continue
        code, tests = ARROW[crate]
        end_of_code = 0 if is_test_file(path) else len(code_lines(text))
        for number, line in enumerate(text.splitlines(), 1):
            for used in re.findall(r"\btrackside_(\w+)", without_comments(line)):
                allowed = code if number <= end_of_code else code | tests
                if used in ARROW and used != crate and used not in allowed:
                    yield f"{path}:{number}: {crate} must not use {used}"
                elif (crate, used) == ("app", "testkit") and number <= end_of_code and TESTKIT_IN_APP not in path:
                    yield f"{path}:{number}: the testkit is used by {TESTKIT_IN_APP} alone"


def sizes(tree):
    """(lines of code, path), smallest first."""
    return sorted((len(code_lines(text)), path) for path, text in tree.rust() if not is_test_file(path))


def percentile(ordered, percent):
    """Nearest rank."""
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def size_report(tree):
    measured = sizes(tree)
    if not measured:
        return "sizes: no Rust file"
    counts = [lines for lines, _ in measured]
    return (f"sizes: {len(counts)} files, lines of code: median {percentile(counts, 50)}, "
            f"p90 {percentile(counts, 90)}, largest {counts[-1]} ({measured[-1][1]})")


def file_sizes(tree, may_be_long=None):
    may_be_long = MAY_BE_LONG if may_be_long is None else may_be_long
    measured = sizes(tree)
    if not measured:
        yield "no Rust file was found: tidy looked at the wrong tree"
        return
    counts = [lines for lines, _ in measured]
    for lines, path in measured:
        if lines > MAX_LINES and path not in may_be_long:
            yield f"{path}: {lines} lines of code, more than {MAX_LINES}; split it"
    if (p90 := percentile(counts, 90)) > MAX_P90:
        yield f"sizes: one file in ten has {p90} lines of code or more, the limit is {MAX_P90}"
    if (median := percentile(counts, 50)) > MAX_MEDIAN:
        yield f"sizes: the median file has {median} lines of code, the limit is {MAX_MEDIAN}"


def first_line(tree):
    """Every file says in its first line what it owns; a shebang and inner attributes may come before."""
    for path, text in tree.rust():
        rest = re.sub(r"\A#!(?!\[).*\n", "", text)
        rest = re.sub(r"\A(\s*#!\[[^\]]*\]\s*)*", "", rest)
        if not re.match(r"//! *\S", rest):
            yield f"{path}:1: does not begin with a `//!` line that says what the file owns"


# Written in two parts, so that this file does not hold what it forbids.
MACHINE_PATH = re.compile(r"(?<![\w.~})\]-])/(" + "|".join(["work", "farm", "root", "home"]) + ")/")
MARKER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")


def plain_text(tree):
    for path, text in tree.text():
        is_rust, is_patch = path.endswith(".rs"), path.endswith((".diff", ".patch"))
        for number, line in enumerate(text.split("\n"), 1):
            if found := MACHINE_PATH.search(line):
                yield f"{path}:{number}: the path {found.group()} exists on one machine only"
            if found := MARKER.search(line):
                yield f"{path}:{number}: {found.group()}: do it, or open an issue"
            if line.endswith("\r"):
                yield f"{path}:{number}: the line ends with CR LF"
            elif line != line.rstrip() and not is_patch:
                yield f"{path}:{number}: white space at the end of the line"
            if is_rust and "\t" in line:
                yield f"{path}:{number}: a tab; write \\t or spaces"
    for path, content in tree.files.items():
        if path.endswith((".rs", ".toml", ".md")) and path not in dict(tree.text(path)):
            yield f"{path}: is not UTF-8 text"


def forgotten_files(tree):
    """A Rust file that no module declares is never compiled, and its tests never run."""
    sources = dict(tree.rust())
    for path in sources:
        parts = path.split("/")
        if crate_of(path) is None or is_crate_root(parts):
            continue
        folder, name = parts[:-1], parts[-1].removesuffix(".rs")
        if name == "mod":
            folder, name = folder[:-1], folder[-1]
        above = "/".join(folder)
        parents = [f"{above}.rs", *(f"{above}/{file}.rs" for file in ("mod", "main", "lib"))]
        if not folder_is_module(folder):
            parents = parents[1:]
        declared = re.compile(rf'^\s*(pub(\([^)]*\))? )?mod {re.escape(name)};|path = "{re.escape(parts[-1])}"', re.M)
        # Test binaries share a helper by naming its file: `#[path = "../common/mod.rs"]`.
        shared = f'path = "../{"/".join(parts[-2:])}"'
        beside = [text for other, text in sources.items() if other.startswith("/".join(parts[:-2]) + "/")]
        if any(shared in text for text in beside):
            continue
        if not any(declared.search(sources[parent]) for parent in parents if parent in sources):
            yield f"{path}: no `mod {name};` declares it, so it is never compiled"


def is_crate_root(parts):
    """lib.rs, main.rs, build.rs, src/bin/x.rs, tests/x.rs, tests/topic/main.rs (parts begin with crates/NAME)."""
    inside = parts[2:]
    if inside == ["build.rs"] or inside[-2:] in (["src", "lib.rs"], ["src", "main.rs"]):
        return True
    if inside[:2] == ["src", "bin"]:
        return len(inside) == 3 or inside[3:] == ["main.rs"]
    if inside[0] in ("tests", "benches", "examples"):
        return len(inside) == 2 or (len(inside) == 3 and inside[2] == "main.rs")
    return False


def folder_is_module(folder):
    """Whether FOLDER.rs may declare what is inside: not for src/ and tests/ themselves."""
    return len(folder) > 3


def plans_and_commands(tree):
    """From the word on the command line, a newcomer finds the command and its planner under the same name."""
    commands = modules(tree, "crates/app/src/commands/")
    plans = modules(tree, "crates/domain/src/plan/")
    for name in sorted(commands - plans - set(NO_PLANNER)):
        yield f"crates/app/src/commands/{name}.rs: has no crates/domain/src/plan/{name}.rs{EXCEPTIONS}"
    for name in sorted(plans - commands - set(NO_COMMAND)):
        yield f"crates/domain/src/plan/{name}.rs: has no crates/app/src/commands/{name}.rs{EXCEPTIONS}"
    for name in sorted(plans & set(NO_PLANNER)):
        yield f"crates/domain/src/plan/{name}.rs: ci/tidy_rules.py still says that {name} has no planner"
    for name in sorted(commands & set(NO_COMMAND)):
        yield f"crates/app/src/commands/{name}.rs: ci/tidy_rules.py still says that {name} is no command"


def modules(tree, folder):
    inside = {path.removeprefix(folder).split("/")[0] for path in tree.files if path.startswith(folder)}
    return {name.removesuffix(".rs") for name in inside} - {"mod", "tests"}


SLEEP = re.compile(r"\b(thread|time)::(\{[^}]*)?sleep|\bsleep(_ms|_until)?\(")
IGNORED = re.compile(r"#\[(ignore\b|cfg_attr\(.*\bignore\b)")


def no_waiting_no_ignoring(tree, may_sleep=None):
    may_sleep = MAY_SLEEP if may_sleep is None else may_sleep
    sleeping = set()
    for path, text in tree.rust():
        for number, line in enumerate(text.splitlines(), 1):
            line = without_comments(line)
            if IGNORED.search(line):
                yield f"{path}:{number}: an ignored test is no test"
            if SLEEP.search(line):
                sleeping.add(path)
                if path not in may_sleep:
                    yield f"{path}:{number}: sleeps; wait for the event, or step the clock"
    for path in sorted((set(may_sleep) & tree.files.keys()) - sleeping):
        yield f"{path}: may sleep (ci/tidy_rules.py) but does not; remove the exception"


def markdown_links(tree):
    for path, text in tree.text(".md"):
        in_code = False
        for number, line in enumerate(text.splitlines(), 1):
            if line.lstrip().startswith(("```", "~~~")):
                in_code = not in_code
            if in_code:
                continue
            line = re.sub(r"`[^`]*`", "", line)
            links = re.findall(r"\]\(<?([^)>\s]+)", line) + re.findall(r"^\s*\[[^\]]+\]:\s*<?([^>\s]+)", line)
            for link in links:
                if not link_exists(tree, path, link):
                    yield f"{path}:{number}: the link {link} points to no file"


def link_exists(tree, path, link):
    parts = urllib.parse.urlsplit(link)
    if parts.scheme or parts.netloc or not parts.path:
        return True
    steps = [] if parts.path.startswith("/") else path.split("/")[:-1]
    for step in urllib.parse.unquote(parts.path).split("/"):
        if step == "..":
            if not steps:
                return False
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    target = "/".join(steps)
    return target == "" or target in tree.files or tree.folder_exists(target)


RULES = [
    arrow_in_manifests, arrow_in_code, file_sizes, first_line, plain_text, forgotten_files, plans_and_commands,
    no_waiting_no_ignoring, markdown_links,
]


def check(tree):
    return [problem for rule in RULES for problem in rule(tree)]
