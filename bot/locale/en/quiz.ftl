### The guessing game.

command-quiz = Guess: two continuations of a famous tune, one real, one composed by me
option-quiz-show = What to show instead of a new round
choice-quiz-scores = scores

quiz-question =
    🎵 **Which one is real?** A and B begin alike. { $seen ->
        [yes] In blue,
       *[no] After that,
    } one goes on as the famous tune really does, and the other as I have just composed it. Vote below: the answer comes { $when }.
quiz-voted = You chose **{ $choice }**. You can change that until the answer comes.
quiz-answer =
    🎵 **{ $real }** was the real one: **{ $title }** ({ $origin }). { $mine } was mine.
quiz-nobody = Nobody voted.
quiz-found = { $votes ->
    [one] { $right ->
        [0] The only vote went to mine.
       *[other] The only vote was right.
    }
   *[other] { $right ->
        [one] 1 of { $votes } votes was right.
       *[other] { $right } of { $votes } votes were right.
    }
}
quiz-best = 🏆 Best here so far: { $table }
quiz-record = { $votes ->
    [one] So far my tunes have fooled { $percent }% of 1 vote.
   *[other] So far my tunes have fooled { $percent }% of { $votes } votes.
}
quiz-next = Next
quiz-scores = 🏆 **Who tells my tunes from the real ones**
quiz-own-scores = 🏆 **Your score in our direct messages**
quiz-score = { $right } of { $votes } ({ $percent }%)
quiz-own = You: { $score }
quiz-no-scores = Nobody has voted yet. { $command } begins a round.

error-quiz-going = { $where ->
    [none] A round is just being made here. One at a time!
   *[other] A round is going on here: { $where }
}
error-quiz-over = That round is over.
error-quiz-none = I know these tunes too well: everything I tried was how they really go on. Please try again.
error-quiz-word = After `quiz` I know `scores`, or nothing to play a round, but not `{ $word }`.
