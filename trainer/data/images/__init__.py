"""Folders of images: found, checked, read and resized."""
