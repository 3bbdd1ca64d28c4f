### Waiting for one's turn.

queue-place = Others asked first: you are number { $place } in the queue.
queue-turn = It is your turn: I am composing.
form-ready = That took longer than it should. Your form is ready now.
button-open-form = Open the form
