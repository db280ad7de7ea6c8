"""Flags of the model: which it is, and the weights that it begins with."""

import dataclasses
import pathlib

from trainer.errors import ConfigError
from trainer.nearest import nearest
from trainer.settings.durations import Duration
from trainer.settings.flag import flag
from trainer.settings.flag_types import Length, Number, Place, Switch
from trainer.settings.imported_function import is_function

MODELS = ("mlp", "cnn")
# Those of Keras, which is not imported here, for suggestions; newer ones work, too.
APPLICATIONS = (
    *(f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge")),
    *(f"DenseNet{depth}" for depth in (121, 169, 201)),
    *(f"EfficientNetB{number}" for number in range(8)),
    *(f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "S", "M", "L")),
    *("InceptionResNetV2", "InceptionV3"),
    *("MobileNet", "MobileNetV2", "MobileNetV3Large", "MobileNetV3Small"),
    *("NASNetLarge", "NASNetMobile"),
    *(f"ResNet{depth}{v}" for depth in (50, 101, 152) for v in ("", "V2")),
    *("VGG16", "VGG19", "Xception"),
)


@dataclasses.dataclass(frozen=True)
class ModelFlags:
    """The model, its weights, and which of its layers are trained when."""

    model: str = flag(
        "mlp",
        Place(),
        "mlp: one hidden layer. cnn: two convolutions with dropout, for images. A "
        "network of keras.applications, such as MobileNetV2, with a head for the "
        "data. A .keras file. module:function, which returns a model and may ask for "
        "input_shape, num_outputs and num_classes; one that is compiled keeps its "
        "loss, its metrics and, unless --optimizer is given, its optimizer.",
        searched="no",
        on_resume="fixed",
    )
    weights: str | None = flag(
        None,
        Place(),
        "What the model begins with. imagenet (downloaded by Keras; "
        "keras.applications only), none, an .h5 file of such a network without its "
        "top, or a .keras file of a model that differs in its last layer only. "
        "Default: imagenet for keras.applications, else none.",
        searched="no",
        on_resume="fixed",
    )
    freeze: bool = flag(
        False,
        Switch(),
        "Train the last layer alone; the others stay as --weights has them.",
        searched="no",
        on_resume="fixed",
    )
    unfreeze_after: Duration | None = flag(
        None,
        Length(),
        "A duration in epochs, such as 5ep, after which all layers are trained, with "
        "a fresh optimizer and the schedule anew over the rest of the run. Default: "
        "never.",
        searched="no",
        on_resume="fixed",
    )
    unfreeze_learning_rate: float | None = flag(
        None,
        Number(above=0),
        "The rate that the schedule starts from after --unfreeze_after. Default: a "
        "hundredth of --learning_rate.",
        searched="no",
        on_resume="free",
    )


def is_user_model(model: str) -> bool:
    """Tells whether --model names a model that the user builds or has saved."""
    return ":" in model or model.endswith(".keras")


def is_application(model: str) -> bool:
    """Tells whether --model is to be one of keras.applications, known or not."""
    return model not in MODELS and not is_user_model(model)


def check_model(flags: ModelFlags, *, epochs: int) -> None:
    """Refuses a model that does not exist, and flags that do not go with it.

    Raises:
        ConfigError: There is no such model, or the flags contradict each other.
    """
    _check_name(flags.model)
    _check_weights(flags.weights, model=flags.model)
    _check_unfreezing(flags, epochs=epochs)


def _check_name(name: str) -> None:
    if name.endswith(".keras"):
        if not pathlib.Path(name).is_file():
            raise ConfigError(
                "`--model` must be a .keras file that exists. Received: --model="
                f"{name}. Correct the path, or use a name such as --model=mlp."
            )
    # Only Keras, which is not imported here, knows the networks of keras.applications.
    # Their names begin with a capital.
    elif name not in MODELS and not name[:1].isupper() and not is_function(name):
        meant = nearest(name, [*MODELS, *APPLICATIONS])
        raise ConfigError(
            f"`--model` must be one of {', '.join(MODELS)}{meant}, a "
            "network of keras.applications such as MobileNetV2, a .keras file, or "
            f"module:function. Received: --model={name}. For example --model=mlp."
        )


def _check_weights(weights: str | None, *, model: str) -> None:
    if weights in (None, "none"):
        return
    is_network = is_application(model)
    if weights == "imagenet":
        if not is_network:
            raise ConfigError(
                "`--weights=imagenet` belongs to a network of keras.applications. "
                f"Received: --model={model}. Use --model=MobileNetV2, for example, or "
                "give --weights a .keras file."
            )
        return
    if not pathlib.Path(weights).is_file():
        raise ConfigError(
            "`--weights` must be imagenet, none or a file that exists. Received: "
            f"--weights={weights}. Correct the path."
        )
    is_known = weights.endswith(".keras") or (weights.endswith(".h5") and is_network)
    if not is_known:
        raise ConfigError(
            "`--weights` must be a .keras file"
            f"{', or an .h5 file of weights' if is_network else ''}. Received: "
            f"--weights={weights} --model={model}. Save the model with "
            "model.save('path.keras')."
        )


def _check_unfreezing(flags: ModelFlags, *, epochs: int) -> None:
    after = flags.unfreeze_after
    if after is None:
        if flags.unfreeze_learning_rate is not None:
            raise ConfigError(
                "`--unfreeze_learning_rate` belongs to --unfreeze_after. Received: no "
                "--unfreeze_after. Add it, such as --unfreeze_after=5ep."
            )
        return
    if not flags.freeze:
        raise ConfigError(
            "`--unfreeze_after` needs --freeze: otherwise nothing is frozen. Received: "
            f"--unfreeze_after={after} alone. Add --freeze or leave it out."
        )
    if after.unit != "ep" or after.value % 1 or not 1 <= after.value < epochs:
        raise ConfigError(
            "`--unfreeze_after` must be whole epochs, fewer than --epochs. Received: "
            f"--unfreeze_after={after} --epochs={epochs}. For example "
            "--unfreeze_after=1ep."
        )
