### What is kept, and forgetting it.

privacy =
    🔒 **What I keep**
    • Each tune that I made for you, so that the buttons under it work: your notes or your file with its name, the options, the finished tune, the time and your Discord id. It is deleted after { $days } days, or earlier: all members’ files together get { $megabytes } MB at most, and the oldest go first.
    • What is set with `/settings`, by server, channel or, in direct messages, by member, until it is reset.
    • How often you voted in `/quiz` and were right, by server, and, until the answer is told, what you chose.
    Nothing else of your messages is kept, and no text of yours stands in my log. I never learn from what members send.

    `/forget-me` deletes all that is tied to you, at once. My answers in the channel are Discord’s: delete them there. The whole of it is in PRIVACY.md and TERMS.md, beside my source code.
forget-question = Delete all that I keep about you? Tunes that I made for you lose their buttons, and your own settings are reset. This can’t be undone.
forget-yes = Delete everything
forget-no = Keep it
forget-done = { $count ->
    [0] Done. There was nothing of yours.
    [one] Done. I deleted the one thing of yours that I had.
   *[other] Done. I deleted all { $count } things of yours that I had.
}
forget-left = All right, I deleted nothing.
