"""Published values, of the article and of others, that the tables compare with."""

# Christian Versloot, "Problems with fixed and decaying learning rates", MachineCurve,
# 2019: test loss and accuracy of fixed rates after 25 epochs.
FIXED_RATES = {
    "fixed-0.001": (0.02863448634357819, 0.9919000267982483),
    "fixed-0.5": (2.3188612442016603, 0.10100000351667404),
    "fixed-0.01": (0.045392444870159344, 0.9887999892234802),
    "fixed-1e-05": (0.17123142351806164, 0.9513999819755554),
    "fixed-1e-07": (2.2723510555267334, 0.16249999403953552),
}

# Test accuracies of a public reproduction, in Keras, of Leslie N. Smith, Nicholay
# Topin, "Super-Convergence", 2018.
LENET = {"lenet_one_cycle": 0.9905, "lenet_inverse": 0.9892}

# "In transfer learning, why does a lower learning rate raise the accuracy rapidly?"
TRANSFER = {
    "transfer-0.001": "stuck at around 50 %",
    "transfer-0.0001": "90 % in the first epoch",
}
