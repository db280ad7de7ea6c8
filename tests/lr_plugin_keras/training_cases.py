"""Models and habits of training them, each to be trained with and without the logger.

A case takes a `Trainer`, which adds the logger to its callbacks, or does not, and
returns the model. Cases are small: a few updates of a few weights.
"""

import keras
import numpy as np
import tensorflow as tf

CASES = {}
schedules = keras.optimizers.schedules
layers = keras.layers


def case(function):
    CASES[function.__name__] = function
    return function


class Counting(layers.Layer):
    """Counts how often Python runs its `call`: once in every trace, or eagerly."""

    num_calls = 0

    def call(self, x):
        Counting.num_calls += 1
        return x


class Trainer:
    """Fits models, with callbacks for the recording or without."""

    def __init__(self, folder, make_logger=None):
        self.folder = folder
        self._make_logger = make_logger
        self.logger = make_logger(folder / "run") if make_logger else None
        self.histories = []

    def new_logger(self, name):
        """Takes another logger for the fits that follow."""
        if self._make_logger:
            self.logger = self._make_logger(self.folder / name)

    def fit(self, model, *callbacks, x=None, y=None, first=(), logged=True, **settings):
        if x is None:
            x, y = data()
        if isinstance(x, np.ndarray):
            settings = {"batch_size": 8, "shuffle": False} | settings
        settings = {"epochs": 2, "verbose": 0} | settings
        own = [self.logger] if self.logger and logged else []
        history = model.fit(
            x, y, callbacks=[*first, *own, *callbacks], **settings
        ).history
        self.histories.append(history)
        return model


def data(n=52):
    random = np.random.default_rng(1)
    x = random.normal(size=(n, 4)).astype("float32")
    y = x.sum(1, keepdims=True) + 0.1 * random.normal(size=(n, 1))
    return x, y.astype("float32")


def classes(n=52, num_classes=3):
    x, _ = data(n)
    return x, np.arange(n) % num_classes


def small(*more, units=1, activation=None):
    return keras.Sequential(
        [
            keras.Input((4,)),
            Counting(),
            layers.Dense(5, "tanh"),
            *more,
            layers.Dense(units, activation),
        ]
    )


def single(*more):
    """A model that is traced soon, where no other is needed."""
    return keras.Sequential([keras.Input((4,)), Counting(), *more, layers.Dense(1)])


def compiled(optimizer="sgd", loss="mse", model=None, *, builds=True, **settings):
    """Compiles a model.

    Args:
        builds: Makes the optimizer's variables, if the model has its own. Otherwise its
            first step makes them, and is traced twice.
    """
    model = model or small()
    model.compile(optimizer, loss, **settings)
    if builds and model.built:
        model.optimizer.build(model.trainable_variables)
    return model


def momentum():
    return keras.optimizers.SGD(0.01, momentum=0.9)


# Optimizers.


def _with_optimizer(name, create):
    # Those two make their variables in the first step, as where the user has not.
    builds = name not in ("adam", "moving_average")

    def train(trainer):
        model = single() if builds else small()
        return trainer.fit(compiled(create(), model=model, builds=builds))

    train.__name__ = name
    case(train)


def falling():
    return schedules.InverseTimeDecay(0.05, 1, 0.5)


for _name, _create in {
    "sgd": lambda: keras.optimizers.SGD(falling()),
    "nesterov": lambda: keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(falling()),
    "amsgrad_and_clipnorm": lambda: keras.optimizers.Adam(
        0.01, amsgrad=True, clipnorm=0.1
    ),
    "adamw": lambda: keras.optimizers.AdamW(
        schedules.CosineDecay(0.01, 14), weight_decay=0.1
    ),
    "rmsprop_centered": lambda: keras.optimizers.RMSprop(
        0.01, centered=True, momentum=0.9, global_clipnorm=0.5
    ),
    "adagrad": lambda: keras.optimizers.Adagrad(0.1, clipvalue=0.05),
    "adadelta": lambda: keras.optimizers.Adadelta(1.0),
    "adamax": lambda: keras.optimizers.Adamax(0.01),
    "nadam": lambda: keras.optimizers.Nadam(0.01),
    "ftrl": lambda: keras.optimizers.Ftrl(0.05),
    "lion": lambda: keras.optimizers.Lion(0.001, weight_decay=0.1),
    "lamb": lambda: keras.optimizers.Lamb(0.01),
    "adafactor": lambda: keras.optimizers.Adafactor(1.0),
    "muon": lambda: newer("Muon")(0.01),
    "schedule_free": lambda: newer("ScheduleFreeAdamW")(0.01, warmup_steps=5),
    "moving_average": lambda: keras.optimizers.Adam(
        0.01, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3
    ),
    "moving_average_at_the_end": lambda: keras.optimizers.SGD(
        0.1, use_ema=True, ema_overwrite_frequency=None
    ),
    "accumulation": lambda: keras.optimizers.Adam(
        falling(), gradient_accumulation_steps=3, weight_decay=0.01
    ),
    "fixed_loss_scale": lambda: keras.optimizers.SGD(0.1, loss_scale_factor=64.0),
    "loss_scaling_that_overflows": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(0.01), initial_scale=2.0**127
    ),
}.items():
    _with_optimizer(_name, _create)


def newer(name):
    """Returns a class that older versions of Keras do not have."""
    import pytest

    # That of Keras 3.12 asks a variable of TensorFlow for a path, and fails.
    is_broken = name == "Muon" and keras.__version__.startswith("3.12.")
    if is_broken or not hasattr(keras.optimizers, name):
        pytest.skip(f"This Keras has no {name} that works.")
    return getattr(keras.optimizers, name)


@case
def optimizer_of_several(trainer):
    model = small()
    of_first = keras.optimizers.SGD(falling(), name="of_first")
    several = newer("MultiOptimizer")
    mapping = keras.optimizers.OptimizerMap(
        keras.optimizers.Adam(0.01), {f"{model.layers[1].path}/.*": of_first}
    )
    return trainer.fit(compiled(several(mapping), model=model))


@case
def optimizer_with_own_update(trainer):
    class PerLayer(keras.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            factor = 0.1 if variable.shape[-1] == 1 else 1.0
            super().update_step(gradient, variable, learning_rate * factor)

    return trainer.fit(compiled(PerLayer(0.01)))


@case
def optimizer_with_own_apply(trainer):
    class Centered(keras.optimizers.SGD):
        def apply(self, grads, trainable_variables=None):
            grads = [g - tf.reduce_mean(g) if g.shape.rank > 1 else g for g in grads]
            super().apply(grads, trainable_variables)

    return trainer.fit(compiled(Centered(0.05)))


# Rates that Python gives.


class Falling(schedules.LearningRateSchedule):
    """Has no `get_config`, and counts how often it is asked."""

    num_asked = 0

    def __call__(self, step):
        self.num_asked += 1
        return 0.05 / (1 + tf.cast(step, tf.float32))


@case
def schedule_without_config(trainer):
    schedule = Falling()
    model = trainer.fit(compiled(keras.optimizers.SGD(schedule)))
    model.seen = {"asked": schedule.num_asked}
    return model


@case
def schedule_that_counts_eagerly(trainer):
    class Counted(Falling):
        def __call__(self, step):
            self.num_asked += 1
            return 0.1 / self.num_asked

    schedule = Counted()
    return trainer.fit(compiled(keras.optimizers.SGD(schedule), run_eagerly=True))


@case
def rate_from_a_generator_eagerly(trainer):
    rates = iter(np.linspace(0.1, 0.0, 1000))
    optimizer = keras.optimizers.SGD(lambda: float(next(rates)))
    return trainer.fit(compiled(optimizer, run_eagerly=True))


@case
def rate_from_a_variable(trainer):
    rate = tf.Variable(0.05)

    class Halve(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            rate.assign(rate / 2)

    return trainer.fit(compiled(keras.optimizers.SGD(lambda: rate * 2)), Halve())


# Callbacks that set something while training.


class EachBatch(keras.callbacks.Callback):
    def __init__(self, act):
        super().__init__()
        self.act = act

    def on_train_batch_begin(self, batch, logs=None):
        self.act(self.model, batch)


def _set(path):
    def act(model, batch):
        owner = model.optimizer if path != "weight" else model
        setattr(owner, path, 0.95 - 0.05 * batch)

    return act


@case
def momentum_set_each_batch(trainer):
    model = compiled(keras.optimizers.SGD(0.01, momentum=0.9))
    return trainer.fit(model, first=[EachBatch(_set("momentum"))], epochs=3)


@case
def beta_set_each_batch(trainer):
    model = compiled(keras.optimizers.Adam(0.01))
    return trainer.fit(model, EachBatch(_set("beta_1")), epochs=3)


@case
def rate_set_each_batch(trainer):
    return trainer.fit(compiled("sgd"), first=[EachBatch(_set("learning_rate"))])


@case
def schedule_set_after_the_first_batch(trainer):
    class Later(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 0:
                self.model.optimizer.learning_rate = falling()

    return trainer.fit(compiled(keras.optimizers.SGD(0.01)), Later())


@case
def weights_set_by_a_callback(trainer):
    class Shrink(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            for variable in self.model.trainable_variables:
                variable.assign(variable * 0.9)

    return trainer.fit(compiled(momentum()), first=[Shrink()])


@case
def model_compiled_anew_in_the_middle(trainer):
    class Anew(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.compile(momentum(), "mae")
            self.model.make_train_function()

    return trainer.fit(compiled("sgd", model=single()), Anew(), epochs=3)


@case
def optimizer_replaced_in_the_middle(trainer):
    class Anew(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.optimizer = keras.optimizers.SGD(0.1, momentum=0.5)
                self.model.make_train_function(force=True)

    return trainer.fit(compiled("sgd", model=single()), Anew(), epochs=3)


@case
def layer_frozen_in_the_middle(trainer):
    model = small()

    class Freeze(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            model.layers[1].trainable = False
            model.compile("sgd", "mse")
            model.make_train_function(force=True)

    return trainer.fit(compiled(momentum(), model=model), Freeze(), epochs=3)


@case
def stopped_in_the_middle(trainer):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 3

    return trainer.fit(compiled(momentum()), Stop(), epochs=3)


@case
def test_and_prediction_in_the_middle(trainer):
    x, y = data()

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch % 3 == 0:
                self.model.evaluate(x, y, verbose=0)
                self.model.predict(x, verbose=0)

    return trainer.fit(compiled(momentum()), Look(), validation_data=(x, y))


# Python state of a model.


class Stateful(keras.Model):
    """Has a weight, a Python number, that all of its methods use."""

    def __init__(self):
        super().__init__()
        self.inner = small()
        self.weight = 1.0
        self.num_steps = 0

    def call(self, x):
        return self.inner(x) * self.weight


@case
def number_used_in_call(trainer):
    return trainer.fit(compiled(model=Stateful()), EachBatch(_set("weight")))


@case
def number_used_in_compute_loss(trainer):
    class Annealed(Stateful):
        def compute_loss(self, x=None, y=None, y_pred=None, *args, **settings):
            loss = super().compute_loss(x, y, y_pred, *args, **settings)
            return loss + self.weight * tf.reduce_mean(tf.square(y_pred))

    return trainer.fit(compiled("sgd", model=Annealed()), EachBatch(_set("weight")))


@case
def number_used_and_set_in_train_step(trainer):
    class Counted(Stateful):
        def train_step(self, batch):
            self.num_steps += 1
            x, y = batch
            with tf.GradientTape() as tape:
                loss = self.compute_loss(x, y, self(x, training=True))
                loss += 0.01 * self.num_steps * self.weight
            variables = self.trainable_variables
            gradients = tape.gradient(loss, variables)
            gradients = [g * self.num_steps for g in gradients]
            self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
            return {"loss": loss}

    model = trainer.fit(compiled("sgd", model=Counted()), EachBatch(_set("weight")))
    model.seen = {"train_step": model.num_steps}
    return model


@case
def random_numbers_of_python_and_numpy(trainer):
    class Noisy(Stateful):
        def call(self, x):
            return self.inner(x) * np.random.rand() + tf.random.normal([])

    return trainer.fit(compiled("sgd", model=Noisy()), shuffle=True)


# Fits one after the other.


@case
def two_fits_with_two_loggers(trainer):
    model = compiled("sgd", model=Stateful())
    trainer.fit(model, EachBatch(_set("weight")))
    trainer.new_logger("second")
    return trainer.fit(model, EachBatch(_set("weight")))


@case
def loop_of_fits(trainer):
    model = compiled(keras.optimizers.SGD(falling(), momentum=0.9))
    for k in range(3):
        model.optimizer.momentum = 0.1 * k
        trainer.fit(model, epochs=1)
    return model


@case
def fit_with_the_logger_then_without(trainer):
    model = compiled(keras.optimizers.SGD(0.01, momentum=0.9))
    trainer.fit(model)
    model.optimizer.momentum = 0.1
    return trainer.fit(model, logged=False)


@case
def plain_fit_then_one_with_the_logger(trainer):
    model = compiled(keras.optimizers.Adam(falling()), model=single())
    trainer.fit(model, logged=False)
    trainer.fit(model)
    trainer.fit(model, logged=False)
    trainer.new_logger("second")
    return trainer.fit(model)


@case
def plain_fit_then_another_momentum(trainer):
    model = compiled(keras.optimizers.SGD(falling(), momentum=0.9))
    trainer.fit(model, logged=False)
    model.optimizer.momentum = 0.1
    trainer.fit(model)
    return trainer.fit(model, logged=False)


@case
def plain_fit_then_another_number_in_call(trainer):
    model = compiled("sgd", model=Stateful(), steps_per_execution=2)
    trainer.fit(model, logged=False)
    model.weight = 0.5
    return trainer.fit(model)


@case
def plain_fit_then_several_steps_a_call(trainer):
    optimizer = keras.optimizers.Adam(falling())
    model = compiled(optimizer, model=single(), steps_per_execution=4)
    trainer.fit(model, logged=False)
    return trainer.fit(model)


@case
def plain_fit_then_xla(trainer):
    model = compiled(momentum(), model=single(layers.Dropout(0.5)), jit_compile=True)
    x, y = data(48)
    trainer.fit(model, x=x, y=y, logged=False)
    return trainer.fit(model, x=x, y=y)


@case
def plain_fit_then_eagerly(trainer):
    model = compiled(momentum(), model=single(), run_eagerly=True)
    trainer.fit(model, logged=False)
    model.optimizer.momentum = 0.1
    return trainer.fit(model)


@case
def plain_batches_then_logged_ones(trainer):
    model = compiled(momentum())
    x, y = data()
    losses = [model.train_on_batch(x[i : i + 8], y[i : i + 8]) for i in range(5)]
    if trainer.logger:
        trainer.logger.set_model(model)
        trainer.logger.on_train_begin()
    losses += [model.train_on_batch(x[i : i + 8], y[i : i + 8]) for i in range(9)]
    if trainer.logger:
        trainer.logger.on_train_end()
    trainer.histories.append({"loss": losses})
    return model


@case
def other_shapes_in_a_later_fit(trainer):
    model = keras.Sequential([keras.Input((None, 2)), Counting(), layers.GRU(3)])
    compiled(momentum(), model=model)
    random = np.random.default_rng(0)
    for length in (3, 5):
        x = random.normal(size=(16, length, 2)).astype("float32")
        trainer.fit(model, x=x, y=np.ones((16, 3), "float32"), logged=length == 3)
    trainer.new_logger("third")
    return trainer.fit(model, x=x, y=np.ones((16, 3), "float32"))


@case
def compiled_anew_between_fits(trainer):
    model = compiled(momentum(), model=single())
    trainer.fit(model)
    return trainer.fit(compiled("sgd", model=model))


@case
def batches_one_by_one(trainer):
    model = compiled(keras.optimizers.SGD(falling()))
    if trainer.logger:
        trainer.logger.set_model(model)
        trainer.logger.on_train_begin()
    x, y = data()
    losses = [model.train_on_batch(x[i : i + 8], y[i : i + 8]) for i in range(20)]
    if trainer.logger:
        trainer.logger.on_train_end()
    trainer.histories.append({"loss": losses})
    return model


# Ways of running.


@case
def xla(trainer):
    optimizer = keras.optimizers.Adam(falling())
    return trainer.fit(compiled(optimizer, model=single(), jit_compile=True))


@case
def xla_with_convolutions(trainer):
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            Counting(),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, kernel_regularizer="l2"),
        ]
    )
    optimizer = keras.optimizers.SGD(schedules.CosineDecay(0.1, 20), momentum=0.9)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    compiled(optimizer, loss, model, metrics=["accuracy"], jit_compile=True)
    random = np.random.default_rng(0)
    x = random.normal(size=(48, 8, 8, 3)).astype("float32")
    return trainer.fit(model, x=x, y=np.arange(48) % 3)


@case
def xla_several_steps_a_call(trainer):
    optimizer = keras.optimizers.SGD(falling(), momentum=0.9)
    model = compiled(optimizer, jit_compile=True, steps_per_execution=4)
    x, y = data(48)
    return trainer.fit(model, x=x, y=y)


@case
def several_steps_a_call(trainer):
    optimizer = keras.optimizers.Adam(falling())
    model = compiled(optimizer, model=single(), builds=False, steps_per_execution=4)
    return trainer.fit(model)


@case
def several_steps_a_call_of_a_model_not_built(trainer):
    model = keras.Sequential([Counting(), layers.Dense(3), layers.Dense(1)])
    return trainer.fit(compiled(momentum(), model=model, steps_per_execution=3))


@case
def several_steps_a_call_with_accumulation(trainer):
    optimizer = keras.optimizers.Adam(falling(), gradient_accumulation_steps=3)
    return trainer.fit(compiled(optimizer, steps_per_execution=4))


@case
def several_steps_a_call_eagerly(trainer):
    return trainer.fit(compiled(momentum(), steps_per_execution=4, run_eagerly=True))


@case
def eager(trainer):
    return trainer.fit(compiled(keras.optimizers.Adam(falling()), run_eagerly=True))


@case
def mixed_float16(trainer):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = small()
    finally:
        keras.config.set_dtype_policy(policy)
    return trainer.fit(compiled("adam", model=model))


@case
def mixed_bfloat16_with_xla_and_dropout(trainer):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = small(layers.Dropout(0.5), layers.LayerNormalization())
    finally:
        keras.config.set_dtype_policy(policy)
    x, y = data(48)
    return trainer.fit(compiled(momentum(), model=model, jit_compile=True), x=x, y=y)


@case
def numerics_checked(trainer):
    tf.debugging.enable_check_numerics()
    try:
        return trainer.fit(compiled(momentum(), model=single()))
    finally:
        tf.debugging.disable_check_numerics()


@case
def numerics_checked_with_several_steps_a_call(trainer):
    tf.debugging.enable_check_numerics()
    try:
        model = compiled(momentum(), model=single(), steps_per_execution=4)
        return trainer.fit(model)
    finally:
        tf.debugging.disable_check_numerics()


# Data.


@case
def class_weights(trainer):
    x, y = classes()
    loss = "sparse_categorical_crossentropy"
    model = compiled("sgd", loss, small(units=3, activation="softmax"))
    return trainer.fit(model, x=x, y=y, class_weight={0: 1.0, 1: 2.0, 2: 0.5})


@case
def sample_weights(trainer):
    model = compiled("sgd", weighted_metrics=["mae"])
    return trainer.fit(model, sample_weight=np.linspace(0, 2, 52))


@case
def shuffled(trainer):
    return trainer.fit(compiled("sgd"), shuffle=True, validation_split=0.2)


@case
def data_of_unknown_length(trainer):
    batches = tf.data.Dataset.from_tensor_slices(data()).batch(8)
    batches = batches.filter(lambda x, y: True)
    return trainer.fit(compiled(keras.optimizers.SGD(falling())), x=batches)


@case
def data_of_unknown_length_several_steps_a_call(trainer):
    batches = tf.data.Dataset.from_tensor_slices(data()).batch(8)
    batches = batches.filter(lambda x, y: True)
    return trainer.fit(compiled(momentum(), steps_per_execution=3), x=batches)


@case
def data_that_repeats(trainer):
    batches = tf.data.Dataset.from_tensor_slices(data()).batch(8).repeat()
    return trainer.fit(compiled("sgd"), x=batches, steps_per_epoch=5, epochs=3)


@case
def generator(trainer):
    def batches():
        while True:
            x, y = data()
            yield x[:8], y[:8]

    return trainer.fit(compiled("sgd"), x=batches(), steps_per_epoch=6)


@case
def py_dataset(trainer):
    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 6

        def __getitem__(self, index):
            x, y = data()
            return x[8 * index :][:8], y[8 * index :][:8]

    return trainer.fit(compiled("sgd"), x=Batches(), shuffle=False)


@case
def loss_that_becomes_nan(trainer):
    x, y = data()
    y[30] = np.nan
    stop = keras.callbacks.TerminateOnNaN()
    return trainer.fit(compiled(momentum()), stop, x=x, y=y)


# Models.


@case
def random_layers(trainer):
    model = small(
        layers.Dropout(0.3), layers.GaussianNoise(0.1), layers.BatchNormalization()
    )
    return trainer.fit(compiled("adam", model=model), validation_data=data())


@case
def f1_score(trainer):
    x, y = classes()
    model = small(units=3, activation="softmax")
    model.compile("sgd", "categorical_crossentropy", metrics=[keras.metrics.F1Score()])
    return trainer.fit(model, x=x, y=np.eye(3, dtype="float32")[y])


@case
def several_outputs(trainer):
    inputs = keras.Input((4,))
    hidden = layers.Dense(5, activity_regularizer="l2")(Counting()(inputs))
    outputs = {"a": layers.Dense(1, name="a")(hidden), "b": layers.Dense(1)(hidden)}
    model = keras.Model(inputs, outputs)
    model.compile("sgd", {"a": "mse", "b": "mae"}, loss_weights={"a": 1.0, "b": 0.3})
    x, y = data()
    return trainer.fit(model, x=x, y={"a": y, "b": -y})


@case
def embedding(trainer):
    model = keras.Sequential(
        [keras.Input((3,)), layers.Embedding(7, 2), layers.Flatten(), layers.Dense(1)]
    )
    x = np.random.default_rng(0).integers(0, 7, (52, 3))
    return trainer.fit(compiled("sgd", model=model), x=x, y=data()[1])


@case
def constraints(trainer):
    model = small(layers.Dense(3, kernel_constraint="unit_norm", use_bias=False))
    return trainer.fit(compiled("sgd", model=model))


@case
def stateful_recurrent(trainer):
    model = keras.Sequential(
        [keras.Input((3, 2), batch_size=4), layers.LSTM(3, stateful=True)]
    )
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(16, 3, 2)).astype("float32")
    y = np.ones((16, 3), "float32")
    return trainer.fit(model, x=x, y=y, batch_size=4)


@case
def frozen_part(trainer):
    model = small()
    model.layers[1].trainable = False
    return trainer.fit(compiled(momentum(), model=model))


@case
def nothing_to_train(trainer):
    model = keras.Sequential([keras.Input((4,)), Counting(), layers.Rescaling(2.0)])
    x, _ = data()
    return trainer.fit(compiled("sgd", model=model), x=x, y=x)


@case
def lora(trainer):
    model = small()
    model.layers[1].enable_lora(2)
    return trainer.fit(compiled("adam", model=model))


@case
def float8(trainer):
    model = small()
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            layer.quantize("float8")
    return trainer.fit(compiled("sgd", model=model))


# Steps of one's own.


class OwnLoss(Stateful):
    def train_step(self, batch):
        x, y = batch
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(x) - y) ** 2)
        variables = self.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return {"loss": loss}


@case
def own_train_step(trainer):
    return trainer.fit(compiled(momentum(), None, OwnLoss()), EachBatch(_set("weight")))


@case
def own_train_step_of_unknown_length(trainer):
    batches = tf.data.Dataset.from_tensor_slices(data()).batch(8)
    batches = batches.filter(lambda x, y: True)
    return trainer.fit(compiled("sgd", None, OwnLoss()), x=batches, epochs=3)


@case
def own_step_with_a_function_inside(trainer):
    class Inner(Stateful):
        def train_step(self, batch):
            return {"loss": self.update(*batch)}

        @tf.function
        def update(self, x, y):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((self(x) - y) ** 2)
            variables = self.trainable_variables
            gradients = tape.gradient(loss, variables)
            if loss > 1.0:
                gradients = [g * 0.5 for g in gradients]
            self.optimizer.apply(gradients, variables)
            return loss

    model = Inner()
    model.build((None, 4))
    return trainer.fit(compiled(momentum(), None, model))


@case
def own_gradients(trainer):
    class HandGradient(Stateful):
        def train_step(self, batch):
            x, y = batch
            error = self(x, training=True) - y
            bias = self.inner.layers[-1].bias
            self.optimizer.apply([2 * tf.reduce_mean(error, axis=0)], [bias])
            return {"error": tf.reduce_mean(tf.square(error))}

    return trainer.fit(compiled("sgd", None, HandGradient()))


@case
def own_train_function(trainer):
    class OwnFunction(OwnLoss):
        def make_train_function(self, force=False):
            if self.train_function is not None and not force:
                return self.train_function

            @tf.function
            def train_function(iterator):
                batch = next(iterator)
                logs = self.train_step(batch)
                if logs["loss"] > 1.0:
                    logs = self.train_step(batch)
                return logs

            self.train_function = train_function
            return train_function

    model = OwnFunction()
    model.build((None, 4))
    return trainer.fit(compiled(momentum(), None, model))


@case
def own_train_function_without_train_step(trainer):
    class OwnFunction(Stateful):
        def make_train_function(self, force=False):
            optimizer = self.optimizer

            @tf.function
            def train_function(iterator):
                x, y = next(iterator)
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean((self(x) - y) ** 2)
                gradients = tape.gradient(loss, self.trainable_variables)
                optimizer.apply(gradients, self.trainable_variables)
                return {"loss": loss}

            self.train_function = train_function

    model = OwnFunction()
    model.build((None, 4))
    return trainer.fit(compiled(momentum(), None, model))


class SeededRandom:
    """The random numbers of Keras, as TensorFlow gives them."""

    def __init__(self):
        self.seed = keras.random.SeedGenerator(5)

    def normal(self, shape):
        return keras.random.normal(shape, seed=self.seed)

    def uniform(self, shape):
        return keras.random.uniform(shape, seed=self.seed)


class Adversarial(keras.Model):
    def __init__(self):
        super().__init__()
        self.generator = keras.Sequential([keras.Input((2,)), layers.Dense(4)])
        self.judge = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
        self.random = tf.random
        self.num_judge_steps = 2

    def compile(self, d_optimizer, g_optimizer, **settings):
        super().compile(**settings)
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer

    def judged(self, real, fake):
        return tf.reduce_mean(self.judge(fake) - self.judge(real))

    def train_step(self, real):
        size = tf.shape(real)[0]
        for _ in range(self.num_judge_steps):
            noise = self.random.normal((size, 2))
            with tf.GradientTape() as tape:
                fake = self.generator(noise)
                d_loss = self.judged(real, fake) + 10.0 * self.penalty(real, fake)
            variables = self.judge.trainable_variables
            gradients = tape.gradient(d_loss, variables)
            self.d_optimizer.apply_gradients(zip(gradients, variables, strict=True))
        noise = self.random.normal((size, 2))
        with tf.GradientTape() as tape:
            g_loss = -tf.reduce_mean(self.judge(self.generator(noise)))
        variables = self.generator.trainable_variables
        gradients = tape.gradient(g_loss, variables)
        self.g_optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return {"d_loss": d_loss, "g_loss": g_loss}

    def penalty(self, real, fake):
        share = self.random.uniform((tf.shape(real)[0], 1))
        between = share * real + (1 - share) * fake
        with tf.GradientTape() as tape:
            tape.watch(between)
            judged = tf.tanh(self.judge(between))
        norm = tf.norm(tape.gradient(judged, between), axis=1)
        return tf.reduce_mean((norm - 1.0) ** 2)


def _adversarial(trainer, **settings):
    model = Adversarial()
    if settings.get("jit_compile"):
        # With XLA TensorFlow's own numbers are others each time.
        model.random = SeededRandom()
        model.num_judge_steps = 1
    model.compile(
        keras.optimizers.Adam(falling(), name="judge"),
        keras.optimizers.RMSprop(1e-3),
        **settings,
    )
    for optimizer, part in (
        (model.d_optimizer, model.judge),
        (model.g_optimizer, model.generator),
    ):
        optimizer.build(part.trainable_variables)
    return trainer.fit(model, x=data(24)[0], y=None)


@case
def gan_with_penalty(trainer):
    return _adversarial(trainer)


@case
def gan_with_penalty_eagerly(trainer):
    return _adversarial(trainer, run_eagerly=True)


@case
def gan_with_penalty_and_xla(trainer):
    return _adversarial(trainer, jit_compile=True)


@case
def gan_several_steps_a_call(trainer):
    return _adversarial(trainer, steps_per_execution=3)


@case
def adam_of_a_part(trainer):
    class Gan(keras.Model):
        def __init__(self):
            super().__init__()
            self.generator = keras.Sequential([keras.Input((2,)), layers.Dense(4)])
            self.judge = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
            self.judge_optimizer = keras.optimizers.Adam(4e-4)

        def train_step(self, real):
            noise = tf.random.normal((tf.shape(real)[0], 2))
            with tf.GradientTape(persistent=True) as tape:
                fake = self.judge(self.generator(noise))
                loss = tf.reduce_mean(tf.nn.softplus(-fake))
                judged = tf.nn.softplus(fake) + tf.nn.softplus(-self.judge(real))
                judge_loss = tf.reduce_mean(judged)
            for optimizer, part, target in (
                (self.judge_optimizer, self.judge, judge_loss),
                (self.optimizer, self.generator, loss),
            ):
                variables = part.trainable_variables
                gradients = tape.gradient(target, variables)
                optimizer.apply_gradients(zip(gradients, variables, strict=True))
            return {"loss": loss, "judge_loss": judge_loss}

    model = Gan()
    model.judge_optimizer.build(model.judge.trainable_variables)
    return trainer.fit(compiled(momentum(), None, model), x=data()[0], y=None)


@case
def variational_autoencoder(trainer):
    class Vae(keras.Model):
        def __init__(self):
            super().__init__()
            self.encoder = layers.Dense(4)
            self.decoder = layers.Dense(4)
            self.seed = keras.random.SeedGenerator(3)
            self.weight = 0.0
            self.total = keras.metrics.Mean(name="loss")

        @property
        def metrics(self):
            return [self.total]

        def call(self, x):
            return self.decoder(self.encoder(x)[:, :2])

        def train_step(self, x):
            with tf.GradientTape() as tape:
                mean, spread = tf.split(self.encoder(x), 2, axis=1)
                noise = keras.random.normal(tf.shape(mean), seed=self.seed)
                decoded = self.decoder(mean + tf.exp(0.5 * spread) * noise)
                divergence = -0.5 * (1 + spread - mean**2 - tf.exp(spread))
                loss = tf.reduce_mean(tf.reduce_sum((decoded - x) ** 2, axis=1))
                loss += self.weight * tf.reduce_mean(tf.reduce_sum(divergence, axis=1))
            gradients = tape.gradient(loss, self.trainable_weights)
            self.optimizer.apply_gradients(
                zip(gradients, self.trainable_weights, strict=True)
            )
            self.total.update_state(loss)
            return {"loss": self.total.result()}

    model = compiled("sgd", None, Vae())
    return trainer.fit(model, EachBatch(_set("weight")), x=data()[0], y=None)


# Other callbacks.


def _others(trainer):
    folder = trainer.folder
    return [
        keras.callbacks.EarlyStopping("loss", patience=1, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau("loss", patience=0, min_delta=1000.0),
        keras.callbacks.ModelCheckpoint(folder / "best.keras", monitor="loss"),
        keras.callbacks.BackupAndRestore(folder / "backup", save_freq=3),
        keras.callbacks.TensorBoard(folder / "stock", update_freq="batch"),
        keras.callbacks.CSVLogger(folder / "history.csv"),
    ]


@case
def other_callbacks_after_ours(trainer):
    return trainer.fit(compiled("sgd"), *_others(trainer), epochs=4)


@case
def other_callbacks_before_ours(trainer):
    return trainer.fit(compiled("sgd"), first=_others(trainer)[::-1], epochs=4)


@case
def rate_scheduled_by_a_callback(trainer):
    rate = keras.callbacks.LearningRateScheduler(lambda epoch: [0.1, 0.03, 0.01][epoch])
    return trainer.fit(compiled("sgd"), rate, epochs=3)


@case
def weights_swapped_for_their_average(trainer):
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    return trainer.fit(compiled(optimizer), swap, epochs=3)


@case
def text_in_logs(trainer):
    class Phase(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["phase"] = "warmup" if epoch == 0 else "main"
            logs["nothing"] = None

    return trainer.fit(compiled("sgd"), first=[Phase()])


@case
def two_loggers_at_once(trainer):
    others = []
    if trainer.logger:
        others = [type(trainer.logger)(trainer.folder / "other", gradient_norm=True)]
    return trainer.fit(compiled(momentum()), *others)
