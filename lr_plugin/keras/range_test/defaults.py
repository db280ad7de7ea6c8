"""What a range test does unless told otherwise."""

# Low enough to change nothing with any optimizer of Keras, and high enough to diverge
# where SGD still works well.
MIN_LEARNING_RATE = 1e-6
MAX_LEARNING_RATE = 10.0
# 14 rates in a decade: a fall of the loss, one to two decades, shows in 14 to 28.
NUM_STEPS = 100
# The fewest from which one can tell how much they differ without a wide interval.
NUM_REPEATS = 3
# Fewer updates do not show where the loss falls.
MIN_STEPS = 10
