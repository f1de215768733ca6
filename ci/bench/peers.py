"""What others do with a wheel: the work that ci/bench/artifact measures trackside against."""

import base64
import csv
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

CHUNK = 1 << 20


def sha256(path):
    """With OpenSSL, which uses the SHA instructions of the processor."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def blake2b(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()


def copy_and_hash(source, target):
    subprocess.run(["cp", "--reflink=never", source, target], check=True)
    return sha256(target)


def read_all(paths):
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            while file.read(CHUNK):
                pass


def copy_all(paths, folder):
    folder.mkdir()
    for path in paths:
        target = folder / path.name
        shutil.copyfile(path, target)
        with open(target, "rb") as file:
            os.fsync(file.fileno())


def record_hash(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def check_record(path):
    """Every hash and size that RECORD states, as a script in Python does it."""
    with zipfile.ZipFile(path) as wheel:
        record = next(name for name in wheel.namelist() if name.endswith(".dist-info/RECORD"))
        for name, stated, size in csv.reader(io.StringIO(wheel.read(record).decode())):
            if stated:
                data = wheel.read(name)
                if record_hash(data) != stated or len(data) != int(size):
                    sys.exit(f"bench: RECORD is wrong about {name}")


def script(wheel, folder, local):
    """unzip, sed, a new RECORD, zip: what was done for years before an upload."""
    public, inside = local.split("+")[0], folder / "inside"
    inside.mkdir(parents=True)
    subprocess.run(["unzip", "-q", wheel, "-d", inside], check=True)
    info = inside / f"torch-{public}.dist-info"
    (inside / f"torch-{local}.dist-info").rename(info)
    for file in [info / "METADATA", info / "WHEEL", inside / "torch/version.py"]:
        subprocess.run(["sed", "-i", f"s/{local}/{public}/g", file], check=True)
    with open(info / "RECORD", "w", newline="") as record:
        rows = csv.writer(record, lineterminator="\n")
        for path in sorted(path for path in inside.rglob("*") if path.is_file() and path.name != "RECORD"):
            data = path.read_bytes()
            rows.writerow([path.relative_to(inside), record_hash(data), len(data)])
        rows.writerow([f"{info.name}/RECORD", "", ""])
    target = (folder / wheel.name.replace(local, public)).resolve()
    subprocess.run(["zip", "-qr", target, "."], cwd=inside, check=True)
    return sha256(target)


def python(folder, run):
    """A virtual environment with the pinned peers; gives its interpreter."""
    interpreter = folder / "py/bin/python"
    if not interpreter.exists():
        run(sys.executable, "-m", "venv", folder / "py")
    pins = pathlib.Path(__file__).resolve().parent / "requirements.txt"
    run(interpreter, "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check", "install", "-r", pins)
    return interpreter


def drop_caches():
    """Whether the page cache was emptied; only root may."""
    try:
        os.sync()
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("1\n")
    except OSError:
        return False
    return True


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "an unknown processor"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "an unknown processor")


def commit(root):
    done = subprocess.run(["git", "-C", root, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return f"commit {done.stdout.strip()}"


if __name__ == "__main__":
    check_record(sys.argv[1])
