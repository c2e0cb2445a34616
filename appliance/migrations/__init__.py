"""The steps between versions of the database, run by Alembic."""
