"""The processes that read, compose, draw and play, and how they are asked."""
