"""The TensorBoard plugin: routes from HTTP to the reader and back; see http_api.md."""

import contextlib
import functools
import json
from collections.abc import Callable, Iterator, Sequence
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
from lr_plugin.reader.window.window import Window
from lr_plugin.rows import count_rows
from lr_plugin.static_files import read_static_file

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
            "/series_of_runs": self.series_of_runs_route,
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
        max_secs = query.parse_max_secs(request.args)
        return _respond_json(request, self._reader.list_runs(scope, max_secs=max_secs))

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
        asked = query.parse_series(request.args)
        with self._take_places(asked.max_bytes) as place:
            window = self._read_series(scope, query.parse_run(request.args), asked)
            headers = [
                ("X-Rows-In-Window", str(window.num_rows)),
                ("X-Exact", window.exactness),
            ]
            return _respond_columns(request, [window], headers, place)

    @_route
    def series_of_runs_route(
        self, request: wrappers.Request, scope: Scope
    ) -> wrappers.Response:
        """Sends columns of several runs, thinned: a request for each takes longer."""
        runs = query.check_runs(request.args.getlist("run"))
        asked = query.parse_series(request.args, num_runs=len(runs))
        with self._take_places(len(runs) * asked.max_bytes) as place:
            windows: list[Window] = []
            heads: list[dict[str, Any]] = []
            for run in runs:
                try:
                    window = self._read_series(scope, run, asked)
                except errors.PublicError as error:
                    heads.append({"error": str(error)})
                else:
                    windows.append(window)
                    heads.append(
                        {
                            "num_rows": count_rows(window.columns),
                            "rows_in_window": window.num_rows,
                            "exact": window.exactness,
                        }
                    )
            headers = [("X-Runs", json.dumps(heads))]
            return _respond_columns(request, windows, headers, place)

    @contextlib.contextmanager
    def _take_places(self, max_bytes: int) -> Iterator[contextlib.ExitStack]:
        """Waits for a place to read in, and for a large answer for one to send from.

        The latter is kept until the answer is sent, if the stack is.
        """
        with contextlib.ExitStack() as place:
            if max_bytes > _LARGE_BYTES:
                place.enter_context(self._large.take())
            with self._reading.take():
                yield place

    def _read_series(self, scope: Scope, run: str, asked: query.SeriesQuery) -> Window:
        return self._reader.read_series(
            scope,
            run,
            asked.columns,
            start=asked.start,
            stop=asked.stop,
            max_points=asked.max_points,
            by_decades=asked.by_decades,
        )

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
        content, content_type = read_static_file(request.path.rsplit("/", 1)[-1])
        return http_util.Respond(
            request, content, content_type, content_encoding="gzip"
        )


def _respond_json(request: wrappers.Request, content: Any) -> wrappers.Response:
    # TensorBoard's own writing turns NaN and infinity into strings.
    return http_util.Respond(request, content, "application/json")


def _respond_columns(
    request: wrappers.Request,
    windows: Sequence[Window],
    headers: list[tuple[str, str]],
    place: contextlib.ExitStack,
) -> wrappers.Response:
    """Sends the columns of windows one after the other, each as little-endian float64.

    Args:
        place: Closed when the answer is sent.
    """
    body = b"".join(
        np.asarray(values, "<f8").tobytes()
        for window in windows
        for values in window.columns.values()
    )
    content_type = "application/octet-stream"
    response = http_util.Respond(request, body, content_type, headers=headers)
    response.call_on_close(place.pop_all().close)
    return response


def _file_name(run: str) -> str:
    """Makes a file name from a run's name, without what file systems refuse."""
    kept = "".join(
        c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in run
    )
    return kept.strip("-.") or "run"
