"""From tunes to a model version: what is learnt, how, and what comes out."""
