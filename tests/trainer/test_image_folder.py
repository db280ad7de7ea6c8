import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from image_folders import write_corrupt, write_images
from PIL import Image

from trainer.data.images import find_images, read_image
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
    found = read_folder(str(folder), ORIGIN)
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
    found = read_folder(str(folder), ORIGIN)
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
    assert data.lines[2] == "Images of 6 x 4 to 9 x 5 pixels, resized to 64 x 64."
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
            "GIF, TIFF) for each class. Received: no image. For example "
            "photos/cats/1.jpg.",
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
        read_folder(str(tmp_path), ORIGIN)
    assert message in str(error.value)


def test_class_that_train_does_not_have_is_left_out_and_said(tmp_path):
    write_images(tmp_path / "train", ["cats", "dogs"], 2)
    write_images(tmp_path / "val", ["cats", "bats"], 2)
    write_images(tmp_path / "test", ["unknown"], 3)
    write_images(tmp_path / "extra", ["cats"], 3)
    found = read_folder(str(tmp_path), ORIGIN)
    assert {part: len(paths) for part, paths in found.paths.items()} == {
        "train": 4,
        "val": 2,
    }
    assert found.notes == (
        "Left out: extra, beside train, val, test.",
        "Left out: 2 images of bats in val, classes that train does not have.",
        "Left out: 3 images of unknown in test, classes that train does not have.",
        "Left out: test, without an image of a class of train.",
    )


def test_folder_around_the_classes_is_passed_through(tmp_path):
    write_images(tmp_path / "photos" / "photos", ["cats", "dogs"], 2)
    (tmp_path / "__MACOSX").mkdir()
    found = read_folder(str(tmp_path), ORIGIN)
    assert found.class_names == ("cats", "dogs")
    assert found.notes == (
        f"The folders of classes are those in {tmp_path}/photos/photos.",
    )


def test_images_are_known_by_content_where_their_names_do_not_tell(tmp_path):
    folder = write_images(tmp_path, ["cats", "dogs"], 3)
    (folder / "cats" / "0.png").rename(folder / "cats" / "0")
    (folder / "cats" / "1.png").rename(folder / "cats" / "1.dat")
    (folder / "cats" / "2.png").rename(folder / "cats" / "2.jfif")
    (folder / "dogs" / "notes.txt").write_text("no image")
    (folder / "dogs" / "list").write_text("no image")
    (folder / "fox").mkdir()
    keras.utils.save_img(folder / "cover.png", np.zeros((4, 4, 3)), scale=False)
    found = read_folder(str(folder), ORIGIN)
    assert len(found.paths["train"]) == 6
    assert found.notes == (
        f"Left out: 1 images in {tmp_path.name} itself, beside the folders of the "
        "classes.",
        "No image in: fox.",
        "Left out: files that are no images: 1 without a suffix, 1 .txt.",
    )


def test_each_file_is_looked_at_once(tmp_path, monkeypatch):
    folder = write_images(tmp_path, ["cats", "dogs"], 2)
    (folder / "cats" / "1.png").rename(folder / "cats" / "without")
    (folder / "dogs" / "notes.txt").write_text("no image")
    looked_at = []

    def look(path):
        looked_at.append(os.path.basename(path))
        return read_image.image_shape(path)

    monkeypatch.setattr(find_images, "image_shape", look)
    assert len(read_folder(str(folder), ORIGIN).paths["train"]) == 4
    assert sorted(looked_at) == ["0.png", "0.png", "1.png", "notes.txt", "without"]


def test_hidden_folders_and_pipes_are_no_images(tmp_path):
    folder = write_images(tmp_path, ["cats", "dogs"], 2)
    (folder / "cats" / ".ipynb_checkpoints").mkdir()
    copy = folder / "cats" / ".ipynb_checkpoints" / "0-checkpoint.png"
    copy.write_bytes((folder / "cats" / "0.png").read_bytes())
    os.mkfifo(folder / "dogs" / "stream.jpg")
    (folder / "dogs" / "gone.png").symlink_to(folder / "nowhere.png")
    found = read_folder(str(folder), ORIGIN)
    assert len(found.paths["train"]) == 4
    assert found.notes == (f"Left out: {folder}/dogs/stream.jpg, which are no files.",)


def test_name_in_another_encoding_is_read_like_the_others(tmp_path):
    folder = write_images(tmp_path, ["cats", "dogs"], 2)
    raw = os.fsencode(folder)
    os.rename(raw + b"/cats/0.png", raw + b"/cats/\xff\xfe.png")
    for cache in (True, False):
        config = Config(dataset=str(folder), cache_images=cache, validation_split=0.0)
        x, _ = load_data(config).train.gather(tf.range(4))
        assert x.shape == (4, 6, 5, 3)
    os.truncate(raw + b"/cats/\xff\xfe.png", 50)
    with pytest.raises(ConfigError, match=r"cannot: \S+/cats/\\xff\\xfe\.png"):
        load_data(Config(dataset=str(folder)))


def test_corrupt_image_is_named_and_skipped_on_request_only(tmp_path):
    folder = write_images(tmp_path, ["cats", "dogs"], 5)
    write_corrupt(folder / "dogs" / "torn.png")
    config = Config(dataset=str(folder))
    with pytest.raises(ConfigError) as error:
        load_data(config)
    assert str(error.value).startswith(
        f"`--dataset={folder}` must hold images that can be read (PNG, JPEG, WebP, "
        f"BMP, GIF, TIFF). Received: 1 of 11 that cannot: {folder}/dogs/torn.png. "
        "Replace them, or add --skip_corrupt_images to leave them out."
    )
    data = load_data(Config(dataset=str(folder), skip_corrupt_images=True))
    assert data.train.num_examples + data.validation.num_examples == 10
    assert data.lines[2:] == (
        "Images of 6 x 5 pixels.",
        f"Left out: 1 that cannot be read: {folder}/dogs/torn.png.",
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


def test_palettes_and_other_formats_are_read(tmp_path):
    folder = write_images(tmp_path, ["cats", "dogs"], 2)
    with Image.open(folder / "cats" / "0.png") as image:
        image.quantize(256).save(folder / "cats" / "indexed.bmp")
        image.save(folder / "cats" / "scan.tif")
    config = Config(dataset=str(folder), validation_split=0.0)
    x, _ = load_data(config).train.gather(tf.range(4))
    # Sorted: 0.png, 1.png, indexed.bmp, scan.tif.
    np.testing.assert_array_equal(x[3], x[0])
    np.testing.assert_allclose(x[2], x[0], atol=0.02)


def test_palette_with_transparency_has_its_colours(tmp_path):
    red = Image.new("RGBA", (8, 8), (250, 0, 0, 255))
    red.putpixel((0, 0), (250, 0, 0, 0))
    red.quantize(4).save(tmp_path / "red.png")
    with Image.open(tmp_path / "red.png") as image:
        assert "transparency" in image.info
    # Warnings are errors here.
    pixels = read_image.read_image(str(tmp_path / "red.png"), (8, 8), 3)
    np.testing.assert_allclose(pixels[4, 4], [250, 0, 0], atol=2)


def test_images_beside_each_other_are_refused_with_their_number(tmp_path):
    for i in range(3):
        Image.new("RGB", (8, 8)).save(tmp_path / f"cat.{i}.png")
    with pytest.raises(ConfigError, match=r"Received: 3 images in \S+ itself\. For ex"):
        read_folder(str(tmp_path), ORIGIN)


def test_format_that_is_not_read_is_named_instead_of_passed_over(tmp_path):
    folder = write_images(tmp_path, ["cats", "dogs"], 2)
    (folder / "cats" / "drawing.svg").write_text("<svg/>")
    config = Config(dataset=str(folder))
    with pytest.raises(ConfigError, match=r"1 of 5 that cannot: \S+/drawing.svg\."):
        load_data(config)


def test_images_are_put_upright(tmp_path):
    sideways = Image.Exif()
    sideways[0x0112] = 6
    image = Image.new("L", (40, 20))
    image.paste(255, (0, 0, 20, 20))
    for name in "ab":
        (tmp_path / name).mkdir()
        image.save(tmp_path / name / "0.png", exif=sideways)
    found = read_folder(str(tmp_path), ORIGIN)
    assert found.sizes.tolist() == [[40, 20]] * 2
    data = load_data(Config(dataset=str(tmp_path), validation_split=0.0))
    # What was stored left, white, is above.
    np.testing.assert_array_equal(data.train.x[0, :20], 1)
    np.testing.assert_array_equal(data.train.x[0, 20:], 0)


def test_sixteen_bits_keep_their_greys(tmp_path):
    grey = (np.arange(12, dtype=np.uint16) * 257 * 20).reshape(3, 4)
    for name in "ab":
        (tmp_path / name).mkdir()
        Image.fromarray(grey).save(tmp_path / name / "0.png")
    data = load_data(Config(dataset=str(tmp_path), validation_split=0.0))
    np.testing.assert_allclose(data.train.x[0, ..., 0] * 65535, grey, rtol=1e-5)


def test_a_link_that_leads_back_repeats_no_image(tmp_path):
    folder = write_images(tmp_path / "photos", ["cats", "dogs"], 2)
    more = write_images(tmp_path / "elsewhere", ["cats"], 3)
    (folder / "cats" / "again").symlink_to(folder / "cats")
    (folder / "cats" / "more").symlink_to(more / "cats")
    found = read_folder(str(folder), ORIGIN)
    assert found.labels["train"].tolist() == [0] * 5 + [1] * 2
