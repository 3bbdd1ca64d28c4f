### The training run.

retrain-state = { $state ->
    [reading] 📖 I’m reading the collections…
    [encoding] 📖 I’ve read { $tunes } tunes and am getting ready to learn…
    [training] 🎓 I’m learning: round { $epoch } of at most { $epochs }
    [done] ✅ Done! The new version is called `{ $version }`. Hear it with `--version { $version }`.
    [failed] ⚠️ The training run failed. I go on with the model I had; the reason is in the log.
   *[cancelled] ⏹️ The training run was cancelled. I go on with the model I had.
}
retrain-bits = Surprise at tunes it has not seen: { $bits } bits per note (lower is better)
retrain-begun = -# Started { $when }
retrain-footnote = -# Learnt from the bundled collections only, never from messages or files that members send.
retrain-cancelling = I’m stopping the training run…
