### The continuation and what stands around it.

button-again = Again
button-longer = Longer

reply-invented-tune = No notes were given, so all of it is new.
reply-guess = { $name ->
    [meter] meter
    [key] key
   *[tempo] tempo
}
reply-guessed = My guess: { $names }.
reply-known = I know this tune, I learnt it ({ $name }): I may go on as it really does.
reply-no-attachments = I may not attach files in this channel, so this is text only. With the permission “Attach Files” I send the score, the sound and the MIDI file too.
reply-not-remembered = I could not save this one, so it comes without buttons.
reply-left-out = Too large for this server’s upload limit: { $names }.

taken = From { $file }: { $what }.
taken-track = { $tracks ->
    [1] track
   *[other] track { $track } of { $tracks }
}{ $named ->
    [yes] {" "}“{ $name }”
   *[no] {""}
}
taken-chords = the top line of its chords
taken-shifted = moved onto the grid by up to { $beats } beats
taken-drums = without the drums
taken-cut = { $count ->
    [one] without its last note (it is very long)
   *[other] without its last { $count } notes (it is very long)
}
taken-whole = the melody as it is
