### Waiting for one's turn.

queue-place = 먼저 부탁하신 분들이 계세요. 지금 { $place }번째로 기다리고 계세요.
queue-turn = 차례가 됐어요. 지금 짓고 있어요.
form-ready = 평소보다 오래 걸렸어요. 이제 양식을 여실 수 있어요.
button-open-form = 양식 열기
