"""Answers what a run looks like between two steps, in as many points as fit."""
