"""The networks of the article and of the super-convergence paper, in plain Keras."""

import keras
from keras import layers


def article_cnn() -> keras.Model:
    """Builds the article's network.

    Source: Christian Versloot, "Problems with fixed and decaying learning rates",
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
    """Builds the LeNet of Caffe's MNIST example, with its weight decay of 0.0005.

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


def small_vgg(num_outputs: int) -> keras.Model:
    """Builds the 16 layers of VGG with an eighth of their channels.

    Images are 28 x 28 pixels. The last pooling is left out, because no pixels are left
    for it.

    Source: Karen Simonyan, Andrew Zisserman, "Very Deep Convolutional Networks for
    Large-Scale Image Recognition", 2015, https://arxiv.org/abs/1409.1556.
    """
    model = keras.Sequential([layers.Input((28, 28, 1))])
    for num_layers, channels in ((2, 8), (2, 16), (3, 32), (3, 64), (3, 64)):
        if len(model.layers):
            model.add(layers.MaxPooling2D(2))
        for _ in range(num_layers):
            model.add(_convolution(channels))
    model.add(layers.Flatten())
    for _ in range(2):
        dense = layers.Dense(128, activation="relu", kernel_initializer="he_uniform")
        model.add(dense)
    model.add(layers.Dense(num_outputs, activation="softmax"))
    return model


def _convolution(channels: int) -> keras.Layer:
    return layers.Conv2D(
        channels, 3, padding="same", activation="relu", kernel_initializer="he_uniform"
    )
