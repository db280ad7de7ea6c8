"""The networks of the article and of the super-convergence paper, in plain Keras."""

import keras
from keras import layers


def article_cnn() -> keras.Model:
    """Christian Versloot, "Problems with fixed and decaying learning rates",
    MachineCurve, 2019.
    """
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def lenet() -> keras.Model:
    """The LeNet of Caffe's MNIST example, with its weight decay of 0.0005.

    Source: Yangqing Jia et al., "Caffe: Convolutional Architecture for Fast Feature
    Embedding", 2014, examples/mnist; trained so by Leslie N. Smith, Nicholay Topin,
    "Super-Convergence", 2018, https://arxiv.org/abs/1708.07120.
    """

    def decayed() -> keras.regularizers.Regularizer:
        # Its gradient is twice the factor times the weight.
        return keras.regularizers.L2(0.0005 / 2)

    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(20, 5, kernel_regularizer=decayed()),
            layers.MaxPooling2D(2),
            layers.Conv2D(50, 5, kernel_regularizer=decayed()),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(500, activation="relu", kernel_regularizer=decayed()),
            layers.Dense(10, activation="softmax", kernel_regularizer=decayed()),
        ]
    )
