import keras
import numpy as np
import pytest
import tensorflow as tf
from image_folders import write_corrupt, write_images
from PIL import Image

from trainer.data.images.image_folder import read_folder
from trainer.data.loading import load_data
from trainer.data.origin import Origin
from trainer.errors import ConfigError
from trainer.settings.config import Config

LOSSLESS = {"webp": {"lossless": True}}
ORIGIN = Origin("--dataset=photos", "For example photos/cats/1.jpg.")


def test_folders_are_classes_and_files_are_sorted(tmp_path):
    folder = write_images(tmp_path / "photos", ["dogs", "cats"], 3)
    (folder / "cats" / "more").mkdir()
    (folder / "cats" / "notes.txt").write_text("no image")
    (folder / "cats" / "0.png").rename(folder / "cats" / "more" / "0.png")
    found = read_folder(str(folder), ORIGIN, skip_corrupt=False)
    assert found.class_names == ("cats", "dogs")
    names = [path.removeprefix(str(folder)) for path in found.paths["train"]]
    assert names == [
        *("/cats/1.png", "/cats/2.png", "/cats/more/0.png"),
        *("/dogs/0.png", "/dogs/1.png", "/dogs/2.png"),
    ]
    np.testing.assert_array_equal(found.labels["train"], [0, 0, 0, 1, 1, 1])
    assert found.sizes.tolist() == [[6, 5]] * 6
    assert found.channels == 3


def test_parts_are_folders_too(tmp_path):
    for part, count in (("train", 4), ("validation", 2), ("test", 1)):
        write_images(tmp_path / part, ["a", "b", "c"], count)
    data = load_data(Config(dataset=str(tmp_path)))
    parts = (data.train, data.validation, data.test)
    assert [part.num_examples for part in parts] == [12, 6, 3]
    assert data.target.class_names == ("a", "b", "c")


def test_a_class_may_be_called_train(tmp_path):
    folder = write_images(tmp_path, ["plane", "train"], 2)
    found = read_folder(str(folder), ORIGIN, skip_corrupt=False)
    assert found.class_names == ("plane", "train")


def test_grey_images_have_one_channel(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        image = np.arange(12).reshape(3, 4, 1)
        keras.utils.save_img(tmp_path / name / "0.png", image, scale=False)
    data = load_data(Config(dataset=str(tmp_path), validation_split=0.0))
    assert data.example_shape == (3, 4, 1)
    np.testing.assert_allclose(data.train.x[0], np.arange(12).reshape(3, 4, 1) / 255)


def test_images_of_many_sizes_become_one(tmp_path):
    write_images(tmp_path, ["a"], 2, size=(6, 5))
    write_images(tmp_path, ["b"], 2, size=(9, 4))
    data = load_data(Config(dataset=str(tmp_path), validation_split=0.0))
    assert data.example_shape == (64, 64, 3)
    assert data.lines[1] == "Images of 6 x 4 to 9 x 5 pixels, resized to 64 x 64."
    asked = Config(dataset=str(tmp_path), validation_split=0.0, image_size=(7, 8))
    assert load_data(asked).example_shape == (7, 8, 3)


def test_images_on_disk_are_those_in_memory(tmp_path):
    folder = write_images(tmp_path, ["a", "b"], 5, size=(9, 9))
    settings = {"dataset": str(folder), "image_size": (4, 6), "validation_split": 0.4}
    cached = load_data(Config(**settings)).train
    streamed = load_data(Config(**settings, cache_images=False)).train
    assert type(cached) is not type(streamed)
    indices = np.array([5, 0, 3])
    for one, other in zip(
        cached.gather(indices), streamed.gather(indices), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (
            [],
            "`--dataset=photos` must hold one folder of images (PNG, JPEG, WebP, BMP, "
            "GIF) for each class. Received: no image. For example photos/cats/1.jpg.",
        ),
        (
            ["cats"],
            "must hold images of two classes at least, one folder each. Received: 2 "
            "images of cats alone.",
        ),
    ],
)
def test_empty_folder_and_one_class_are_refused(tmp_path, classes, message):
    write_images(tmp_path, classes, 2)
    with pytest.raises(ConfigError) as error:
        read_folder(str(tmp_path), ORIGIN, skip_corrupt=False)
    assert message in str(error.value)


def test_part_with_another_class_is_refused(tmp_path):
    write_images(tmp_path / "train", ["cats", "dogs"], 2)
    write_images(tmp_path / "test", ["cats", "bats"], 2)
    with pytest.raises(ConfigError) as error:
        read_folder(str(tmp_path), ORIGIN, skip_corrupt=False)
    assert (
        "must hold the same classes in all its parts. Received: bats in test, which "
        "train does not have." in str(error.value)
    )


def test_corrupt_image_is_named_and_skipped_on_request_only(tmp_path):
    folder = write_images(tmp_path, ["cats", "dogs"], 5)
    write_corrupt(folder / "dogs" / "torn.png")
    config = Config(dataset=str(folder))
    with pytest.raises(ConfigError) as error:
        load_data(config)
    assert str(error.value).startswith(
        f"`--dataset={folder}` must hold images that can be read (PNG, JPEG, WebP, "
        f"BMP, GIF). Received: 1 of 11 that cannot: {folder}/dogs/torn.png. Replace "
        "them, or add --skip_corrupt_images to leave them out."
    )
    data = load_data(Config(dataset=str(folder), skip_corrupt_images=True))
    assert data.train.num_examples + data.validation.num_examples == 10
    assert (
        data.lines[1] == "Images of 6 x 5 pixels; 1 that cannot be read are left out."
    )


@pytest.mark.parametrize("suffix", ["bmp", "webp"])
def test_other_formats_hold_the_image_that_they_were_given(tmp_path, suffix):
    grey = np.random.default_rng(0).integers(0, 256, (4, 6, 5), np.uint8)
    for i, image in enumerate(grey):
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        path = tmp_path / "ab"[i % 2] / f"{i}.{suffix}"
        Image.fromarray(image).save(path, **LOSSLESS.get(suffix, {}))
    for cache in (True, False):
        config = Config(dataset=str(tmp_path), validation_split=0, cache_images=cache)
        x, _ = load_data(config).train.gather(tf.range(4))
        # Files are sorted: 0 and 2 of class a come before 1 and 3 of class b. WebP
        # has three channels in any case.
        np.testing.assert_array_equal(np.round(x[..., 0] * 255), grey[[0, 2, 1, 3]])


def test_bmp_with_a_palette_is_named_instead_of_read_as_greys(tmp_path):
    folder = write_images(tmp_path, ["cats", "dogs"], 2)
    with Image.open(folder / "cats" / "0.png") as image:
        image.quantize(16).save(folder / "cats" / "indexed.bmp")
        image.save(folder / "cats" / "colours.bmp")
    with pytest.raises(ConfigError) as error:
        read_folder(str(folder), ORIGIN, skip_corrupt=False)
    assert (
        f"Received: 1 of 6 that cannot: {folder}/cats/indexed.bmp. Replace them (a BMP "
        "with a palette: save it as PNG), or add" in str(error.value)
    )


def test_image_of_another_format_is_named_instead_of_passed_over(tmp_path):
    folder = write_images(tmp_path, ["cats", "dogs"], 2)
    (folder / "cats" / "notes.txt").write_text("no image")
    with Image.open(folder / "cats" / "0.png") as image:
        image.save(folder / "cats" / "scan.tif")
    with pytest.raises(ConfigError, match=r"1 of 5 that cannot: \S+/cats/scan.tif\."):
        read_folder(str(folder), ORIGIN, skip_corrupt=False)
    assert read_folder(str(folder), ORIGIN, skip_corrupt=True).num_skipped == 1


def test_a_link_that_leads_back_repeats_no_image(tmp_path):
    folder = write_images(tmp_path / "photos", ["cats", "dogs"], 2)
    more = write_images(tmp_path / "elsewhere", ["cats"], 3)
    (folder / "cats" / "again").symlink_to(folder / "cats")
    (folder / "cats" / "more").symlink_to(more / "cats")
    found = read_folder(str(folder), ORIGIN, skip_corrupt=False)
    assert found.labels["train"].tolist() == [0] * 5 + [1] * 2
