### Help and about.

help-start = **Start a tune and I’ll finish it.** Copy this and change the notes:
help-example = g8 e8 e4 f8 d8 d4
help-more =
    A note is a letter and a length: `g8` an eighth, `e4` a quarter, `e4.` dotted. `f#` is sharp and `bb` is B flat, `c'` an octave up and `c,` an octave down, `r4` a rest. 솔8 미8 미4 works too.
    You can also attach a MIDI, MusicXML or ABC file, or reply `{ $prefix }continue` to a message that has one. Options go after the notes:
help-end =
    For example: `{ $prefix }continue g8 e8 e4 f8 --bars 16 --style irish --temperature 0.8`
    Press **Again** for another ending, or **Longer** to go on from where it stopped. `/continue` does the same with a menu.
    Prefix, language and defaults are yours to choose: `/settings`. What I keep about you: `/privacy`.

about = 🦋 **Nabi** finishes the tune you start, with a neural network that has learnt from old folk songs and dances. What you send is used to answer you, and never to train it.
about-model = Model: `{ $name }`, trained { $created }
about-no-model = Model: none that works at the moment
about-program = Nabi { $nabi } · discord.py { $discord } · Python { $python }
