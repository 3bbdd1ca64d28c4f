### The settings panel.

settings-title = { $kind ->
    [channel] ⚙️ **Settings for { $channel }**
    [server] ⚙️ **Settings for this server**
   *[member] ⚙️ **Your settings**, for direct messages with me and places that I am not in myself
}
settings-name = { $name ->
    [prefix] Prefix
    [language] Language
    [bars] Bars
    [temperature] Temperature
    [style] Style
    [names] Note names
    [picture] Score as a picture
    [audio] Sound
   *[channels] Allowed channels
}
settings-origin = { $origin ->
    [channel] set for this channel
    [server] set for the server
    [member] set by you
   *[default] default
}
settings-place = { $kind ->
    [server] Whole server
   *[channel] This channel
}
settings-order = { $kind ->
    [channel] What you type in a request comes first, then this channel’s settings, then the server’s. Threads follow their channel.
    [server] What somebody types in a request comes first, then their channel’s settings, then these.
   *[member] What you type in a request comes first, then these.
}
settings-read-only = Those who may manage this channel or this server can change them here.
settings-switch = { $on ->
    [yes] on
   *[no] off
}
settings-language = { $language ->
    [en] English
    [ko] 한국어
   *[auto] automatic
}
settings-names = { $names ->
    [letters] letters (c d e)
    [solfege] solfège (도 레 미)
   *[auto] automatic (as typed, otherwise by language)
}
settings-channels = { $count ->
    [0] all channels
    [one] one channel
   *[other] { $count } channels
}
settings-pick = What would you like to change?
settings-channels-pick = Where may I answer? (none: everywhere)
settings-type = Type a value
settings-prefix-hint = 1 to 5 characters, no spaces; an emoji works too
settings-reset = Reset: { $name }
settings-reset-all = Reset all
settings-done = Done
