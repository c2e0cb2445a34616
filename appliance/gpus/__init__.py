"""The GPUs of this machine: read by one process, known to all."""

from appliance.gpus.figures import FIGURES, Device, Fault, Figure, Sample, Source

__all__ = ["FIGURES", "Device", "Fault", "Figure", "Sample", "Source"]
