"""The shelf of models and the store of their weights."""
