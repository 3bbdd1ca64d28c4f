"""How well a version predicts melodies: read, measure, compare, tell."""
