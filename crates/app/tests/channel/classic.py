"""What pypi-simple reads of a channel, and what lies behind its links: one line for each page and file.
classic.py STORE PACKAGE... with the URL of the store; everything is fetched and its digest compared."""

import hashlib
import sys
import urllib.parse

import requests
from pypi_simple import ProjectPage

store, packages = sys.argv[1], sys.argv[2:]
session = requests.Session()
session.headers["Authorization"] = (
    "AWS4-HMAC-SHA256 Credential=test-key-id/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")


def fetched(key):
    answer = session.get(f"{store}/{urllib.parse.quote(key)}")
    answer.raise_for_status()
    return answer.content


for root in ["whl", "whl/cpu", "whl/cu126"]:
    for package in packages:
        answer = session.get(f"{store}/{root}/{package}/index.html")
        if answer.status_code == 404:
            continue
        page = ProjectPage.from_html(package, answer.text, base_url=answer.url)
        for file in sorted(page.packages, key=lambda file: file.filename):
            path = urllib.parse.unquote(urllib.parse.urlparse(file.url).path)
            # The old pages take the store for the root of its host.
            key = path.removeprefix(urllib.parse.urlparse(store).path).lstrip("/")
            digest = hashlib.sha256(fetched(key)).hexdigest()
            assert file.digests == {"sha256": digest}, file
            metadata = file.metadata_digests or {}
            if file.has_metadata:
                assert metadata == {"sha256": hashlib.sha256(fetched(f"{key}.metadata")).hexdigest()}, file
            print(root, package, file.filename, key, digest, bool(file.has_metadata), file.upload_time)
