"""Compares our channel data with that of conda-index, an indexer that shares nothing with us, and with what rattler
reads. CHANNEL is the folder of a channel; SCRATCH gets a copy of its packages, which conda-index indexes."""

import hashlib
import json
import pathlib
import shutil
import sys
import types

import msgpack
from backports import zstd


def stand_in(name, **content):
    module = types.ModuleType(name)
    module.__dict__.update(content)
    sys.modules[name] = module


class Never:
    """In place of what conda-index imports and does not use here."""

    def __getattr__(self, name):
        raise AssertionError(name)


# conda itself is not on PyPI. Of it conda-index needs the order of versions, which decides nothing that is compared.
SUBDIRS = ("linux-64", "linux-aarch64", "noarch", "osx-64", "osx-arm64", "win-64")
for name in ("conda", "conda.base", "conda.core", "conda.models", "conda.plugins"):
    stand_in(name)
stand_in("conda.models.version", VersionOrder=str)
stand_in("conda.base.constants", PLATFORM_DIRECTORIES=SUBDIRS)
stand_in("conda.base.context", context=Never())
stand_in("conda.core.subdir_data", SubdirData=Never)
stand_in("conda.exports", MatchSpec=Never, Resolve=Never, VersionOrder=str)
stand_in("conda.models.channel", Channel=Never)

from conda_index.index import ChannelIndex  # noqa: E402


def loaded(path):
    text = path.read_bytes()
    return json.loads(zstd.decompress(text) if path.suffix == ".zst" else text)


def shards(subdir):
    index = msgpack.unpackb(zstd.decompress((subdir / "repodata_shards.msgpack.zst").read_bytes()))
    merged = {"packages": {}, "packages.conda": {}}
    for name, digest in index["shards"].items():
        path = subdir / "shards" / f"{digest.hex()}.msgpack.zst"
        assert hashlib.sha256(path.read_bytes()).digest() == digest, path
        shard = msgpack.unpackb(zstd.decompress(path.read_bytes()))
        for form, packages in merged.items():
            for file, record in shard[form].items():
                assert record["name"] == name, file
                packages[file] = record | {key: record[key].hex() for key in ("md5", "sha256")}
    return merged


def main():
    channel, scratch = map(pathlib.Path, sys.argv[1:])
    for package in sorted(channel.glob("*/*")):
        if package.name.endswith((".conda", ".tar.bz2")):
            (scratch / package.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(package, scratch / package.parent.name)
    (scratch / "noarch").mkdir(parents=True, exist_ok=True)
    index = ChannelIndex(str(scratch), None, threads=1, write_run_exports=True, write_zst=True, write_current_repodata=False)
    index.index(patch_generator=None)
    subdirs = sorted(path.parent.name for path in scratch.glob("*/repodata.json"))
    assert subdirs == sorted(path.parent.name for path in channel.glob("*/repodata.json")), subdirs
    differences, count = set(), 0
    for subdir in subdirs:
        ours, theirs = (loaded(root / subdir / "repodata.json") for root in (channel, scratch))
        assert loaded(channel / subdir / "repodata.json.zst") == ours
        exports = [loaded(root / subdir / "run_exports.json") for root in (channel, scratch)]
        assert loaded(channel / subdir / "run_exports.json.zst") == exports[0]
        assert exports[0] == exports[1], exports
        sharded = shards(channel / subdir)
        for form in ("packages", "packages.conda"):
            assert sharded[form] == ours[form], subdir
            assert sorted(ours[form]) == sorted(theirs[form]), subdir
            for file, record in ours[form].items():
                count += 1
                other = theirs[form][file]
                for key in sorted(record.keys() | other.keys()):
                    if record.get(key, "-") != other.get(key, "-"):
                        differences.add(f"{key}: {record.get(key, '-')} / {other.get(key, '-')}"
                                        if key != "indexed_timestamp" else "indexed_timestamp: ours has none")
        rest = [{key: data[key] for key in data if not key.startswith("packages")} for data in (ours, theirs)]
        assert rest[0] == rest[1], rest
    print(f"{len(subdirs)} subdirs, {count} packages")
    print("\n".join(sorted(differences)))


main()
