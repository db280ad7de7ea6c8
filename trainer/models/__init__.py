"""The models: built, loaded, compiled, frozen and saved."""
