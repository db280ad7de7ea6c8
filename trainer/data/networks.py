"""What keras.applications offers, and the size of images that each was made for."""

import keras

# The size that each was trained with, which only the text of Keras' documentation says.
_IMAGE_SIZES = {
    "InceptionV3": 299,
    "InceptionResNetV2": 299,
    "Xception": 299,
    "NASNetLarge": 331,
    "EfficientNetB1": 240,
    "EfficientNetB2": 260,
    "EfficientNetB3": 300,
    "EfficientNetB4": 380,
    "EfficientNetB5": 456,
    "EfficientNetB6": 528,
    "EfficientNetB7": 600,
    "EfficientNetV2B1": 240,
    "EfficientNetV2B2": 260,
    "EfficientNetV2B3": 300,
    "EfficientNetV2S": 384,
    "EfficientNetV2M": 480,
    "EfficientNetV2L": 480,
}
_MOST_IMAGE_SIZES = 224


def application_names() -> list[str]:
    """Lists the networks by name."""
    return sorted(
        name
        for name, value in vars(keras.applications).items()
        if callable(value) and name[0].isupper()
    )


def default_image_size(model: str) -> tuple[int, int] | None:
    """Looks up the height and width that a network was trained with; else None."""
    if model not in application_names():
        return None
    size = _IMAGE_SIZES.get(model, _MOST_IMAGE_SIZES)
    return size, size
