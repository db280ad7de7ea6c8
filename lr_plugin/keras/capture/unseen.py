"""Says, in the words of each backend, what of a training could not be seen."""

import keras

_LOSS = {
    "tensorflow": (
        "asks no `tf.GradientTape` for the gradient of one, and does not call "
        "`self.compute_loss` either"
    ),
    "jax": (
        "asks neither `jax.value_and_grad` nor `jax.grad`, by these names, for the "
        "gradient of one, and does not call `self._update_metrics_variables` either"
    ),
    "torch": "calls `backward` of none, and asks no `torch.autograd` for its gradient",
}
_APPLY = {
    "tensorflow": "`apply` or `apply_gradients`",
    "jax": "`stateless_apply`",
    "torch": "`apply` or `apply_gradients`",
}

_NNX = (
    "No iteration was recorded: with KERAS_NNX_ENABLED Keras compiles the step of the "
    "model's class, past what records it. Unset KERAS_NNX_ENABLED, or call "
    "`model.compile` with jit_compile=False."
)


def no_gradient() -> str:
    """Says what a training step does not do, so that its loss is not seen."""
    return _LOSS[keras.backend.backend()]


def apply_names() -> str:
    """Names the methods of an optimizer through which its updates are seen."""
    return _APPLY[keras.backend.backend()]


def loss_unseen() -> str:
    """Says why there is no loss."""
    return f"The loss was not recorded: this model's `train_step` {no_gradient()}."


def rate_unseen() -> str:
    """Says why there is no rate."""
    return (
        "The rate was not recorded: it is a function, which would have to be called "
        "once more to know what it gave."
    )


def update_unseen() -> str:
    """Says why there is no row."""
    # Keras 3.12 has no such function for its users.
    if getattr(keras.config, "is_nnx_enabled", bool)():
        return _NNX
    return (
        "No iteration was recorded: this model's `train_step` does not call "
        f"{apply_names()} of an optimizer that the model holds, through which the rate "
        "is seen, or calls it in a function that was traced before."
    )
