"""Looks into long event files without reading all of them."""
