"""The TensorBoard plugin: routes from HTTP to the reader and back; see http_api.md."""

import contextlib
import functools
import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import numpy as np
from tensorboard import errors, plugin_util
from tensorboard.backend import http_util
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from lr_plugin import metadata, query
from lr_plugin.answer_limits import Slots, cut_into_pieces, limit_waiting
from lr_plugin.reader import csv_text
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.reader.tensors import Scope

_STATIC = Path(__file__).parent / "static"
_CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
# A larger answer may not fit into what the system keeps for a client that is slow.
_LARGE_BYTES = 1 << 18
# One takes all of a core. Waiting, a request holds nothing.
_NUM_READING = 4
_NUM_LARGE = 4
_READING_WAIT_SECS = 30.0

Route = Callable[["LearningRatePlugin", wrappers.Request, Scope], wrappers.Response]


def _route(handle: Route) -> Callable[..., Any]:
    """Makes a WSGI application of a method that answers one request."""

    @functools.wraps(handle)
    def application(
        self: "LearningRatePlugin", request: wrappers.Request
    ) -> wrappers.Response:
        if request.method not in ("GET", "HEAD"):
            raise errors.InvalidArgumentError(
                f"This route answers GET only. Received: {request.method}."
            )
        environ = request.environ
        limit_waiting(environ)
        scope = Scope(
            plugin_util.context(environ),
            plugin_util.experiment_id(environ),
            query.parse_tags(request.args),
        )
        try:
            response = handle(self, request, scope)
        except grpc.RpcError as error:
            raise DataServerError(error) from error
        if response.is_sequence:
            response.response = cut_into_pieces(response.iter_encoded())
        return response

    return wrappers.Request.application(application)  # type: ignore[arg-type]


class DataServerError(errors.PublicError):
    """The process in which TensorBoard's fast loader runs does not answer."""

    http_code = 503

    def __init__(self, error: grpc.RpcError):
        code = error.code().name if isinstance(error, grpc.Call) else "no answer"
        super().__init__(
            f"TensorBoard's data server must answer. Received: {code}. It may have "
            "ended at a damaged file: start TensorBoard again, with --load_fast=false "
            "if it ends again."
        )


class LearningRatePlugin(base_plugin.TBPlugin):
    """Serves the tab "Learning Rate"."""

    plugin_name = metadata.PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext):
        """Reads nothing yet."""
        flags, samples = context.flags, context.sampling_hints or {}
        self._reader = LearningRateReader(
            context.data_provider,
            directories=RunDirectories(
                logdir=context.logdir or None,
                logdir_spec=getattr(flags, "logdir_spec", None),
            ),
            max_kept_blocks=samples.get(metadata.RAW_PLUGIN_NAME, 0),
            tags=getattr(flags, "lr_tags", None),
        )
        self._reading = Slots(_NUM_READING, wait_secs=_READING_WAIT_SECS)
        self._large = Slots(_NUM_LARGE)

    def get_plugin_apps(self) -> dict[str, Callable]:
        """Names the routes."""
        return {
            "/runs": self.runs_route,
            "/tags": self.tags_route,
            "/series": self.series_route,
            "/export.csv": self.export_route,
            "/events": self.events_route,
            "/findings": self.findings_route,
            "/range_tests": self.range_tests_route,
            "/layers": self.layers_route,
            "/landscape": self.landscape_route,
            "/index.js": self.static_route,
            "/static/*": self.static_route,
        }

    def is_active(self) -> bool:
        """Tells whether the tab has something to show.

        TensorBoard asks only where it has loaded nothing that this plugin wrote.
        """
        return self._reader.has_runs(Scope(RequestContext(), ""))

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """Names the tab and its code."""
        return base_plugin.FrontendMetadata(
            es_module_path="/index.js", tab_name="Learning Rate", disable_reload=False
        )

    @_route
    def runs_route(self, request: wrappers.Request, scope: Scope) -> wrappers.Response:
        """Lists what there is to draw."""
        return _respond_json(request, self._reader.list_runs(scope))

    @_route
    def tags_route(self, request: wrappers.Request, scope: Scope) -> wrappers.Response:
        """Lists the scalars that other programs wrote."""
        tags = self._reader.list_tags(scope, request.args.get("run"))
        return _respond_json(request, {"tags": tags})

    @_route
    def series_route(
        self, request: wrappers.Request, scope: Scope
    ) -> wrappers.Response:
        """Sends columns of one run, thinned."""
        columns = query.parse_columns(request.args)
        max_points = query.parse_max_points(request.args, len(columns))
        by_decades = query.parse_spacing(request.args) == "log"
        is_large = 8 * max_points * len(columns) > _LARGE_BYTES
        with contextlib.ExitStack() as place:
            if is_large:
                place.enter_context(self._large.take())
            with self._reading.take():
                window = self._reader.read_series(
                    scope,
                    query.parse_run(request.args),
                    columns,
                    start=query.parse_int(request.args, "start"),
                    stop=query.parse_int(request.args, "stop"),
                    max_points=max_points,
                    by_decades=by_decades,
                )
                body = b"".join(
                    np.asarray(window.columns[name], "<f8").tobytes()
                    for name in columns
                )
            headers = [
                ("X-Rows-In-Window", str(window.num_rows)),
                ("X-Exact", window.exactness),
            ]
            response = http_util.Respond(
                request, body, "application/octet-stream", headers=headers
            )
            # A large answer keeps its place until it is sent.
            response.call_on_close(place.pop_all().close)
        return response

    @_route
    def export_route(
        self, request: wrappers.Request, scope: Scope
    ) -> wrappers.Response:
        """Sends every row of one run as CSV, piece by piece."""
        run = query.parse_run(request.args)
        columns, pieces = self._reader.export_rows(
            scope,
            run,
            start=query.parse_int(request.args, "start"),
            stop=query.parse_int(request.args, "stop"),
        )
        slot = self._large.take()
        response = wrappers.Response(
            csv_text.format_rows(columns, pieces),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{_file_name(run)}.csv"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-cache, must-revalidate",
            },
        )
        response.call_on_close(slot.release)
        return response

    @_route
    def events_route(
        self, request: wrappers.Request, scope: Scope
    ) -> wrappers.Response:
        """Sends what happened in one run."""
        events = self._reader.read_events(scope, query.parse_run(request.args))
        return _respond_json(request, {"events": events})

    @_route
    def findings_route(
        self, request: wrappers.Request, scope: Scope
    ) -> wrappers.Response:
        """Sends the silent mistakes that one run shows."""
        found = self._reader.find_findings(scope, query.parse_run(request.args))
        return _respond_json(request, {"findings": found})

    @_route
    def range_tests_route(
        self, request: wrappers.Request, scope: Scope
    ) -> wrappers.Response:
        """Sends the range tests of one run."""
        tests = self._reader.read_range_tests(scope, query.parse_run(request.args))
        return _respond_json(request, {"range_tests": tests})

    @_route
    def layers_route(
        self, request: wrappers.Request, scope: Scope
    ) -> wrappers.Response:
        """Sends the samples of single layers of one run."""
        return _respond_json(
            request, self._reader.read_layers(scope, query.parse_run(request.args))
        )

    @_route
    def landscape_route(
        self, request: wrappers.Request, scope: Scope
    ) -> wrappers.Response:
        """Sends what other rates would have done in one run."""
        return _respond_json(
            request, self._reader.read_landscape(scope, query.parse_run(request.args))
        )

    @_route
    def static_route(
        self, request: wrappers.Request, scope: Scope
    ) -> wrappers.Response:
        """Sends the browser's code."""
        name = request.path.rsplit("/", 1)[-1]
        path = _STATIC / name
        # Listed rather than asked for: no name is too long to be looked for so.
        is_there = _STATIC.is_dir() and name in os.listdir(_STATIC)
        if path.suffix not in _CONTENT_TYPES or not is_there or not path.is_file():
            raise errors.NotFoundError(_explain_missing(name[:200]))
        return http_util.Respond(
            request,
            _compress(path, path.stat().st_mtime_ns),
            _CONTENT_TYPES[path.suffix],
            content_encoding="gzip",
        )


@functools.lru_cache(maxsize=8)
def _compress(path: Path, changed_ns: int) -> bytes:
    """Compresses a file, once as long as it stays as it was written at `changed_ns`."""
    return gzip.compress(path.read_bytes(), mtime=0)


def _respond_json(request: wrappers.Request, content: Any) -> wrappers.Response:
    # TensorBoard's own writing turns NaN and infinity into strings.
    return http_util.Respond(request, content, "application/json")


def _file_name(run: str) -> str:
    """Makes a file name from a run's name, without what file systems refuse."""
    kept = "".join(
        c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in run
    )
    return kept.strip("-.") or "run"


def _explain_missing(name: str) -> str:
    if (_STATIC / "index.js").is_file():
        return f"The tab has no file {name}."
    return (
        "The tab's browser code is missing: this is a checkout without its bundle. "
        "Install it with `pip install -e .`, which builds the bundle, or run "
        "`npm ci && node build.mjs` in lr_plugin/frontend."
    )
