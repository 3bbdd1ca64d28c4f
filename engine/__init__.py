"""Music in, music out: note codes and files, the melody model, composing, and scores."""
