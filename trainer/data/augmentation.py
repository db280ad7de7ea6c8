"""Random changes of images during training, which follow from a seed alone.

So a resumed run sees the same images as one that was never interrupted.
"""

from collections.abc import Collection

import tensorflow as tf

from trainer.settings.data import AUGMENTATIONS

# How far images change: enough to matter, so little that a digit stays the same digit.
_ROTATION_RADIANS = 0.26  # 15 degrees
_ZOOM = 0.15
_SHIFT = 0.1
_BRIGHTNESS = 0.2
_CONTRAST = 0.2

_GEOMETRIC = ("flip", "flip_vertical", "rotate", "shift", "zoom")


def augment_images(
    images: tf.Tensor, kinds: Collection[str], seed: tf.Tensor
) -> tf.Tensor:
    """Changes each image of a batch by itself.

    All geometric changes are one resampling, so that images are blurred only once.

    Args:
        images: float32 `[n, height, width, channels]`, from 0 to 1.
        kinds: Some of `AUGMENTATIONS`.
        seed: int32 `[2]`.
    """
    shape = tf.shape(images)
    # One draw for each kind, also for those that are not asked for: so adding a kind
    # does not change the others.
    drawn = dict(
        zip(
            ("flip", "flip_vertical", "rotate", "zoom", "down", "right", *_TONES),
            tf.unstack(
                tf.random.stateless_uniform(
                    [6 + len(_TONES), shape[0]], seed, minval=-1.0, maxval=1.0
                )
            ),
            strict=True,
        )
    )
    if any(kind in _GEOMETRIC for kind in kinds):
        images = _transform(images, kinds, drawn)
    if "contrast" in kinds:
        factor = _per_image(1 + _CONTRAST * drawn["contrast"])
        mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
        images = (images - mean) * factor + mean
    if "brightness" in kinds:
        images += _per_image(_BRIGHTNESS * drawn["brightness"])
    return tf.clip_by_value(images, 0.0, 1.0)


_TONES = ("brightness", "contrast")
assert {*_GEOMETRIC, *_TONES} == set(AUGMENTATIONS)


def _transform(
    images: tf.Tensor, kinds: Collection[str], drawn: dict[str, tf.Tensor]
) -> tf.Tensor:
    height, width = (tf.cast(tf.shape(images)[i], tf.float32) for i in (1, 2))
    one, zero = tf.ones_like(drawn["flip"]), tf.zeros_like(drawn["flip"])
    flip = tf.sign(drawn["flip"]) if "flip" in kinds else one
    upside = tf.sign(drawn["flip_vertical"]) if "flip_vertical" in kinds else one
    angle = _ROTATION_RADIANS * drawn["rotate"] if "rotate" in kinds else zero
    scale = 1 + _ZOOM * drawn["zoom"] if "zoom" in kinds else one
    right = _SHIFT * width * drawn["right"] if "shift" in kinds else zero
    down = _SHIFT * height * drawn["down"] if "shift" in kinds else zero
    cos, sin = scale * tf.cos(angle), scale * tf.sin(angle)
    # Maps the place of a pixel to the place that its value comes from, both measured
    # from the middle of the image.
    a, b, c, d = cos * flip, -sin * upside, sin * flip, cos * upside
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    transforms = tf.stack(
        [
            *(a, b, middle_x - a * middle_x - b * middle_y - right),
            *(c, d, middle_y - c * middle_x - d * middle_y - down),
            *(zero, zero),
        ],
        axis=1,
    )
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )


def _per_image(values: tf.Tensor) -> tf.Tensor:
    return values[:, tf.newaxis, tf.newaxis, tf.newaxis]
