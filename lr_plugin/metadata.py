"""The tags and the summary metadata under which TensorBoard keeps a run.

TensorBoard decides by plugin name how much of a tag it keeps. What is small has
PLUGIN_NAME and is kept whole. The blocks, with a row per iteration, have
RAW_PLUGIN_NAME, of which only so many are kept.
"""

import hashlib
import json
from collections.abc import Sequence

from tensorboard.compat.proto import summary_pb2

from lr_plugin import fields, schema

PLUGIN_NAME = "learning_rate"
RAW_PLUGIN_NAME = "learning_rate_raw"

# Every tag holds one kind of content, named by the part before the first slash.
RUN_INFO_TAG = "run_info"
RANGE_TEST_TAG = "range_test"
LANDSCAPE_TAG = "landscape"
EVENTS_PREFIX = "events/"
OVERVIEW_PREFIX = "overview/"
ITERATIONS_PREFIX = "iterations/"
LAYERS_PREFIX = "layers/"


def iterations_tag(columns: Sequence[str]) -> str:
    """Names the tag of blocks with these columns.

    The columns are part of the name because a later training in the same run may record
    other columns, and TensorBoard keeps only the first metadata of a tag.
    """
    return ITERATIONS_PREFIX + "+".join(columns)


def overview_tag(columns: Sequence[str]) -> str:
    """Names the tag of overviews of rows with these measurements."""
    return OVERVIEW_PREFIX + "+".join(columns)


def events_tag(kind: str) -> str:
    """Names the tag of events of one kind.

    Each kind has another tag, because of two events with the same tag and step one
    would replace the other.
    """
    return EVENTS_PREFIX + kind


def layers_tag(layers: Sequence[str]) -> str:
    """Names the tag of samples of these layers, short however many there are."""
    digest = hashlib.sha256("\n".join(layers).encode()).hexdigest()
    return LAYERS_PREFIX + digest[:12]


def create_summary_metadata(
    plugin_name: str, *, columns: Sequence[str] = (), layers: Sequence[str] = ()
) -> summary_pb2.SummaryMetadata:
    """Creates the metadata of a tag.

    Args:
        plugin_name: PLUGIN_NAME or RAW_PLUGIN_NAME.
        columns: The names along the last axis of the tag's tensors, if these are
            numbers.
        layers: The names along the first axis of a sample of layers.
    """
    content: dict[str, object] = {"version": schema.SCHEMA_VERSION}
    if columns:
        content["columns"] = list(columns)
    if layers:
        content["layers"] = list(layers)
    return summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(
            plugin_name=plugin_name, content=json.dumps(content).encode()
        ),
        # Without a data class TensorBoard stores the tag but nothing can read it.
        data_class=summary_pb2.DATA_CLASS_TENSOR,
    )


def parse_plugin_content(content: bytes) -> dict:
    """Reads the content that `create_summary_metadata` put into a tag's metadata.

    Returns:
        `{"version": int, "columns": [...], "layers": [...]}`, the lists empty where the
        tag has none.

    Raises:
        ValueError: The content is not this plugin's, or of a later schema version.
    """
    try:
        found = json.loads(content)
        version = int(found["version"])
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(
            "Summary metadata of this plugin must be JSON with a version. "
            f"Received: {content[:80]!r}."
        ) from error
    if version > schema.SCHEMA_VERSION:
        raise ValueError(
            f"This version of the plugin reads logs up to schema version "
            f"{schema.SCHEMA_VERSION}. Received: version {version}. Upgrade "
            "tensorboard-plugin-lr to see them."
        )
    columns = fields.TEXTS.check("columns", found.get("columns", []))
    if len(set(columns)) < len(columns):
        raise ValueError(f"`columns` must be named once each. Received: {columns}.")
    layers = fields.TEXTS.check("layers", found.get("layers", []))
    return {"version": version, "columns": columns, "layers": layers}
