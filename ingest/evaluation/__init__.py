"""How well passages are cut and found, on questions of which somebody said where the answers are. Pure."""
