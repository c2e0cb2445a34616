"""The knowledge that a new appliance is shown with: documents of an ISP that does not exist."""

from ingest.demo.shelf import Written, documents

__all__ = ["Written", "documents"]
