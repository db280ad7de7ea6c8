"""Reads the runs that other frameworks wrote as ordinary scalars."""
