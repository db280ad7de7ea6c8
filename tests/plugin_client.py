"""Asks the plugin's routes as TensorBoard's server does, without a server."""

import argparse

from data_providers import ALL
from tensorboard.backend import application
from tensorboard.plugins import base_plugin
from werkzeug.test import Client

from lr_plugin.loader import LearningRateLoader


def make_client(provider, logdir, path_prefix=""):
    """Makes a client of the plugin with a loader's data."""
    context = base_plugin.TBContext(
        data_provider=provider,
        flags=argparse.Namespace(logdir_spec=""),
        logdir=str(logdir),
        sampling_hints=ALL,
    )
    plugin = LearningRateLoader().load(context)
    return Client(application.TensorBoardWSGI([plugin], path_prefix, provider, []))


def get(client, route, prefix="", **query):
    """Asks one route, and reads the whole answer."""
    address = f"{prefix}/data/plugin/learning_rate/{route}"
    # As a server does, it ends the answer when it is read.
    return client.get(address, query_string=query, buffered=True)
