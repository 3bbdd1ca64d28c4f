### Descriptions in Discord's menu, at most 100 characters each.

command-continue = Finish the tune you start: as a score, a picture, a sound and a MIDI file
command-retrain = Train the model again (administrators)
command-help = How to ask for a tune
command-about = Which versions and which model answer

option-melody = Note codes such as g8 e8 e4 f8 (empty: an invented tune)
option-file = A MIDI, MusicXML or ABC file to continue
option-bars = Bars of new music
option-temperature = 1 as the model says, lower is calmer, higher is wilder
option-candidates = Continuations drawn to choose the best from (1: no choice)
option-seed = A number that brings back the same tune
option-style = Which collection the tune should sound like
option-meter = Time signature, such as 3/4
option-key = Key, such as G, Am, F# minor or D dorian
option-tempo = Quarter notes per minute
option-as = One more file format
option-version = Model version (empty: the current one)
option-action = Start a run, ask how it goes, or cancel it
