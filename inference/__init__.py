"""Engines: one protocol, one adapter for each kind of engine."""
