"""Training runs and model versions: what the bot, the commands and the command line share.

``runs`` holds the plain data and the two doors; ``trainer`` and ``versions`` implement them.
"""
