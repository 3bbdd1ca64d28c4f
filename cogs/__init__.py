"""What people on Discord touch: commands, buttons and replies."""
