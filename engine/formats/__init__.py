"""Music files in and out: MIDI, MusicXML and ABC are read, these and LilyPond are written."""
