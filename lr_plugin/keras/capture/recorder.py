"""Captures every iteration of a model's training inside its compiled step."""

import threading
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from lr_plugin import schema
from lr_plugin.keras.capture import optimizer_state, replicas
from lr_plugin.keras.capture.layer_sampler import LayerSampler
from lr_plugin.keras.capture.ring import Drain, Ring, Rows

_EVERY_ITERATIONS = 256
_EVERY_SECS = 1.0
_MIN_CAPACITY = 1024


class Recorder:
    """Records a model's iterations through a ring buffer on the device.

    While attached, the optimizer's `scale_loss` and `apply` and the model's
    `compute_loss` also note what passes through them: the batch's loss, and the rate
    that the update is about to use. The notes become a few more operations of the
    compiled step, which write one row into a `tf.Variable`; the host reads it every few
    hundred iterations and every second. Nothing is computed again on the host.

    Attaching and detaching make Keras trace the training step anew; detaching leaves
    the model and the optimizer as they were. An exception in the step detaches too,
    because no callback hears of it.

    Attributes:
        drain: A `Drain`; calling it hands over the rows that are new, from any thread
            and also while the model trains.
        is_attached: Whether training is recorded.
        sees_loss: Whether the training step has a loss that can be seen.
        num_calls: How often the train function was called.

    Example:

    ```python
    losses = []
    with Recorder(model, on_rows=lambda rows: losses.extend(rows["loss"])):
        model.fit(x, y)
    ```
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        on_rows: Callable[[Rows], None],
        gradient_norm: bool = False,
        layer_sampler: LayerSampler | None = None,
        every_iterations: int = _EVERY_ITERATIONS,
        steps_before: int = 0,
    ):
        """Prepares to record; `attach` begins.

        Args:
            on_rows: Takes the new rows, arrays of shape [num_rows] by column: `step`
                as int64, the others as float64. Without `loss` where the training step
                computes none that can be seen, without `applied` where every update is
                applied. Called on the thread that trains or calls `drain`.
            gradient_norm: Whether to record the norm of all gradients before clipping.
                With several replicas this costs one more sum of all gradients.
            layer_sampler: Samples the layers in some of the iterations.
            every_iterations: How many iterations may pass before rows are handed over.
            steps_before: What is added to the optimizer's iterations, where another
                optimizer has trained before.

        Raises:
            ValueError: The model is not compiled.
        """
        if not model.compiled or model.optimizer is None:
            raise ValueError(
                "A model must be compiled before its training can be recorded. "
                f"Received: a model named {model.name!r} that is not. "
                "Call model.compile() first."
            )
        self._model = model
        self._optimizer = model.optimizer
        self._gradient_norm = gradient_norm
        self._sampler = layer_sampler
        self._steps_before = steps_before
        self._every_calls = max(1, every_iterations // model.steps_per_execution)
        self._originals: dict[str, Callable[..., Any]] = {}
        self._displaced: list[tuple[dict[str, Any], str, Any]] = []
        self._step_state = threading.local()
        self._is_sampling = False
        self._capacity = max(_MIN_CAPACITY, 4 * model.steps_per_execution)
        # The first rows are handed over at once, so that it shows when there are none.
        self._calls_until_drain = 1
        self.drain = Drain(on_rows)
        self.is_attached = False
        self.sees_loss = True
        self.num_calls = 0

    def __enter__(self) -> "Recorder":
        self.attach()
        return self

    def __exit__(self, *exception: object) -> None:
        self.detach()

    def attach(self) -> None:
        """Begins to record."""
        self._hook(self._model, "compute_loss", self._compute_loss)
        self._hook(self._optimizer, "scale_loss", self._scale_loss)
        self._hook(self._optimizer, "apply", self._apply)
        plain_step = self._make_step()
        sampling_step = self._make_step()
        self._model.train_function = self._recording(plain_step, sampling_step)
        self.is_attached = True

    def detach(self) -> None:
        """Hands over the last rows and restores the model and the optimizer."""
        if not self.is_attached:
            return
        self.is_attached = False
        for attributes, name, displaced in reversed(self._displaced):
            if displaced is None:
                attributes.pop(name, None)
            else:
                attributes[name] = displaced
        self._displaced.clear()
        self._originals.clear()
        self._model.train_function = None
        self.drain()

    def _hook(self, target: object, name: str, hook: Callable[..., Any]) -> None:
        # Into the instance's dictionary, past Keras' tracking of attributes.
        attributes = vars(target)
        self._originals[name] = getattr(target, name)
        self._displaced.append((attributes, name, attributes.get(name)))
        attributes[name] = hook

    def _make_step(self) -> Callable[[Any], Any]:
        self._model.make_train_function(force=True)
        return self._model.train_function

    def _recording(
        self, plain_step: Callable[[Any], Any], sampling_step: Callable[[Any], Any]
    ) -> Callable[[Any], Any]:
        """Makes the train function that Keras calls while this is attached.

        Samples of layers need more operations than the plain step has; they are traced
        into a step of their own, so that all other iterations do not carry them.
        """
        steps_per_call = self._model.steps_per_execution
        sampler = self._sampler

        def train_function(iterator: Any) -> Any:
            num_iterations = self.num_calls * steps_per_call
            try:
                if sampler is not None and sampler.is_due(num_iterations):
                    self._is_sampling = True
                    logs = sampling_step(iterator)
                    sampler.hand_over(num_iterations + steps_per_call)
                else:
                    self._is_sampling = False
                    logs = plain_step(iterator)
                self._count_call()
                return logs
            except (StopIteration, tf.errors.OutOfRangeError):
                # The end of the data, which Keras expects.
                raise
            except BaseException:
                self.detach()
                raise

        return train_function

    def _count_call(self) -> None:
        self.num_calls += 1
        self._calls_until_drain -= 1
        if self._calls_until_drain <= 0 or self.drain.is_due(_EVERY_SECS):
            self.drain()
            self._calls_until_drain = self._every_calls

    # The rest runs inside the training step while that is traced, or in every
    # iteration where it runs eagerly. Each replica has a thread of its own then.

    def _compute_loss(self, *args: Any, **kwargs: Any) -> Any:
        loss = self._originals["compute_loss"](*args, **kwargs)
        self._step_state.computed_loss = loss
        return loss

    def _scale_loss(self, loss: Any) -> Any:
        self._step_state.loss = loss
        return self._originals["scale_loss"](loss)

    def _apply(self, grads: Any, trainable_variables: Any = None) -> None:
        optimizer = self._optimizer
        grads = list(grads)
        if trainable_variables is not None:
            trainable_variables = list(trainable_variables)
        cells = {
            schema.STEP: optimizer_state.read_position(optimizer) + self._steps_before,
            **optimizer_state.read_rates(optimizer),
        }
        loss = self._take_loss()
        self.sees_loss = loss is not None
        if loss is not None:
            cells[schema.LOSS] = loss
        step_size = optimizer_state.read_step_size(
            optimizer, cells[schema.LEARNING_RATE]
        )
        if step_size is not None:
            cells[schema.STEP_SIZE] = step_size
        if self._gradient_norm:
            cells[schema.GRADIENT_NORM] = self._read_gradient_norm(grads)
        momentum = optimizer_state.read_momentum(optimizer)
        if momentum is not None:
            cells[schema.MOMENTUM] = momentum
        num_updates = optimizer_state.read_num_updates(optimizer)
        sample = (
            self._sampler.begin_sample(
                optimizer, self._model.trainable_variables, cells
            )
            if self._is_sampling and self._sampler is not None
            else None
        )

        self._originals["apply"](grads, trainable_variables)

        if optimizer_state.may_skip_updates(optimizer):
            cells[schema.APPLIED] = (
                optimizer_state.read_num_updates(optimizer) - num_updates
            )
        if replicas.is_first_replica():
            self._ring_of(tuple(cells)).append(cells)
            if sample is not None:
                sample.end(cells.get(schema.APPLIED))

    def _take_loss(self) -> tf.Tensor | None:
        """Returns the loss of the global batch, before loss scaling, if it was seen.

        A custom `train_step` that forgets `scale_loss` has usually called
        `compute_loss`.
        """
        state = self._step_state
        loss = getattr(state, "loss", None)
        if loss is None:
            loss = getattr(state, "computed_loss", None)
        state.loss = state.computed_loss = None
        if loss is None or not _is_reachable(loss):
            return None
        loss = tf.reduce_mean(tf.cast(loss, tf.float64))
        return replicas.sum_over_replicas(loss)

    def _read_gradient_norm(self, grads: list[Any]) -> tf.Tensor:
        scale = self._originals["scale_loss"](tf.constant(1.0))
        grads = [tf.convert_to_tensor(g) for g in grads if g is not None]
        grads = [replicas.sum_over_replicas(g) for g in grads]
        norm = tf.linalg.global_norm([tf.cast(g, tf.float32) for g in grads])
        return norm / tf.cast(scale, tf.float32)

    def _ring_of(self, columns: tuple[str, ...]) -> Ring:
        if self.drain.ring is None:
            self.drain.ring = replicas.create_outside_strategy(
                lambda: Ring(columns, self._capacity)
            )
        return self.drain.ring


def _is_reachable(tensor: Any) -> bool:
    """Tells whether a tensor that was noted earlier belongs to this step's graph."""
    if isinstance(tensor, tf.__internal__.EagerTensor):
        return True
    graph = getattr(tensor, "graph", None)
    return not tf.executing_eagerly() and graph is tf.compat.v1.get_default_graph()
