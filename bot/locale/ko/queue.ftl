### Waiting for one's turn.

queue-place = 먼저 부탁하신 분들이 계세요. 지금 { $place }번째로 기다리고 계세요.
queue-turn = 차례가 됐어요. 지금 짓고 있어요.
