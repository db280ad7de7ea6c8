"""Records every iteration of a model's training, for as long as it trains."""

import contextlib
import weakref
from collections.abc import Callable
from typing import Any

import keras

from lr_plugin import schema
from lr_plugin.keras.capture.backends import check_model, hooks_of
from lr_plugin.keras.capture.drain import Drain, Rows
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers
from lr_plugin.keras.guard import Guard
from lr_plugin.keras.lifetime import Lifetime

_EVERY_ITERATIONS = 256
_EVERY_SECS = 1.0


class Recorder:
    """Records a model's iterations through a ring buffer on the device.

    While attached, the training step also notes the batch's loss and the rates that its
    updates use. The notes become a few more operations of the compiled step, which
    write one row into a `tf.Variable`; the host reads it every few hundred iterations
    and every second. Nothing is computed again on the host.

    Keras makes and traces the step when and as often as without this. Detaching leaves
    the model and its optimizers as they were; a step that was traced meanwhile stays,
    as Keras keeps it, and the next recorder goes on with it.

    Inside of `fit` it ends with that `fit`, whatever ends it; an exception in a step
    ends it too.

    Attributes:
        guard: Holds notes on what could not be recorded.
        drain: A `Drain`; calling it hands over the rows that are new, from any thread
            and also while the model trains.
        is_attached: Whether training is recorded.
        num_calls: How often the train function was called.

    Example:

    ```python
    losses = []
    with Recorder(model, on_rows=lambda rows: losses.extend(rows["loss"])):
        model.fit(x, y)
    ```

    A loop by hand is recorded as well, where it asks a `tf.GradientTape` for gradients
    and an optimizer of the compiled model to apply them. A `tf.function` that does so
    must be traced while this is attached, so be called first then:

    ```python
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    with Recorder(model, on_rows=on_rows):
        for x, y in batches:
            with tf.GradientTape() as tape:
                loss = loss_of(model(x, training=True), y)
            gradients = tape.gradient(loss, model.trainable_variables)
            model.optimizer.apply(gradients, model.trainable_variables)
    ```
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        on_rows: Callable[[Rows], None],
        gradient_norm: bool = False,
        layer_sampler: Any | None = None,
        landscape_sampler: Any | None = None,
        every_iterations: int = _EVERY_ITERATIONS,
        steps_before: int = 0,
        guard: Guard | None = None,
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
            landscape_sampler: Samples the loss along the update in some of them.
            every_iterations: How many iterations may pass before rows are handed over.
            steps_before: What is added to the optimizer's iterations, where another
                optimizer has trained before.
            guard: Takes what fails, `on_rows` included; else that is raised.

        Raises:
            ValueError: The model is not compiled.
        """
        check_model("Recorder", model)
        if not find_optimizers(model):
            raise ValueError(
                "A model must be compiled before its training can be recorded. "
                f"Received: a model named {model.name!r} that is not. "
                "Call model.compile() first."
            )
        self.model = model
        self.gradient_norm = gradient_norm
        self.sampler = layer_sampler
        self.landscape_sampler = landscape_sampler
        self.guard = guard or Guard()
        self._is_guarded = guard is not None
        self._every_iterations = every_iterations
        self._hooks: Any = None
        # The first rows are handed over at once, so that it shows when there are none.
        self._iterations_until_drain = 1
        self.drain = Drain(on_rows)
        self.drain.steps_before = steps_before
        if not gradient_norm:
            # The step may have been traced for a recorder that wanted it.
            self.drain.left_out = (schema.GRADIENT_NORM,)
        self.lifetime = Lifetime()
        self.is_attached = False
        self.num_calls = 0

    def __enter__(self) -> "Recorder":
        self.attach()
        return self

    def __exit__(self, *exception: object) -> None:
        self.detach()

    @property
    def sees_loss(self) -> bool:
        """Whether the training step has a loss that can be seen."""
        return self._hooks is None or bool(self._hooks.sees_loss)

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one of several that writes; once attached."""
        return bool(self._hooks.is_chief)

    @property
    def notes(self) -> list[str]:
        """Sentences about what could not be recorded, and why."""
        return self.note_reader()()

    def note_reader(self) -> Callable[[], list[str]]:
        """Returns what reads the notes, also when nobody holds the model any more."""
        guard, hooks = self.guard, self._hooks

        def read() -> list[str]:
            of_step = [] if hooks is None else hooks.notes()
            return list(dict.fromkeys([*guard.notes, *of_step]))

        return read

    def attach(self) -> None:
        """Begins to record."""
        if self.is_attached:
            return
        self.begin_lifetime()
        self.is_attached = True
        self._hooks = hooks_of(self.model)
        self._hooks.add(self)

    def begin_lifetime(self) -> None:
        """Lets the recording end with the `fit` in which this is called."""
        self.lifetime = lifetime = Lifetime()
        recorder_ref = weakref.ref(self)

        def end() -> None:
            recorder = recorder_ref()
            # The training may have gone on in other hands since.
            if recorder is not None and recorder.lifetime is lifetime:
                recorder.detach()

        lifetime.when_over(end)

    def detach(self) -> None:
        """Hands over the last rows and restores the model and the optimizers."""
        if not self.is_attached:
            return
        self.is_attached = False
        if self._hooks is not None:
            self._hooks.discard(self)
        self.drain.end()

    # Called by the hooks.

    def kept(self, what: str) -> contextlib.AbstractContextManager[None]:
        """Keeps what fails in here away from the training, if that is wanted."""
        return self.guard.keep(what) if self._is_guarded else contextlib.nullcontext()

    def begin_ring(self, ring: Any, num_before: int) -> None:
        """Takes rows from a ring from now on."""
        self.drain.begin(ring, num_before)

    def before_call(self) -> None:
        """Prepares for a call of the train function."""
        if self.sampler is not None and self._records_steps():
            self.sampler.before_call(self.model, self._hooks.capture)

    def stepping(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Returns what makes the steps of the next call of the train function."""
        if self.landscape_sampler is None or not self._records_steps():
            return function
        return self.landscape_sampler.stepping(
            function,
            self.model,
            self._hooks.capture,
            self.guard,
            steps_before=self.drain.steps_before,
        )

    def after_call(self, num_iterations: int) -> None:
        """Takes over what a call of the train function has done."""
        self.num_calls += 1
        if self.sampler is not None and self._records_steps():
            # Once a step: so without `Guard.keep`, which takes longer.
            try:
                self.sampler.after_call(
                    self.model,
                    self._hooks.capture,
                    steps_before=self.drain.steps_before,
                )
            except Exception as error:  # noqa: BLE001
                self.guard.fail_with("A sample of the layers", error)
        self.count_iterations(num_iterations)

    def _records_steps(self) -> bool:
        # Not outside of the step: what a sample means is in the step's row.
        return self._hooks.outside is None

    def count_iterations(self, num_iterations: int) -> None:
        """Hands over rows when it is time."""
        self._iterations_until_drain -= num_iterations
        if self._iterations_until_drain <= 0 or self.drain.is_due(_EVERY_SECS):
            # Who wants each iteration as it comes has to wait for it.
            self.drain(may_wait=self._every_iterations == 1)
            self._iterations_until_drain = self._every_iterations
