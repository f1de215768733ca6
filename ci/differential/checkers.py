"""What is asked about each file: our program and the others, each with the command that asks and how its answer is read.

An answer is a dictionary: `verdict` (accepts, refuses, or none if the checker is not for such a file) and `says`, a list
of lines."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

import corpus

BIN = corpus.PLACE / "py" / "bin"
PYTHON = str(BIN / "python")
TIMEOUT_SECONDS = 1200
SHOWN_LINES = 12
NOT_FOR_IT = {"verdict": "none", "says": []}


class Tags:
    """The tags in a wheel's file name, as far as an installer has to be told them."""

    def __init__(self, name):
        self.python, self.abi, self.platforms = [part.split(".") for part in name.removesuffix(".whl").split("-")[-3:]]

    @property
    def version(self):
        """A late `3.11.20` for cp311, since some refuse the first ones; what is for any Python 3 is asked for 3.12."""
        numbers = [tag[2:] for tag in self.python if tag[2:] not in ("2", "3")]
        return f"{numbers[-1][0]}.{numbers[-1][1:]}.20" if numbers else "3.12.20"


# No lines broken for a terminal; the newest macOS, since uv takes an old one for granted.
ENVIRONMENT = os.environ | {"COLUMNS": "2000", "NO_COLOR": "1", "MACOSX_DEPLOYMENT_TARGET": "26.0"}


def run(*command):
    try:
        done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=TIMEOUT_SECONDS, env=ENVIRONMENT)
    except subprocess.TimeoutExpired:
        return 1, f"no answer in {TIMEOUT_SECONDS} s"
    return done.returncode, done.stdout


def lines(output, file):
    """The lines of an answer without the places of this machine."""
    text = output.replace(str(file.path), file.name).replace(str(corpus.PLACE), "")
    kept = [" ".join(line.split())[:300] for line in text.splitlines() if line.strip()]
    return [re.sub(re.escape(tempfile.gettempdir()) + r"/[\w./-]+", "TMP", line) for line in kept]


def by_exit(file, *command, keep=r"."):
    """The verdict is the exit code; of a refusal the lines that match `keep` are kept, or the last one."""
    code, output = run(*command)
    if code == 0:
        return {"verdict": "accepts", "says": []}
    said = lines(output, file)
    return {"verdict": "refuses", "says": [line for line in said if re.search(keep, line)][:SHOWN_LINES] or said[-1:]}


def trackside(file):
    """All findings, and the two verdicts that follow from them. Read once for each profile."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", corpus.HERE.parent.parent / "target"))
    program = target / "release" / "trackside"
    answers = {}
    for profile in ("channel", "pypi", "strict"):
        command = [program, "artifact", "verify", "--format", "json", "--profile", profile, file.path]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        try:
            answers[profile] = findings_of(json.loads(done.stdout))
        except (json.JSONDecodeError, KeyError, IndexError) as failure:
            raise corpus.Failed(f"{file.name}: trackside says nothing readable ({failure!r}): {done.stderr[-500:]}")
        refused = any(finding["severity"] == "error" for finding in answers[profile])
        if done.returncode != (1 if refused else 0):
            raise corpus.Failed(f"{file.name}: exit code {done.returncode} with the profile {profile}: {done.stderr[-500:]}")
    return {"verdict": "none", "says": [], "findings": answers}


def findings_of(answer):
    file = answer["artifact-verify"]["files"][0]
    findings = [{key: finding[key] for key in ("code", "member", "message", "severity")} for finding in file["findings"]]
    if file["unreadable"]:
        findings.append({"code": "(unreadable)", "member": None, "message": file["unreadable"], "severity": "error"})
    return findings


def twine(file):
    return by_exit(file, BIN / "twine", "--no-color", "check", "--strict", file.path, keep="ERROR|WARNING")


def check_wheel_contents(file):
    if not file.is_wheel:
        return NOT_FOR_IT
    answer = by_exit(file, BIN / "check-wheel-contents", "--no-config", file.path, keep=r": W\d\d\d: ")
    kinds = {found[1] for line in answer["says"] if (found := re.search(r": (W\d\d\d: [^:]*)", line))}
    return answer | {"says": sorted(kinds) or answer["says"]}


def pip(file):
    """Told the tags of the file name, so that no wheel is refused for being of another platform."""
    if not file.is_wheel:
        return NOT_FOR_IT
    tags = Tags(file.name)
    named = [word for platform in tags.platforms for word in ("--platform", platform)]
    named += [word for abi in tags.abi for word in ("--abi", abi)]
    with tempfile.TemporaryDirectory() as target:
        return by_exit(file, PYTHON, "-m", "pip", "--no-input", "--disable-pip-version-check", "install", "--dry-run",
                       "--no-deps", "--no-index", "--ignore-installed", "--only-binary", ":all:", "--target", target,
                       "--python-version", tags.version, *named, file.path, keep="ERROR|WARNING|Error")


UV_PLATFORMS = [
    (r"any", "linux"),
    (r"win_amd64", "x86_64-pc-windows-msvc"), (r"win32", "i686-pc-windows-msvc"), (r"win_arm64", "aarch64-pc-windows-msvc"),
    (r"macosx_\d+_\d+_(arm64|universal2)", "aarch64-apple-darwin"), (r"macosx_\d+_\d+_(x86_64|intel)", "x86_64-apple-darwin"),
    (r"manylinux.*_x86_64", "x86_64-manylinux_2_40"), (r"manylinux.*_aarch64", "aarch64-manylinux_2_40"),
    (r"musllinux.*_x86_64", "x86_64-unknown-linux-musl"), (r"musllinux.*_aarch64", "aarch64-unknown-linux-musl"),
]


def uv(file):
    """A real installation into a throw-away folder: a dry run would not open more than METADATA. uv knows fewer platforms
    than there are, and no Python 2."""
    if not file.is_wheel:
        return NOT_FOR_IT
    tags = Tags(file.name)
    known = [name for platform in tags.platforms for form, name in UV_PLATFORMS if re.fullmatch(form, platform)]
    if not known or tags.version.startswith("2."):
        return NOT_FOR_IT
    with tempfile.TemporaryDirectory(dir=corpus.PLACE) as place:
        return by_exit(file, BIN / "uv", "pip", "install", "--no-config", "--offline", "--no-deps", "--no-index", "--python",
                       PYTHON, "--cache-dir", f"{place}/cache", "--target", f"{place}/target", "--python-version",
                       tags.version, "--python-platform", known[0], file.path, keep="^(?!Using|Resolved|Installed|Prepared)")


def wheel_unpack(file):
    """Checks the hashes of RECORD while it unpacks."""
    if not file.is_wheel:
        return NOT_FOR_IT
    with tempfile.TemporaryDirectory(dir=corpus.PLACE) as place:
        answer = by_exit(file, PYTHON, "-m", "wheel", "unpack", "--dest", place, file.path, keep="Error|error")
    return answer | {"says": [re.sub(r"^Unpacking to: .*?\.\.\.", "", line) for line in answer["says"]]}


def archive_test(file):
    """Python's own readers."""
    module = "zipfile" if file.is_wheel else "tarfile"
    code, output = run(PYTHON, "-m", module, "-t", file.path)
    bad = code != 0 or "corrupted" in output
    return {"verdict": "refuses" if bad else "accepts", "says": lines(output, file)[-3:] if bad else []}


def unzip(file):
    command = ["unzip", "-tqq", file.path] if file.is_wheel else ["gzip", "-t", file.path]
    return by_exit(file, *command)


def metadata(file):
    return by_exit(file, PYTHON, "-B", corpus.HERE / "metadata.py", "packaging", file.path)


def pkginfo(file):
    return by_exit(file, PYTHON, "-B", corpus.HERE / "metadata.py", "pkginfo", file.path)


def auditwheel(file):
    """Refuses if the tag that it works out asks for a newer system than the lowest tag in the file name."""
    if not (file.is_wheel and "linux" in file.name.split("-")[-1]):
        return NOT_FOR_IT
    code, output = run(BIN / "auditwheel", "show", file.path)
    text = " ".join(output.split())
    found = re.search(r'consistent with the following platform tag: "([^"]+)"', text)
    if code != 0 or not found:
        return {"verdict": "refuses", "says": lines(output, file)[-1:]}
    named = min((libc_version(tag) for tag in Tags(file.name).platforms))
    fits = libc_version(found[1]) <= named
    constrained = re.search(r'This constrains the platform tag to "([^"]+)"', text)
    said = [found[1]] + ([f"its symbols alone: {constrained[1]}"] if constrained else [])
    return {"verdict": "accepts" if fits else "refuses", "says": said}


def libc_version(tag):
    for old, version in (("manylinux1_", (2, 5)), ("manylinux2010_", (2, 12)), ("manylinux2014_", (2, 17))):
        if tag.startswith(old):
            return version
    numbers = re.match(r"(?:many|musl)linux_(\d+)_(\d+)_", tag)
    return (int(numbers[1]), int(numbers[2])) if numbers else (999, 0)


CHECKERS = {
    "trackside": trackside,
    "twine": twine,
    "packaging": metadata,
    "pkginfo": pkginfo,
    "pip": pip,
    "uv": uv,
    "wheel unpack": wheel_unpack,
    "python -t": archive_test,
    "unzip": unzip,
    "check-wheel-contents": check_wheel_contents,
    "auditwheel": auditwheel,
}
COMMANDS = {
    "trackside": "`trackside artifact verify --format json --profile channel|pypi|strict FILE`",
    "twine": "`twine check --strict FILE`",
    "packaging": "`packaging.metadata.Metadata.from_email(METADATA, validate=True)` (`PKG-INFO` of an sdist)",
    "pkginfo": "`pkginfo.Wheel(FILE)`, `pkginfo.SDist(FILE)`; refuses: an exception or no name",
    "pip": "`pip install --dry-run --no-deps --no-index --ignore-installed --only-binary :all: --target DIR"
           " --python-version V --abi A --platform P... FILE`, with the tags of the file name",
    "uv": "`uv pip install --no-deps --no-index --target DIR --python-version V --python-platform P FILE`, into a throw-away"
          " folder",
    "wheel unpack": "`wheel unpack FILE`, which checks the hashes of RECORD",
    "python -t": "`python -m zipfile -t FILE`, `python -m tarfile -t FILE`",
    "unzip": "`unzip -tqq FILE`, `gzip -t FILE`",
    "check-wheel-contents": "`check-wheel-contents --no-config FILE`",
    "auditwheel": "`auditwheel show FILE`; refuses: its tag is above the lowest in the file name",
}


def versions():
    """Name and version of everything that was asked."""
    pins = [line.split("==") for line in (corpus.HERE / "requirements.txt").read_text().splitlines() if "==" in line]
    asked = {"twine", "packaging", "pkginfo", "pip", "uv", "wheel", "check-wheel-contents", "auditwheel"}
    found = {name: version for name, version in pins if name in asked}
    found["python"] = sys.version.split()[0]
    found["unzip"] = run(shutil.which("unzip"), "-v")[1].split()[1]
    cargo = tomllib.loads((corpus.HERE.parent.parent / "Cargo.toml").read_text())
    found["trackside"] = cargo["workspace"]["package"]["version"]
    return found
