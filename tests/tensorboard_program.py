"""How the tests start TensorBoard as another process."""

import sys

# `tensorboard`, but as on a machine without TensorFlow, whose import takes most of the
# time that TensorBoard needs to start.
START = (
    "import sys; sys.modules['tensorflow'] = None; "
    "from tensorboard.main import run_main; run_main()"
)
TENSORBOARD = (sys.executable, "-c", START)
