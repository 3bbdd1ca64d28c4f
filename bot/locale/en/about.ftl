### Help and about.

help-start = **Start a tune and I’ll finish it.** Copy this and change the notes:
help-example = g8 e8 e4 f8 d8 d4
help-more =
    `g8` is an eighth, `e4` a quarter, `r4` a rest, `f#` sharp, `c'` an octave up. 솔8 미8 미4 works too. Or attach a MIDI, MusicXML or ABC file{ $heard ->
        [yes] , or reply `{ $prefix }continue` to a message that has one.
       *[no] .
    }
help-end = -# { $heard ->
    [yes] Choose a command below, or type `{ $prefix }help continue`, for examples and options.
   *[no] Choose a command below for examples and options.
}
help-direct = Send me the start of a tune, such as `g8 e8 e4 f8`, or a MIDI, MusicXML or ABC file: I’ll finish it. `help` tells you more.
help-left = - … and { $count } more in the menu below
help-choose = All about one command…
help-apps = Hold or right-click a message → Apps → **{ $name }**
help-typed = { $heard ->
    [yes] In a message, copy this:
   *[no] Copy this:
}
help-aliases = Other names: { $names }
help-options = Options:
help-required = needed
help-unknown = There is no command `{ $name }` for you here. The menu below has all there are.
help-near = There is no command `{ $name }`. Did you mean `{ $near }`?

about = 🦋 **Nabi** finishes the tune you start, with a neural network that has learnt from old folk songs and dances. What you send is used to answer you, and never to train it.
about-model = Model: `{ $name }`, trained { $created }
about-no-model = Model: none that works at the moment
about-program = Nabi { $nabi } · discord.py { $discord } · Python { $python }
about-running = Started { $since }, in { $servers ->
    [one] one server
   *[other] { $servers } servers
}
about-card = Model card
about-invite = Add to a server
about-personal = Add to my apps
about-source = Source
about-source-here = -# Source: it runs from its source code; whoever runs it has that.

card-title = 📇 **`{ $name }`**
card-bits = On tunes it never saw: { $bits } bits per note, { $pitch } of them for the pitch; its likeliest pitch is right { $right } of the time
card-learnt = It learnt from:
card-collection = - { $name }: { $tunes } tunes, { $terms }
card-limits = -# Single melodies in these traditions; it knows nothing of chords, words or performance.
