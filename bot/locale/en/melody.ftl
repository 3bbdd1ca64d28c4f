### The continuation and what stands around it.

button-again = Again
button-longer = Longer
button-go-on = Go on from { $number }
button-wilder = Wilder
button-calmer = Calmer
button-edit = Edit
button-files = Files
button-delete = Delete
button-go-on-editing = Keep editing

edit-title = Edit the tune
edit-notes = Notes
edit-notes-hint = Such as g8 e8 e4 f8; with none at all I invent a tune.
edit-notes-hidden = Leave this empty to keep the tune that was given, or type another one.
edit-options = Options
edit-options-hint = Without --seed it becomes another tune each time.

files-here = The same tune as LilyPond, ABC, MusicXML and WAV.

error-not-your-tune = Only the one who asked for this tune, and moderators, can delete it.
error-version-gone = This tune was made by model version `{ $name }`, which is no longer there, so I can’t write it in other formats. The MIDI file above holds the same notes; *Again* makes a new tune with the version that answers now.
error-no-files-here = I may not attach files in this channel. With the permission “Attach Files” I can.

reply-invented-tune = No notes were given, so all of it is new.
reply-guess = { $name ->
    [meter] meter
    [key] key
   *[tempo] tempo
}
reply-guessed = My guess: { $names }.
reply-known = I know this tune, I learnt it ({ $name }): I may go on as it really does.
reply-no-attachments = I may not attach files in this channel, so this is text only. With the permission “Attach Files” I send the score, the sound and the MIDI file too.
reply-fewer-takes = { $count ->
    [one] I kept finding the same continuation, so this is one instead of { $wanted }. A higher `--temperature` makes more difference.
   *[other] I found only { $count } different continuations instead of { $wanted }. A higher `--temperature` makes more difference.
}
reply-not-remembered = I could not save this one, so it comes without buttons.
reply-lightened = To keep to this server’s upload limit: { $what }.
reply-lightened-part = { $part ->
    [picture] smaller picture
    [audio] shorter sound
   *[wave] shorter WAV file
}
reply-excerpt = The tune is too long to play whole: the sound is a part of it, from just before the new notes on. The MIDI file has it all.
reply-line-alone = This line lacks the tune itself: reply with it to this message or to the one that has the tune, or attach the file again.
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
taken-tempo = its beat found in the playing (♩ = { $tempo })
taken-drums = without the drums
taken-cut = { $count ->
    [one] without its last note (it is very long)
   *[other] without its last { $count } notes (it is very long)
}
taken-whole = the melody as it is
