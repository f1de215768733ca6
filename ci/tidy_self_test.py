"""Shows that each rule of ci/tidy fires: each case adds files to a temporary repository in which no rule does."""

import pathlib
import subprocess
import sys
import tempfile

import tidy_rules

GOOD = {
    ".gitignore": "/ignored\n",
    "README.md": "# Read [the map](docs/map.md#here), [the folder](docs/) and [the web](https://example.org/x).\n"
                 "`[not](a-link.md)`\n```\n[not](a-link.md)\n```\n",
    "docs/map.md": "[back](../README.md)\n\n[ref]: ../crates/app/Cargo.toml\n",
    "crates/app/Cargo.toml": '[dependencies]\ntrackside-effects.workspace = true\ntrackside-testkit.workspace = true\n',
    "crates/app/src/main.rs": "//! The binary.\nmod commands;\nuse trackside_effects::git;\n",
    "crates/app/src/commands/mod.rs": "//! The commands.\nmod cut;\nmod rehearse;\n",
    "crates/app/src/commands/cut.rs": "//! Cuts. See https://example.org/home/page.\n",
    "crates/app/src/commands/rehearse.rs": "//! Rehearses.\nuse trackside_testkit::world;\n",
    "crates/artifact/Cargo.toml": "[dependencies]\ntrackside-domain.workspace = true\n"
                                  "[dev-dependencies]\ntrackside-testkit.workspace = true\n",
    "crates/artifact/src/lib.rs": "#![expect(\n    missing_docs,\n    reason = \"x\"\n)]\n//! Bytes.\n"
                                  "#[cfg(test)]\nmod tests {\n    use trackside_testkit::wheel;\n}\n",
    "crates/artifact/tests/wheels/main.rs": "//! Wheels, by topic.\nmod zip;\n",
    "crates/artifact/tests/wheels/zip.rs": "//! The zip itself.\nuse trackside_testkit::wheel;\n",
    "crates/domain/Cargo.toml": '[dependencies]\nserde = "1"\n',
    "crates/domain/src/lib.rs": "//! Pure.\npub mod plan;\n",
    "crates/domain/src/plan.rs": "//! Plans.\nmod cut;\nmod order;\n",
    "crates/domain/src/plan/cut.rs": "//! The plan of a cut.\n",
    "crates/domain/src/plan/order.rs": "//! The order. Never thread::sleep here.\n",
    "crates/domain/src/picture.bin": b"\0 \t \r\n",
    "ignored/any.rs": "no rule looks here \n",
}


def lines(count):
    return "//! Long.\n" + "fn f() {}\n" * (count - 1)


def files_of(count, size):
    """A declared tree of `count` files of `size` lines each."""
    names = [f"x{number}" for number in range(count)]
    root = "//! Pure.\npub mod plan;\n" + "".join(f"mod {name};\n" for name in names)
    return {"crates/domain/src/lib.rs": root, **{f"crates/domain/src/{name}.rs": lines(size) for name in names}}


# Rule, files added or replaced (None: removed), and the problems that must be found, by a part of their text.
R = tidy_rules
SRC = "crates/domain/src"
CASES = [
    (R.arrow_in_manifests, {"crates/domain/Cargo.toml": '[dependencies]\ntrackside-effects = "1"\n'},
     ["domain must not depend on effects"]),
    (R.arrow_in_manifests, {"crates/domain/Cargo.toml": '[dev-dependencies]\nx = { path = "../testkit" }\n'},
     ["[dev-dependencies] domain must not depend on testkit"]),
    (R.arrow_in_manifests, {"crates/artifact/Cargo.toml": "[dependencies]\ntrackside-testkit.workspace = true\n"},
     ["[dependencies] artifact must not depend on testkit"]),
    (R.arrow_in_manifests,
     {"crates/testkit/Cargo.toml": "[target.'cfg(unix)'.dependencies]\ny = { package = \"trackside-effects\" }\n"},
     ["testkit must not depend on effects"]),
    (R.arrow_in_manifests, {"crates/effects/Cargo.toml": '[build-dependencies]\ntrackside = { path = "../app" }\n'},
     ["effects must not depend on trackside"]),
    (R.arrow_in_manifests, {"crates/shiny/Cargo.toml": ""}, ["the crate shiny has no place in the arrow"]),
    (R.arrow_in_code, {"crates/artifact/src/lib.rs": "//! Bytes.\nuse trackside_testkit::wheel;\n"},
     ["crates/artifact/src/lib.rs:2: artifact must not use testkit"]),
    (R.arrow_in_code, {"crates/artifact/tests/wheels/zip.rs": "//! Zip.\nfn f() { trackside_effects::x() }\n"},
     ["zip.rs:2: artifact must not use effects"]),
    (R.arrow_in_code, {"crates/app/src/main.rs": "//! The binary.\nmod commands;\nuse trackside_testkit::world;\n"},
     ["main.rs:3: the testkit is used by rehearse alone"]),
    (R.file_sizes, {**files_of(20, 10), f"{SRC}/plan/order.rs": lines(401)},
     ["order.rs: 401 lines of code, more than 400"]),
    (R.file_sizes,
     {**files_of(20, 10), f"{SRC}/plan/order.rs": lines(400) + "#[cfg(test)]\nmod tests {" + "\n" * 500},
     []),
    (R.file_sizes, files_of(3, 351), ["one file in ten has 351 lines of code or more, the limit is 350"]),
    (R.file_sizes, files_of(20, 151), ["the median file has 151 lines of code, the limit is 150"]),
    (R.file_sizes, {path: None for path in GOOD if path.endswith(".rs")}, ["no Rust file was found"]),
    (R.first_line, {f"{SRC}/plan/order.rs": "fn order() {}\n"}, ["order.rs:1: does not begin with a `//!` line"]),
    (R.first_line, {f"{SRC}/plan/order.rs": "//!\nfn order() {}\n"}, ["order.rs:1: does not begin"]),
    (R.first_line, {f"{SRC}/plan/order.rs": "#!/usr/bin/env run-cargo-script\n#![no_std]\n\n//! Order.\n"}, []),
    (R.plain_text, {"docs/a.md": "see /" + "root/x\n"}, ["docs/a.md:1: the path /" + "root/ exists on one machine"]),
    (R.plain_text, {"docs/a.md": "see file:///" + "home/me/x\n"}, ["exists on one machine only"]),
    (R.plain_text, {"docs/a.toml": "x = '/" + "work/x'\ny = \"/" + "farm/\"\n"},
     ["docs/a.toml:1: the path", "docs/a.toml:2: the path"]),
    (R.plain_text, {"docs/a.md": "~/w" + "ork/x {dir}/h" + "ome/x docs/w" + "ork/x https://example.org/r" + "oot/x\n"}, []),
    (R.plain_text, {"docs/a.md": "TO" + "DO later\n", "docs/b.md": "FIX" + "ME\n"},
     ["docs/a.md:1: TO" + "DO", "docs/b.md:1: FIX" + "ME"]),
    (R.plain_text, {"docs/a.md": "x \ny\n"}, ["docs/a.md:1: white space at the end"]),
    (R.plain_text, {"docs/a.patch": "-x\n \n+y\n"}, []),
    (R.plain_text, {"docs/a.md": "x\r\ny\n"}, ["docs/a.md:1: the line ends with CR LF"]),
    (R.plain_text, {f"{SRC}/plan/order.rs": "//! Order.\n\tfn f() {}\n"}, ["order.rs:2: a tab"]),
    (R.plain_text, {"docs/a.md": b"\xff\xfe\n"}, ["docs/a.md: is not UTF-8 text"]),
    (R.forgotten_files, {"crates/artifact/tests/wheels/record.rs": "//! RECORD.\n"},
     ["record.rs: no `mod record;` declares it"]),
    (R.forgotten_files, {"crates/artifact/tests/lost/zip.rs": "//! No main.rs here.\n"},
     ["lost/zip.rs: no `mod zip;` declares it"]),
    (R.forgotten_files, {f"{SRC}/plan/cut/steps.rs": "//! Steps of a cut.\n"}, ["steps.rs: no `mod steps;`"]),
    (R.forgotten_files, {f"{SRC}/world.rs": "//! The world.\n"}, ["world.rs: no `mod world;` declares it"]),
    (R.forgotten_files, {"crates/artifact/tests/one.rs": "//! A test of its own.\n"}, []),
    (R.plans_and_commands, {"crates/app/src/commands/stage.rs": "//! Stages.\n"},
     ["stage.rs: has no crates/domain/src/plan/stage.rs"]),
    (R.plans_and_commands, {f"{SRC}/plan/stage.rs": "//! Stages.\n"},
     ["stage.rs: has no crates/app/src/commands/stage.rs"]),
    (R.plans_and_commands, {f"{SRC}/plan/rehearse.rs": "//! A plan.\n"}, ["still says that rehearse has no planner"]),
    (R.plans_and_commands, {"crates/app/src/commands/order.rs": "//! A command.\n"},
     ["still says that order is no command"]),
    (R.no_waiting_no_ignoring, {f"{SRC}/plan/order.rs": "//! O.\n#[test]\n#[ignore = \"slow\"]\nfn f() {}\n"},
     ["order.rs:3: an ignored test is no test"]),
    (R.no_waiting_no_ignoring, {f"{SRC}/plan/order.rs": "//! O.\n#[cfg_attr(unix, ignore)]\nfn f() {}\n"},
     ["order.rs:2: an ignored test"]),
    (R.no_waiting_no_ignoring, {f"{SRC}/plan/order.rs": "//! O.\nuse std::thread::sleep;\nuse tokio::time::{sleep};\n"},
     ["order.rs:2: sleeps", "order.rs:3: sleeps"]),
    (R.no_waiting_no_ignoring, {f"{SRC}/plan/order.rs": "//! O.\nfn f() { sleep(SECOND) }\n"}, ["order.rs:2: sleeps"]),
    (R.markdown_links, {"docs/map.md": "[gone](gone.md) [out](../../x.md)\n"},
     ["docs/map.md:1: the link gone.md", "docs/map.md:1: the link ../../x.md"]),
    (R.markdown_links, {"docs/map.md": "\n[gone]: gone.md\n"}, ["docs/map.md:2: the link gone.md"]),
    (R.markdown_links, {"docs/map.md": "[no longer](../ignored/any.rs)\n"}, ["the link ../ignored/any.rs"]),
]


def tree_of(changes):
    """The good tree with the changes, read back from a real repository."""
    files = {path: content for path, content in {**GOOD, **changes}.items() if content is not None}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "init", "--quiet", folder], check=True)
        for name, content in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tidy_rules.Tree.of_repository(pathlib.Path(folder))


def fires(found, expected):
    return len(found) == len(expected) and all(part in line for line, part in zip(found, expected))


def failures():
    if found := tidy_rules.check(tree_of({})):
        yield f"the good tree has problems: {found}"
    for number, (rule, changes, expected) in enumerate(CASES, 1):
        found = list(rule(tree_of(changes)))
        if not fires(found, expected):
            yield f"case {number}, {rule.__name__}: expected {expected}, found {found}"
    yield from exceptions_from_sleeping()
    for rule in tidy_rules.RULES:
        if not any(case[0] is rule and case[2] for case in CASES):
            yield f"no case shows that {rule.__name__} fires"


def exceptions_from_sleeping():
    path = f"{SRC}/plan/order.rs"
    sleeps = tree_of({path: "//! O.\nfn f() { sleep(SECOND) }\n"})
    if found := list(R.no_waiting_no_ignoring(sleeps, {path: "waits for a server that says nothing"})):
        yield f"an exception does not help: {found}"
    long = tree_of({**files_of(20, 10), path: lines(401)})
    if found := list(R.file_sizes(long, {path: "a table"})):
        yield f"an exception does not help: {found}"
    found = list(R.no_waiting_no_ignoring(tree_of({}), {path: "did once"}))
    if not fires(found, ["may sleep (ci/tidy_rules.py) but does not"]):
        yield f"an exception that is no longer needed is not found: {found}"


def run():
    failed = list(failures())
    for failure in failed:
        print(f"tidy --self-test: {failure}", file=sys.stderr)
    print(f"tidy --self-test: {len(CASES)} cases over {len(tidy_rules.RULES)} rules, {len(failed)} failed")
    return 1 if failed else 0
