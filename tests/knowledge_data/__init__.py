"""The knowledge of a fictitious group of ISPs, and questions with the exact places of their answers."""
