"""Solves and installs from a conda channel with rattler, and prints what it did as JSON.

CHANNEL FORM PREFIX SPEC...: the channel is a URL, or `ROOT!PATH`, a folder that is served here; FORM is `json`, `zst`
or `sharded`. A folder that is served answers 404 to the other forms, so that what was asked for is what was read."""

import asyncio
import datetime
import functools
import http.server
import json
import os
import pathlib
import sys
import tempfile
import threading

from rattler import Gateway, Platform, SourceConfig, install, solve

FORMS = {
    "json": {"repodata.json"},
    "zst": {"repodata.json.zst"},
    "sharded": {"repodata_shards.msgpack.zst"},
}


class Handler(http.server.SimpleHTTPRequestHandler):
    refused = frozenset()
    asked = []

    def send_head(self):
        name = self.path.rsplit("/", 1)[-1]
        if name in self.refused:
            self.send_error(404)
            return None
        self.asked.append(self.path)
        return super().send_head()

    def log_message(self, *_):
        pass


def serve(root, form):
    Handler.refused = frozenset().union(*(names for of, names in FORMS.items() if of != form))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


async def main():
    channel, form, prefix, *specs = sys.argv[1:]
    if "!" in channel:
        root, path = channel.split("!")
        channel = f"{serve(root, form)}/{path}"
    cache = tempfile.mkdtemp()
    config = SourceConfig(zstd_enabled=form == "zst", bz2_enabled=False, sharded_enabled=form == "sharded")
    gateway = Gateway(cache_dir=cache, default_config=config)
    records = await solve([channel], specs, gateway=gateway, platforms=["linux-64", "noarch"], virtual_packages=[],
                          timeout=datetime.timedelta(seconds=60))
    await install(records, prefix, cache_dir=cache, platform=Platform("linux-64"), show_progress=False)
    files = {path.relative_to(prefix).as_posix(): path.read_text() for path in pathlib.Path(prefix).rglob("*.txt")}
    urls = sorted(record.url for record in records)
    print(json.dumps({"urls": urls, "files": files, "asked": sorted(set(Handler.asked))}))


asyncio.run(main())
sys.stdout.flush()
# rattler's threads may outlive the interpreter and abort it on its way out.
os._exit(0)
