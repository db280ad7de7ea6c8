"""What a range test does unless told otherwise."""

# The lowest changes nothing with any optimizer of Keras. The highest diverges, even
# where SGD works well at high rates.
MIN_LEARNING_RATE = 1e-6
MAX_LEARNING_RATE = 10.0
# 14 rates per decade, so that a fall of the loss over one to two decades shows in 14 to
# 28 losses.
NUM_STEPS = 100
# With fewer repeats their difference is so uncertain that the interval becomes wide.
NUM_REPEATS = 3
# Fewer updates do not show where the loss falls.
MIN_STEPS = 10
