"""A real S3 API on the loopback, for tests of remote folders."""

import contextlib
import importlib
import logging
import os
import urllib.request
from collections.abc import Iterator
from typing import Any
from unittest import mock

BUCKET = "bucket"


@contextlib.contextmanager
def serve_s3() -> Iterator[Any]:
    """Serves an empty bucket, of which s3:// is the address within the context.

    Yields:
        The file system, as fsspec has it.
    """
    fsspec = importlib.import_module("fsspec")
    moto_server = importlib.import_module("moto.server")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto_server.ThreadedMotoServer(
        ip_address="127.0.0.1", port=0, verbose=False
    )
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    # All servers of a process have the same buckets.
    urllib.request.urlopen(f"{url}/moto-api/reset", data=b"").close()
    address = {
        "AWS_ENDPOINT_URL": url,
        "S3_ENDPOINT": url,
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        with mock.patch.dict(os.environ, address):
            # Clients are kept by their arguments, of which the address is none.
            fsspec.get_filesystem_class("s3").clear_instance_cache()
            files = fsspec.filesystem("s3")
            files.mkdir(BUCKET)
            yield files
    finally:
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        server.stop()
