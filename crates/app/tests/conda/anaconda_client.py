"""anaconda-client as people use it: its own upload and copy commands, its own API for labels and downloads.

anaconda_client.py SERVER TOKEN upload OWNER LABEL FILE
                                copy OWNER KEY LABEL TO-OWNER TO-LABEL
                                label OWNER KEY LABEL
                                download OWNER KEY
"""

import argparse
import hashlib
import os
import pathlib
import sys

server, token, verb, *arguments = sys.argv[1:]
config = pathlib.Path(os.environ["HOME"]) / ".continuum" / "anaconda-client"
config.mkdir(parents=True, exist_ok=True)
(config / "config.yaml").write_text(f"url: {server}\n")
os.environ["ANACONDA_API_TOKEN"] = token

from binstar_client import errors  # noqa: E402
from binstar_client.commands import copy, upload  # noqa: E402
from binstar_client.utils import get_server_api, parse_specs  # noqa: E402


def main():
    assert get_server_api().domain == server, "nothing beyond this machine is asked"
    if verb == "upload":
        owner, label, file = arguments
        upload.main(argparse.Namespace(
            files=[[file]], token=None, site=None, channels=[], labels=[label], no_progress=True, user=owner,
            namespace=None, keep_basename=False, package=None, version=None, summary="of a test", package_type=None,
            description=None, thumbnail=None, private=False, auto_register=True, build_id=None, mode="fail",
            force_metadata_update=False, json_help=None))
        return "uploaded"
    owner, key, *rest = arguments
    api = get_server_api()
    name, version, basename = key.split("/", 2)
    if verb == "copy":
        label, to_owner, to_label = rest
        copy.main(argparse.Namespace(
            token=None, site=None, spec=parse_specs(f"{owner}/{key}"), to_owner=to_owner, from_label=label,
            to_label=to_label, replace=False, update=False))
        return "copied"
    if verb == "label":
        api.add_channel(rest[0], owner, package=name, version=version, filename=basename)
        shown = api.show_channel(rest[0], owner)["files"]
        assert [file["basename"] for file in shown] == [basename], shown
        return " ".join(api.distribution(owner, name, version, basename)["labels"])
    assert verb == "download"
    return hashlib.sha256(api.download(owner, name, version, basename).content).hexdigest()


try:
    print(main())
except errors.Conflict as conflict:
    # The copy command of the client leaves the status out.
    print("conflict", next((part for part in conflict.args if isinstance(part, int)), 409))
