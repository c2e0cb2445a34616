"""What is found in a text by its form, its labels and its surroundings."""
