"""Checksums computed side by side are those that TensorBoard computes one by one."""

import random

import numpy as np
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from lr_plugin.checksums import masked_checksums, masked_checksums_alike


def test_records_of_any_lengths_have_the_checksums_of_tensorboard():
    generator = random.Random(0)
    lengths = [0, 1, 7, 63, 64, 65, 128, 1000, 8300, 8300]
    records = [generator.randbytes(length) for length in lengths]

    expected = [masked_crc32c(record) for record in records]

    assert masked_checksums(records).tolist() == expected
    assert [masked_checksums([record])[0] for record in records] == expected


def test_the_known_value_of_nine_digits():
    # The check value of CRC-32C is 0xE3069283, here turned by 15 bits and shifted.
    turned = (0xE3069283 >> 15 | 0xE3069283 << 17) & 0xFFFFFFFF

    assert masked_checksums([b"123456789"])[0] == (turned + 0xA282EAD8) & 0xFFFFFFFF


def test_no_records_have_no_checksums():
    assert masked_checksums([]).tolist() == []


def test_checksums_of_records_alike_are_those_of_each():
    generator = np.random.default_rng(3)
    for num_bytes in (5, 61, 300):
        records = np.tile(generator.integers(0, 256, num_bytes, np.uint8), (7, 1))
        varying = np.array([0, 2, num_bytes - 1])
        records[:, varying] = generator.integers(0, 256, (7, 3), np.uint8)

        found = masked_checksums_alike(records, varying)

        assert found.tolist() == [masked_crc32c(row.tobytes()) for row in records]
