"""What the recorder of tests/acceptance/test_recorder.py is made of."""
