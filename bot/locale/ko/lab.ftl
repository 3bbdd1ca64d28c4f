### The lab.

command-lab = 수업에 나온 모델들이 부르는 노래. 전체 표나 모델 하나의 노래를 보여 드려요
option-lab-model = 어느 모델의 노래를 볼지 (비우면 전체 표)

lab-head-model = 모델
lab-head-step = 한 음
lab-head-song = 한 곡
lab-head-wrong = 오답
lab-table = 🧪 **실험실.** 모든 모델이 동요 〈나비야〉를 외워 50음을 맞혔어요. *한 음*은 맞는 음을 들려주고 다음 음을 맞히게 한 결과, *한 곡*은 네 음만 들려주고 끝까지 혼자 부르게 한 결과, *오답*은 그때 처음 틀린 음의 번호예요.
lab-table-end =
    네 음만 들어서는 다음 음을 알 수 없는 곳이 있어요. 그래서 네 음만 보는 모델은 50개 중 46개까지만 맞힐 수 있고, 노래 전체를 기억하는 모델만 다 맞혀요.
    이렇게 들어 보세요: `{ $prefix }lab lstm-stateful`
lab-song-figures = 한 음씩 **{ $step }** · 한 곡 전체 **{ $song }**
lab-song-astray = { $place }번째 음에서 처음 틀려요: { $wanted } 대신 { $sung }. 틀린 음은 빨간색이에요
lab-song-exact = 틀린 음이 하나도 없어요
lab-song-end = 미리 ‘nabi lab’ 명령으로 학습해 두었어요.
lab-what =
    { $model ->
        [mlp] 다층 퍼셉트론. 숫자 네 개를 받는 Dense 층 두 개
        [lstm] 네 음을 읽고 나면 잊어버리는 LSTM
        [lstm-batch] 같은 LSTM을 곡 전체를 한 배치로, 순서대로 학습
        [lstm-stateful] 곡이 끝날 때까지 기억을 이어 가는 LSTM
        [lstm-features] 같은 모델에 음높이와 길이를 따로 입력
        [rnn] 기억 셀이 없는 SimpleRNN
        [gru] LSTM보다 게이트가 적은 GRU
        [stacked] LSTM 층 두 개
        [stacked-dropout] LSTM 층 두 개와 Dropout
        [stacked-norm] LSTM 층 두 개와 BatchNormalization
        [many-to-many] 음마다 다음 음을 답하는 LSTM
        [seq2seq] 인코더가 네 음을 읽고 디코더가 다음 네 음을 불러요
       *[gan] 지어내는 생성자와 가려내는 판별자
    }
