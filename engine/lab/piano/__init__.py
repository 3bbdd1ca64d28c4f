"""The notes' second system: chords and voices from MIDI files, with music21 and stacked LSTMs."""
