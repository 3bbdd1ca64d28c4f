"""A melody as text, as a picture and as sound."""
