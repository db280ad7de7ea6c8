"""Finds in a run the mistakes that nothing else reports."""
