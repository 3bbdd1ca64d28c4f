### Waiting for one's turn.

queue-place = Others asked first: you are number { $place } in the queue.
queue-turn = It is your turn: I am composing.
