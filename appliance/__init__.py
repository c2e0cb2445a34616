"""The chassis: configuration, errors, database, identity, limits, audit, metrics."""
