### The guessing game.

command-quiz = 유명한 곡의 뒷부분 두 가지 중 진짜를 맞혀 보세요. 하나는 제가 지어요
option-quiz-show = 새 문제 대신 보여 드릴 것
choice-quiz-scores = 점수

quiz-question =
    🎵 **어느 쪽이 진짜일까요?** A와 B는 똑같이 시작해요. { $seen ->
        [yes] 파란 음부터
       *[no] 그 뒤로
    } 하나는 유명한 곡 그대로이고, 다른 하나는 제가 방금 지었어요. 아래에서 골라 주세요. 정답은 { $when } 알려 드려요.
quiz-voted = **{ $choice }** 쪽을 고르셨어요. 정답이 나올 때까지 바꿀 수 있어요.
quiz-answer =
    🎵 진짜는 **{ $real }** 쪽이었어요: **{ $title }** ({ $origin }). { $mine } 쪽은 제가 지었어요.
quiz-nobody = 아무도 고르지 않으셨어요.
quiz-found = { $right ->
    [0] { $votes }표 가운데 맞힌 표가 없어요. 모두 제 곡을 고르셨어요.
   *[other] { $votes }표 가운데 { $right }표가 맞았어요.
}
quiz-best = 🏆 지금까지 이 서버의 순위: { $table }
quiz-record = 지금까지 { $votes }표 가운데 { $percent }%가 제 곡을 진짜로 골랐어요.
quiz-next = 다음 문제
quiz-scores = 🏆 **제 곡과 진짜를 가려낸 분들**
quiz-own-scores = 🏆 **개인 메시지에서의 내 점수**
quiz-score = { $votes }번 중 { $right }번 ({ $percent }%)
quiz-own = 나: { $score }
quiz-no-scores = 아직 아무도 참여하지 않으셨어요. { $command } 명령으로 시작해 보세요.

error-quiz-going = { $where ->
    [none] 지금 여기에서 문제를 만들고 있어요. 한 번에 하나씩만 할 수 있어요.
   *[other] 여기에서 이미 한 문제가 진행되고 있어요: { $where }
}
error-quiz-over = 이 문제는 이미 끝났어요.
error-quiz-none = 제가 너무 잘 아는 곡들이라 무엇을 지어도 원래 선율이 나왔어요. 다시 해 주세요.
error-quiz-word = `quiz` 뒤에 쓰신 `{ $word }`의 뜻을 모르겠어요. `점수`를 쓰거나, 새 문제를 내려면 아무것도 쓰지 마세요.
