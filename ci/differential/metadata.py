"""Reads the metadata of one file with one library, in a process of its own: `metadata.py packaging|pkginfo FILE`.
Exit 1 with the reasons if the library refuses it."""

import sys
import tarfile
import warnings
import zipfile

import packaging.metadata
import pkginfo


def text_of(path):
    """METADATA of a wheel, PKG-INFO of an sdist, as bytes."""
    if path.endswith(".whl"):
        with zipfile.ZipFile(path) as archive:
            return archive.read(min((name for name in archive.namelist() if name.endswith(".dist-info/METADATA")), key=len))
    with tarfile.open(path) as archive:
        return archive.extractfile(min((name for name in archive.getnames() if name.endswith("/PKG-INFO")), key=len)).read()


def main(library, path):
    if library == "packaging":
        try:
            packaging.metadata.Metadata.from_email(text_of(path), validate=True)
        except ExceptionGroup as group:
            sys.exit("\n".join(str(reason) for reason in group.exceptions))
        return
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = (pkginfo.Wheel if path.endswith(".whl") else pkginfo.SDist)(path)
    for warning in warned:
        print(warning.message)
    if not (found.name and found.version):
        sys.exit("no name or no version")


main(*sys.argv[1:])
