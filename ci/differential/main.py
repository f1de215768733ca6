"""Asks every checker about every file, keeps the answers in results.json, and prints docs/differential.md."""

import argparse
import concurrent.futures
import datetime
import fnmatch
import json
import subprocess
import sys
import time

import checkers
import corpus
import tables

RESULTS = corpus.PLACE / "results.json"
AT_ONCE = 3


def arguments():
    parser = argparse.ArgumentParser(prog="ci/differential/run")
    parser.add_argument("--again", nargs="*", choices=checkers.CHECKERS, help="only these checkers (of a new file all)")
    parser.add_argument("--only", default="*", help="only files whose name matches")
    parser.add_argument("--no-build", action="store_true", help="take the release build that is there")
    parser.add_argument("--tables", action="store_true", help="only print the tables of the last run")
    return parser.parse_args()


def ask(file, names):
    """The answers about one file, and how long each took."""
    answers = {}
    for name in names:
        begun = time.monotonic()
        answers[name] = checkers.CHECKERS[name](file)
        answers[name]["seconds"] = round(time.monotonic() - begun, 2)
    print("differential:", file.name, file=sys.stderr)
    return answers


def measure(options, results):
    """Fills `results`, a dictionary in the form of results.json."""
    everything = corpus.listed()
    files = [file for file in everything if fnmatch.fnmatch(file.name, options.only)]
    corpus.bring(files)
    if not options.no_build:
        subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "trackside"], cwd=corpus.HERE, check=True)
    old, everybody = results.get("files", {}), list(checkers.CHECKERS)
    names = {file: options.again or everybody if file.name in old else everybody for file in files}
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, names, names.values()))
    fresh = {file.name: answer for file, answer in zip(files, answers)}
    results["files"] = {
        file.name: {"sha256": file.sha256, "size": file.path.stat().st_size, "why": file.why,
                    "answers": old.get(file.name, {}).get("answers", {}) | fresh.get(file.name, {})}
        for file in everything if file.name in fresh or file.name in old}
    results["date"] = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    results["versions"] = checkers.versions()


def main():
    options = arguments()
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    if not options.tables:
        measure(options, results)
        RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    text, unexplained = tables.of(results)
    print(text, end="")
    if unexplained:
        sys.exit(f"differential: {unexplained} disagreements are not explained")


if __name__ == "__main__":
    try:
        main()
    except (corpus.Failed, subprocess.CalledProcessError) as failure:
        sys.exit(f"differential: {failure}")
