"""Every point of an event file, as TensorBoard's own loader reads it."""

import itertools
import math
import random

import numpy as np
import pytest
from scalar_files import (
    Value,
    load_scalars,
    simple_value,
    tensor_value,
    write_events,
    write_scalars,
)
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.histogram import metadata as histogram_metadata
from tensorboard.util import tensor_util

from lr_plugin.reader.files import split_records
from lr_plugin.reader.files.scalar_file import read_scalar_file
from lr_plugin.reader.files.split_records import FRAME_BYTES

TAGS = frozenset(["train/loss", "train/lr", "lr"])


def points_of(file):
    return {
        tag: list(
            zip(
                points["step"].tolist(),
                points["wall_time"].tolist(),
                points["value"].tolist(),
                strict=True,
            )
        )
        for tag, points in file.points.items()
    }


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for tag, points in expected.items():
        np.testing.assert_array_equal(np.array(found[tag]), np.array(points))


def rows(num=400):
    # Steps of one, two and three bytes; what is not finite; a step below 0.
    steps = [-1, *range(num - 2), 1 << 40]
    values = [math.nan, math.inf, *(0.9**i for i in range(num - 2))]
    return [
        (step, {"train/loss": value, "train/lr": 1e-3, "other": 1.0})
        for step, value in zip(steps, values, strict=True)
    ]


def float64_value(tag, value):
    return tensor_value(tag, value, np.float64)


def half_value(tag, value):
    return tensor_value(tag, value, np.float16)


def content_value(tag, value):
    made = tensor_value(tag, value)
    made.tensor.ClearField("float_val")
    made.tensor.tensor_content = np.float32(value).tobytes()
    return made


@pytest.mark.slow
@pytest.mark.parametrize(
    "make", [simple_value, tensor_value, float64_value, half_value, content_value]
)
def test_all_points_are_read_as_tensorboard_reads_them(tmp_path, make):
    path = write_scalars(tmp_path, rows(), make=make)

    file = read_scalar_file(str(path), TAGS)

    expected = load_scalars(path)
    assert len(expected.pop("other")) == 400
    assert_same(points_of(file), expected)
    assert (file.num_bytes, file.is_lost) == (path.stat().st_size, False)


def test_several_values_in_an_event_and_other_summaries_between(tmp_path):
    # As TensorFlow 1 merges summaries, with a histogram once in a while.
    events = []
    for step in range(300):
        values = [simple_value("lr", 1e-3), simple_value("train/loss", 1 / (step + 1))]
        if step % 7 == 0:
            values.insert(1, histogram("weights", step))
        summary = summary_pb2.Summary(value=values)
        events.append(event_pb2.Event(wall_time=step, step=step, summary=summary))
    path = write_events(tmp_path, events)

    found = points_of(read_scalar_file(str(path), TAGS))

    assert [step for step, _, _ in found["lr"]] == list(range(300))
    assert found["train/loss"][7] == (7, 7.0, float(np.float32(1 / 8)))


def histogram(tag, step):
    return Value(
        tag=tag,
        metadata=histogram_metadata.create_summary_metadata(tag, ""),
        tensor=tensor_util.make_tensor_proto(np.full((30, 3), step, np.float64)),
    )


def test_tags_of_equal_length_are_told_apart(tmp_path):
    tags = [f"loss_{i:02d}" for i in range(40)]
    path = write_scalars(
        tmp_path,
        [(step, {t: step + i / 64 for i, t in enumerate(tags)}) for step in range(30)],
    )

    file = read_scalar_file(str(path), frozenset(tags[5:7]))

    expected = load_scalars(path)
    assert_same(points_of(file), {tag: expected[tag] for tag in tags[5:7]})


def test_a_growing_file_is_read_on_from_where_it_ended(tmp_path):
    whole = write_scalars(tmp_path, rows(60)).read_bytes()
    path, file = tmp_path / "grows", None

    for end in [*range(0, len(whole), 977), len(whole)]:
        path.write_bytes(whole[:end])
        known, file = file, read_scalar_file(str(path), TAGS, file)
        if known is not None:
            assert file.num_bytes >= known.num_bytes

    expected = load_scalars(path)
    del expected["other"]
    assert_same(points_of(file), expected)


def test_another_file_of_the_same_name_is_read_anew(tmp_path):
    path = write_scalars(tmp_path / "a", rows(60))
    file = read_scalar_file(str(path), TAGS)
    write_scalars(tmp_path / "b", [(3, {"lr": 0.5})]).replace(path)

    assert points_of(read_scalar_file(str(path), TAGS, file)).keys() == {"lr"}


def test_more_tags_are_read_from_the_beginning(tmp_path):
    path = write_scalars(tmp_path, rows(60))
    file = read_scalar_file(str(path), TAGS)

    assert (
        len(read_scalar_file(str(path), TAGS | {"other"}, file).points["other"]) == 60
    )


@pytest.mark.slow
def test_a_damaged_record_is_left_out_and_counted(tmp_path):
    path = write_scalars(tmp_path, rows())
    expected = load_scalars(path)
    data = bytearray(path.read_bytes())
    random.seed(1)
    damaged = set()
    for _ in range(5):
        i = random.choice(range(100, 300))
        (start,) = find_records(data, b"train/loss")[i : i + 1]
        # The last byte of the value.
        data[start[1] - 1] ^= 0x40
        damaged.add(i)
    path.write_bytes(data)

    file = read_scalar_file(str(path), TAGS)

    assert file.num_damaged == len(damaged)
    left = [p for i, p in enumerate(expected["train/loss"]) if i not in damaged]
    assert_same(
        points_of(file)["train/loss"] and {"x": points_of(file)["train/loss"]},
        {"x": left},
    )
    assert len(points_of(file)["train/lr"]) == 400


def test_behind_a_damaged_length_nothing_is_read(tmp_path):
    path = write_scalars(tmp_path, rows())
    data = bytearray(path.read_bytes())
    begin, _ = find_records(data, b"train/loss")[100]
    for place in (begin - 12, begin - 3):
        damaged = bytearray(data)
        damaged[place] ^= 0x04
        path.write_bytes(damaged)

        file = read_scalar_file(str(path), TAGS)

        assert file.is_lost
        assert file.num_bytes == begin - 12
        assert len(file.points["train/loss"]) == 100


@pytest.mark.slow
def test_no_damage_gives_a_wrong_point(tmp_path):
    whole = write_scalars(tmp_path / "a", rows(60), make=tensor_value).read_bytes()
    path = tmp_path / "damaged"
    path.write_bytes(whole)
    written = {
        tag: set(map(str, points))
        for tag, points in points_of(read_scalar_file(str(path), TAGS)).items()
    }
    generator = random.Random(0)
    num_points = 0
    for _ in range(200):
        data = bytearray(whole)
        begin = generator.randrange(len(data))
        length = generator.choice([1, 1, 4, 30])
        data[begin : begin + length] = generator.randbytes(length)
        path.write_bytes(data)

        for tag, points in points_of(read_scalar_file(str(path), TAGS)).items():
            assert set(map(str, points)) <= written[tag]
            num_points += len(points)
    # Most points are read nevertheless.
    assert num_points > 200 * 50


def find_records(data, tag):
    """Walks a file by hand: begin and end of each event with a tag."""
    found, i = [], 0
    while i < len(data):
        length = int.from_bytes(data[i : i + 8], "little")
        begin = i + 12
        if tag in data[begin : begin + length]:
            found.append((begin, begin + length))
        i = begin + length + 4
    return found


@pytest.mark.parametrize("seed", range(3))
def test_records_are_found_whether_their_lengths_repeat_or_not(seed):
    random.seed(seed)
    lengths = [random.choice([30, 40, 50]) for _ in range(500)]
    lengths += [31, 47, 52] * 3000
    lengths += [random.choice([30, 40, 50]) for _ in range(9000)]
    lengths += [33] * 5000 + [34] * 7
    data = b"".join(
        n.to_bytes(8, "little") + bytes(4) + bytes(n) + bytes(4) for n in lengths
    )

    split = split_records.split_records(data + bytes(11))

    assert split.lengths.tolist() == lengths
    ends = itertools.accumulate(n + FRAME_BYTES for n in lengths)
    assert split.starts.tolist() == [
        end - 4 - n for end, n in zip(ends, lengths, strict=True)
    ]
    assert (split.end, split.is_lost) == (len(data), False)
