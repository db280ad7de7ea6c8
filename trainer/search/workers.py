"""A search on many machines: the roles, what the chief serves, and lost workers.

The three environment variables and the protocol are those of keras-tuner.
"""

import contextlib
import os
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import keras_tuner
from keras_tuner.engine.trial import Trial, TrialStatus
from keras_tuner.src import protos
from keras_tuner.src.distribute import oracle_chief, oracle_client

from trainer.errors import ConfigError
from trainer.search.names import trial_number
from trainer.search.oracle import PatientOracle

VARIABLES = (
    "KERASTUNER_TUNER_ID",
    "KERASTUNER_ORACLE_IP",
    "KERASTUNER_ORACLE_PORT",
)
_POLL_SECS = 0.5
# How often a worker tells that it is alive, in the time after which it is taken for
# lost.
_SIGNS_OF_LIFE = 6


def find_role() -> str:
    """Finds the role of this program in the search: "alone", "chief" or "worker".

    Raises:
        ConfigError: Some of the environment variables are missing.
    """
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if len(missing) == len(VARIABLES):
        return "alone"
    if missing:
        raise ConfigError(
            f"A search on many machines needs {', '.join(VARIABLES)}. Received: all "
            f"but {' and '.join(missing)}. Set them on each machine, "
            "KERASTUNER_TUNER_ID=chief on one."
        )
    is_chief = "chief" in os.environ["KERASTUNER_TUNER_ID"]
    return "chief" if is_chief else "worker"


def serve_trials(oracle: PatientOracle, *, lost_after_secs: float) -> None:
    """Gives trials to workers until all have ended, and all workers have been told.

    The service of keras-tuner would wait forever for a worker that was killed.

    Raises:
        ConfigError: The address cannot be bound.
    """
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    servicer = _Servicer(oracle)
    protos.get_service_grpc().add_OracleServicer_to_server(servicer, server)
    try:
        is_bound = server.add_insecure_port(_address()) != 0
    except RuntimeError:
        is_bound = False
    if not is_bound:
        raise ConfigError(
            "The chief must be able to listen at KERASTUNER_ORACLE_IP and "
            f"KERASTUNER_ORACLE_PORT. Received: {_address()}, which is taken or is "
            "another machine's. Choose another port, on every machine."
        )
    server.start()
    print(f"Waiting for workers at {_address()}.", flush=True)
    try:
        while True:
            time.sleep(_POLL_SECS)
            for tuner_id, trial in oracle.drop_lost(lost_after_secs).items():
                what = "it had no trial."
                if trial is not None:
                    number = trial_number(trial.trial_id)
                    what = f"its trial {number} goes to another."
                print(
                    f"Worker {_name(tuner_id)} was silent for {lost_after_secs:g} "
                    f"seconds: {what}",
                    flush=True,
                )
            is_done = servicer.stop_triggered or oracle.is_over
            if is_done and oracle_chief.exit_chief(oracle):
                return
    finally:
        server.stop(grace=1).wait()


class _Servicer(oracle_chief.OracleServicer):
    """Answers workers, but one whose name another has."""

    def __init__(self, oracle: PatientOracle):
        super().__init__(oracle)
        self._first_asked: dict[str, float] = {}

    def CreateTrial(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        tuner_id = request.tuner_id
        asked = self._first_asked.setdefault(tuner_id, time.monotonic())
        others = [
            other
            for other in self._first_asked
            if other != tuner_id and _name(other) == _name(tuner_id)
        ]
        for other in others:
            heard = self.oracle.heard_at(other)
            if heard is None or self._first_asked[other] > asked:
                continue
            if heard > asked:
                context.abort(grpc.StatusCode.ALREADY_EXISTS, _twins_text(tuner_id))
            # It may have been killed, and this is the one that was started in its
            # place: that waits until the other is taken for lost.
            idle = Trial(keras_tuner.HyperParameters(), status=TrialStatus.IDLE)
            return protos.get_service().CreateTrialResponse(trial=idle.to_proto())
        return super().CreateTrial(request, context)


def take_own_id() -> str:
    """Tells this worker apart from others, also from one of the same name."""
    name = os.environ["KERASTUNER_TUNER_ID"]
    tuner_id = f"{name}/{uuid.uuid4().hex}"
    # keras-tuner takes it from there.
    os.environ["KERASTUNER_TUNER_ID"] = tuner_id
    return tuner_id


def worker_error(error: grpc.RpcError, wait_secs: float) -> ConfigError:
    """Builds the error for a worker that the chief refuses, or does not answer."""
    if error.code() == grpc.StatusCode.ALREADY_EXISTS:
        return ConfigError(error.details())
    return no_chief_error(wait_secs)


def _name(tuner_id: str) -> str:
    return tuner_id.rpartition("/")[0] or tuner_id


def _twins_text(tuner_id: str) -> str:
    return (
        "`KERASTUNER_TUNER_ID` must be another on every machine. Received: "
        f"{_name(tuner_id)}, which a worker of this search has already. Give each "
        "worker a name of its own."
    )


def wait_for_chief(wait_secs: float) -> None:
    """Returns when the chief answers.

    Raises:
        ConfigError: It did not in `wait_secs`.
    """
    # So do later requests, because the chief may be started again.
    oracle_client.TIMEOUT = wait_secs
    with grpc.insecure_channel(_address()) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=wait_secs)
        except grpc.FutureTimeoutError:
            raise no_chief_error(wait_secs) from None


def no_chief_error(wait_secs: float) -> ConfigError:
    """Builds the error for a chief that does not answer."""
    return ConfigError(
        f"A worker needs a chief. Received: no answer from {_address()} for "
        f"{wait_secs:g} seconds. Start the same command there with "
        "KERASTUNER_TUNER_ID=chief, or leave the KERASTUNER_ variables out to search "
        "on this machine alone."
    )


@contextlib.contextmanager
def signs_of_life(
    tuner_id: str, trial_id: str, *, lost_after_secs: float
) -> Iterator[threading.Event]:
    """Tells the chief regularly that the worker is still at its trial.

    Yields:
        An event that is set when the chief has given the trial to another.
    """
    is_taken, is_over = threading.Event(), threading.Event()

    def tell() -> None:
        with grpc.insecure_channel(_address()) as channel:
            stub = protos.get_service_grpc().OracleStub(channel)
            request = protos.get_service().CreateTrialRequest(tuner_id=tuner_id)
            while not is_over.wait(lost_after_secs / _SIGNS_OF_LIFE):
                try:
                    # A worker that asks again while it has a trial is given the same.
                    answer = stub.CreateTrial(request, timeout=lost_after_secs)
                except grpc.RpcError:
                    # The chief may be started again.
                    continue
                if answer.trial.trial_id != trial_id and not is_over.is_set():
                    is_taken.set()
                    return

    thread = threading.Thread(target=tell, name="signs-of-life", daemon=True)
    thread.start()
    try:
        yield is_taken
    finally:
        is_over.set()
        thread.join()


def _address() -> str:
    ip, port = (os.environ[name] for name in VARIABLES[1:])
    return f"{ip}:{port}"
