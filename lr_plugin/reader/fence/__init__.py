"""Keeps what a run's files hold from spoiling more than the part that holds it."""
