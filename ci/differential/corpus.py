"""The real files: their list in corpus.txt, and how they are brought from the package index."""

import concurrent.futures
import dataclasses
import functools
import hashlib
import pathlib
import sys

import pypi_simple

HERE = pathlib.Path(__file__).resolve().parent
PLACE = HERE.parent.parent / ".tools" / "differential"


class Failed(Exception):
    """What could not be had, and why."""


@dataclasses.dataclass(frozen=True)
class File:
    name: str
    sha256: str
    why: str

    @property
    def path(self):
        return PLACE / "corpus" / self.name

    @property
    def is_wheel(self):
        return self.name.endswith(".whl")

    @property
    def project(self):
        return self.name.split("-")[0] if self.is_wheel else self.name.rsplit("-", 1)[0]


def listed():
    """The files of corpus.txt: sha256, file name, why it was chosen."""
    lines = [line.split(None, 2) for line in (HERE / "corpus.txt").read_text().splitlines()]
    return [File(name, sha256, why) for sha256, name, why in (words for words in lines if words and words[0] != "#")]


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def bring(files):
    """Downloads what is missing and checks every digest."""
    (PLACE / "corpus").mkdir(parents=True, exist_ok=True)
    with pypi_simple.PyPISimple() as index, concurrent.futures.ThreadPoolExecutor(4) as pool:
        page = functools.cache(index.get_project_page)
        failures = [future.exception() for future in [pool.submit(bring_one, index, page, file) for file in files]]
    named = [f"{file.name}: {failure}" for file, failure in zip(files, failures) if failure]
    if named:
        raise Failed("\n".join(named))


def bring_one(index, page, file):
    if file.path.is_file() and digest(file.path) == file.sha256:
        return
    print("differential: downloading", file.name, file=sys.stderr)
    found = [package for package in page(file.project).packages if package.filename == file.name]
    if not found:
        raise Failed("the package index has no such file")
    partial = file.path.with_name(f"{file.name}.part")
    index.download_package(found[0], partial, verify=False, timeout=300)
    if (sha256 := digest(partial)) != file.sha256:
        partial.unlink()
        raise Failed(f"it has sha256 {sha256}, pinned is {file.sha256}")
    partial.rename(file.path)
