### One sentence for everything that can go wrong.

error-bad-token = I can’t read note { $place }: `{ $marked }` – { $hint ->
    [letter] notes are named c d e f g a b (or 도 레 미 파 솔 라 시), and a rest is r.
    [duration] a length is 1, 2, 4, 8, 16 or 32, with dots if you like: g4.
    [octave] write ' after a note for an octave up and , for an octave down: c'8
    [tie] ~ ties a note to the next one, which has to be the same: g4~ g8
    [tuplet] three notes in the time of two are 3(g8 a8 b8) or g8t a8t b8t; other tuplets I can’t read.
    [range] that is higher or lower than anything can sing.
   *[unknown] a note is a letter and a length, like g8 or f#4.
}
error-unknown-flag = There is no option `{ $flag }`. `/help` lists them all.
error-near-flag = There is no option `{ $flag }`. Did you mean `{ $near }`?
error-bad-option = { $kind ->
    [missing] `--{ $name }` needs a value: { $expected }.
    [taken] There is already a version called `{ $value }`. Please choose another name.
    [near] `--{ $name }` can’t be `{ $value }`. Did you mean `{ $near }`? It takes: { $expected }.
    [open] `--{ $name }` can’t be `{ $value }`. Try, for example: { $expected }.
   *[closed] `--{ $name }` can’t be `{ $value }`. It takes: { $expected }.
}
error-too-long = That is too long: { $size } { $what ->
    [notes] notes
   *[characters] characters
}, and I read up to { $limit }.
error-too-large = That file is too large: { $size } { $unit }, and I read up to { $limit } { $unit }.
error-bad-file = { $reason ->
    [format] I can’t read `{ $name }`. Send me a MIDI, MusicXML or ABC file.
    [broken] `{ $name }` seems to be damaged: I couldn’t read it to the end.
    [empty] There are no notes in `{ $name }`.
    [drums] I found nothing but drums in `{ $name }`, and no melody to go on with.
   *[limits] `{ $name }` is too much for me: reading it took too long. Try a shorter excerpt.
}
error-unknown-version = There is no model version `{ $name }`. There are: { $known }.
error-bad-version = The model version `{ $name }` can’t be used just now. Whoever runs me finds the reason in the log.
error-engine = { $reason ->
    [timeout] That took me too long, sorry. Try fewer bars or a shorter tune.
    [closed] I’m just restarting. Please try again in a minute.
   *[crashed] Something broke while I was composing, sorry. Please try again.
}
error-busy = One moment, your last tune is still on its way.
error-too-soon = Let me catch my breath: you can ask again { $when }.
error-closing = I’m just restarting. Please try again in a minute.
error-nothing-there = I found no tune in that message: neither note codes nor a MIDI, MusicXML or ABC file.
error-tune-missing = That line lacks the tune itself. Reply with it to the message that has the tune, or attach the file again.
error-file-gone = I couldn’t fetch that file from Discord. Please attach it again.
error-cannot-speak = { $permission ->
    [timed_out] I have been timed out in that server, so I can’t answer in #{ $channel } for now.
    [manage_threads] The thread #{ $channel } is locked, so I can’t answer there. Please ask a moderator to open it.
   *[other] I may not write in #{ $channel }. Please ask an administrator to give me the permission { $permission ->
        [send_messages_in_threads] “Send Messages in Threads”
        [view_channel] “View Channel”
       *[send_messages] “Send Messages”
    } there.
}
error-cannot-read = I may not read earlier messages in this channel. With the permission “Read Message History” I can go on from the message you reply to.
error-cannot-see = Discord doesn’t show me what that message says. Hold or right-click it → Apps → **{ menu-continue }**.
error-forgotten = I no longer remember this tune: I keep them for 30 days. Reply to a message with notes or a file to start afresh.
error-not-administrator = { $elsewhere ->
    [yes] Only the administrators of my home server can have me learn again, not those of other servers. Thanks for understanding!
   *[no] Only my administrators can have me learn again. But you can always ask me for a tune!
}
error-already-training = { $where ->
    [none] I’m already learning. `retrain status` shows how far I am.
   *[link] I’m already learning: { $where }
}
error-unknown-word = After `retrain` I don’t know `{ $word }`. It takes `status`, `cancel`, `promote NAME`, or the options `--from`, `--epochs`, `--collections`, `--name` and `--dry-run`.
error-not-training = I’m not learning anything at the moment.
error-estimate = { $failure ->
    [empty-corpus] There is nothing to learn from: no tunes in the chosen collections or in the corpus folder.
   *[crashed] I couldn’t find out how long that would take. Whoever runs me finds the reason in the log.
}
error-only-in-servers = That only works in a server, not in direct messages.
error-not-allowed = You may not use this command here.
error-bad-prefix = `{ $prefix }` can’t be a prefix. Take 1 to 5 characters, without spaces, backticks or mentions.
error-not-here = In this server I answer in these channels: { $channels }
error-outdated = This is too old to work any more. Please give the command again.
error-not-yours = Somebody else opened this. Open your own with the same command.
error-may-not-set = { $level ->
    [channel] Only those who may manage this channel can change its settings.
   *[server] Only those who may manage this server can change its settings.
}
error-bad-database = { $reason ->
    [newer] The database belongs to a newer version of this program (revision { $detail }). Start that version, or set NABI_DATABASE or NABI_DATA to another place.
    [address] NABI_DATABASE is no address of a SQLite or PostgreSQL database. It looks like postgresql://user:password@host/name.
    [driver] For this database { $detail } is missing. Install it with: pip install { $detail }
   *[unusable] The database cannot be used: { $detail }
}
error-missing-argument = `{ $name }` is missing after the command. `/help` shows examples.
error-bad-argument = That can’t be `{ $value }`. It can be: { $expected }.
error-quotes = A quotation mark stands alone or in the middle of a word. Please take it away, or put two around the words that belong together.
error-unknown-command = I have no command `{ $name }`. `help` shows what I can do.
error-old-command = This command has changed. Please reload Discord (Ctrl+R, or close the app) and try again.
error-input = I didn’t understand that. `/help` shows examples.
error-unexpected = Something went wrong on my side, sorry. If it happens again, tell whoever runs me the code `{ $code }`.
