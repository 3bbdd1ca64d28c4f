### Training runs: the message that shows how one goes, and the answers around it.

run-state = { $state ->
    [queued] ⏳ **I’m about to start learning `{ $version }`**
    [reading] 📖 **I’m reading the tunes for `{ $version }`**
    [encoding] 📖 **I’m getting the tunes ready for `{ $version }`**
    [training] 🎓 **I’m learning `{ $version }`: pass { $epoch } of at most { $epochs }**
    [comparing] ⚖️ **I’m comparing `{ $version }` with `{ $base }`**
    [stopping] ⏹️ **I’m stopping; `{ $version }` will not be made**
    [promoted] ✅ **`{ $version }` is better than `{ $base }` and answers from now on**
    [kept] ☑️ **`{ $version }` is ready, but not clearly better: `{ $base }` goes on answering**
    [worse] ☑️ **`{ $version }` is ready, but worse: `{ $base }` goes on answering**
    [done] ✅ **`{ $version }` is ready**
    [failed] ⚠️ **Learning `{ $version }` failed: `{ $base }` goes on answering**
   *[cancelled] ⏹️ **Learning `{ $version }` was cancelled: `{ $base }` goes on answering**
}
run-unseen = Tunes I haven’t seen: **{ $bits }** bits per note (lower is better)
run-level = `{ $base }` on the same tunes: { $bits }
run-loss = Learnt tunes: { $bits }
run-speed = { $notes } notes a second
run-left = finished { $when }
run-compared = On the same { $tunes } tunes, held out: { $old } → **{ $new }** bits per note (difference between { $low } and { $high }, lower is better)
run-next = { $promoted ->
    [yes] Hear it with any `{ $prefix }continue`; `{ $prefix }models rollback` goes back.
   *[no] Hear it with `{ $prefix }continue … --version { $version }`; `{ $prefix }retrain promote { $version }` lets it answer all the same.
}
run-failed = { $failure ->
    [empty-corpus] There was nothing to learn from: no tunes in the chosen collections or in the corpus folder.
    [diverged] The learning went astray: its figures became worse and worse, or no numbers any more. Trying again from scratch may help.
    [disk-full] The disk is full. Once there is room, I can start again.
    [memory] There was not enough memory. Fewer collections need less.
    [bad-base] The version to start from could not be loaded. `--from scratch` does without it.
    [killed] My training process was ended again and again before it came any further.
   *[crashed] Something broke while I was learning. Whoever runs me finds the reason in the log.
}
run-begun = begun { $when }
run-ended = ended { $when }
run-start = { $start ->
    [scratch] from scratch
   *[current] starting from `{ $base }`
}
run-corpus = { $tunes } tunes to learn, { $held_out } to be tested on
run-skipped = { $count ->
    [one] one file left out
   *[other] { $count } files left out
}
run-footnote = -# I learn from the bundled collections and my operator’s folder, never from messages or files that members send.
run-cancelling = I’m stopping the training run. The model that answers stays as it is.
run-unseen-channel = I can’t see this channel, so this message stays as it is. `{ $prefix }retrain status` shows how far I am, in any channel that I can see.

button-cancel = Cancel
button-details = Details
button-really = Stop learning
button-keep = Go on
cancel-question = Stop learning `{ $version }`? What it has learnt so far is lost; the model that answers stays as it is.
cancel-kept = All right, I go on learning.
cancel-already = I’m already stopping.

details-options = Asked for: `{ $line }`
details-versions = Makes `{ $version }`, compared with `{ $base }`
details-corpus = { $tunes } tunes with { $notes } notes to learn from, { $held_out } tunes held out
details-best = Best so far: { $bits } bits per note on the tunes held out, after pass { $epoch }
details-interval = -# The interval holds the true difference in 95 of 100 such comparisons. A version is promoted when all of it is below zero.
details-skipped = { $count ->
    [one] One file was left out:
   *[other] { $count } files were left out:
}
details-more = … and { $count } more
skip-reason = { $reason ->
    [format] no MIDI, MusicXML or ABC
    [broken] damaged
    [empty] no notes in it
    [drums] nothing but drums
    [limits] took too long to read
    [long] too long
    [short] fewer than eight notes
    [grid] rhythms finer than I can learn
    [link] leads outside the folder
   *[unreadable] could not be opened
}

estimate-title = 🔎 **I would learn from**
estimate-source = { $kind ->
    [folder] - `{ $name }`, my operator’s folder: { $tunes ->
        [one] one tune
       *[other] { $tunes } tunes
    }, { $notes } notes from { $files ->
        [one] one file
       *[other] { $files } files
    }
   *[bundled] - `{ $name }`: { $tunes } tunes, { $notes } notes
}
estimate-sum = { $tunes ->
    [one] One tune
   *[other] { $tunes } tunes
} with { $notes } notes in all
estimate-time = About **{ $duration }** for { $epochs ->
    [one] one pass
   *[other] { $epochs } passes
}, at { $speed } notes a second as measured here
estimate-unread = Some minutes more for collections that I read for the first time: { $names }
estimate-go = Nothing has begun yet. `{ $command }` starts it.
duration = { $size ->
    [days] { $days } days
    [hours] { $hours } h { $minutes } min
   *[minutes] { $minutes } min
}

curve-epochs = passes over the tunes
curve-bits = Bits per note (lower is better)
curve-training = learnt tunes
curve-validation = unseen tunes
curve-level = { $over ->
    [yes] { $base }
   *[no] { $base } now
}

models-title = **The versions of my model**
models-active = { $name } **answers now**
models-bits = { $bits } bits per note (pitch { $pitch })
models-tunes = { $tunes } tunes
models-shipped = came with me
models-damaged = ⚠️ damaged
models-more = - … and { $count ->
    [one] one older one
   *[other] { $count } older ones
}
models-footnote = -# Surprise at tunes that a version held out while it learnt: lower is better. Only versions that held out the same tunes compare exactly.
models-none = There is no version that I could use.
models-used = `{ $name }` answers from now on. `{ $prefix }models rollback` goes back.
models-rolled-back = I went back: `{ $name }` answers from now on.
