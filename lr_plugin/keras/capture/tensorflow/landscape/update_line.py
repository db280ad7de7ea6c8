"""The weights along an update, in one copy of them beside the model's own."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import context


class UpdateLine:
    """A point on the line through the weights before and after an update.

    The copy begins before the update, and moves. A move takes the update as how far the
    copy is from the weights after it, so there is never a copy of the update besides,
    and each one rounds a weight once, as the update did. The point at the update is
    never moved to, since the update would be lost: there are the weights themselves.

    Attributes:
        weights: Those after the update, which the model has: no copies.
        points: Handles of variables that hold those of the point.
        position: Handle of the multiple of the update that they are at, float64.
    """

    def __init__(
        self,
        weights: Sequence[tf.Tensor],
        points: Sequence[tf.Tensor],
        *,
        position: float,
    ):
        """Begins at a multiple of the update.

        Args:
            points: The weights there. Their memory is that of the copy, if nobody else
                holds them.
        """
        self.weights = list(weights)
        self.points = [create_stand_in(value) for value in points]
        self.position = create_stand_in(tf.constant(position, tf.float64))


def create_stand_in(value: tf.Tensor) -> tf.Tensor:
    """Creates a variable that is gone once nothing uses it; its value is no copy."""
    handle = tf.raw_ops.VarHandleOp(
        dtype=value.dtype, shape=value.shape, shared_name=context.anonymous_name()
    )
    tf.raw_ops.AssignVariableOp(resource=handle, value=value)
    return handle


def move_points(
    factor: tf.Tensor,
    weights: Sequence[tf.Tensor],
    points: Sequence[tf.Tensor],
    position: tf.Tensor,
) -> tf.Operation:
    """Moves the points of a line to a multiple of the update, within a function.

    Args:
        factor: The multiple, of type float64; not 1, except where they are there.
        weights, points, position: As of an `UpdateLine`.

    Returns:
        What ends once all of them are there: a computation that fails meanwhile would
        leave some behind.
    """
    at = tf.raw_ops.ReadVariableOp(resource=position, dtype=tf.float64)

    def stay() -> tf.Tensor:
        return tf.constant(False)

    def move() -> tf.Tensor:
        ratio = (factor - 1) / (at - 1)
        last: list[Any] = []
        for weight, point in zip(weights, points, strict=True):
            # One after the other, since each is there twice while it moves.
            with tf.control_dependencies(last):
                old = tf.raw_ops.ReadVariableOp(resource=point, dtype=weight.dtype)
                new = weight + tf.cast(ratio, weight.dtype) * (old - weight)
                last = [tf.raw_ops.AssignVariableOp(resource=point, value=new)]
        with tf.control_dependencies(last):
            last = [tf.raw_ops.AssignVariableOp(resource=position, value=factor)]
        with tf.control_dependencies(last):
            return tf.constant(True)

    return tf.cond(tf.equal(factor, at), stay, move).op
