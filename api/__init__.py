"""The doors: the OpenAI-compatible endpoint, the command line, the processes."""
