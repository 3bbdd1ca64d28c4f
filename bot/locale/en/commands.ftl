### Descriptions in Discord's menu, at most 100 characters each.

command-continue = Finish the tune you start: as a score, a picture, a sound and a MIDI file
menu-continue = Continue this tune
command-retrain = Train the model again (administrators)
command-retrain-status = How far the training is, and where its message stands (administrators)
command-retrain-cancel = Stop the training; the model that answers stays (administrators)
command-retrain-promote = Let a version answer although it was not clearly better (administrators)
command-models = Which versions of the model there are, and which one answers
command-models-use = Let another version answer (administrators)
command-models-rollback = Go back to the version that answered before (administrators)
command-help = How to ask for a tune
command-settings = Show or change prefix, language, defaults and more for this server or channel
command-privacy = What I keep, and for how long
command-forget-me = Delete all that I keep about you
command-about = Which versions and which model answer

option-command = Which command (empty: all of them)
option-melody = Note codes such as g8 e8 e4 f8 (empty: an invented tune)
option-file = A MIDI, MusicXML or ABC file to continue
option-bars = Bars of new music
option-temperature = 1 as the model says, lower is calmer, higher is wilder
option-takes = How many different continuations to send together
option-candidates = Continuations drawn to choose the best from (1: no choice)
option-seed = A number that brings back the same tune
option-style = Which collection the tune should sound like
option-meter = Time signature, such as 3/4
option-key = Key, such as G, Am, F# minor or D dorian
option-pickup = Length of the upbeat before the first bar line, such as 1/8
option-tempo = Quarter notes per minute
option-as = One more file format
option-version = Model version (empty: the current one)
option-version-name = Name of a model version
option-from = Go on from the current version, or learn from scratch
option-epochs = Passes over the tunes at most
option-collections = Collections by comma, corpus is the operator’s folder (empty: all)
option-name = Name of the new version (empty: date and time)
option-dry-run = Only tell what would be learnt from and how long it would take
