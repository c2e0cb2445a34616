"""The real systems that tests run against, installed and started on demand."""
