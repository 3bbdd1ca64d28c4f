### Training runs: the message that shows how one goes, and the answers around it.

run-state = { $state ->
    [queued] ⏳ **곧 `{ $version }` 학습을 시작해요**
    [reading] 📖 **`{ $version }`에 쓸 곡을 읽고 있어요**
    [encoding] 📖 **`{ $version }`에 쓸 곡을 준비하고 있어요**
    [training] 🎓 **`{ $version }` 학습 중: 최대 { $epochs }회 중 { $epoch }회째**
    [comparing] ⚖️ **`{ $version }` 버전과 `{ $base }` 버전을 비교하고 있어요**
    [stopping] ⏹️ **멈추는 중이에요. `{ $version }` 버전은 만들지 않아요**
    [promoted] ✅ **`{ $version }` 버전이 `{ $base }`보다 나아서 이제부터 이 버전이 답해요**
    [kept] ☑️ **`{ $version }` 버전이 준비됐지만 확실히 낫지는 않아서 `{ $base }` 버전이 계속 답해요**
    [worse] ☑️ **`{ $version }` 버전이 준비됐지만 더 나빠서 `{ $base }` 버전이 계속 답해요**
    [done] ✅ **`{ $version }` 버전이 준비됐어요**
    [failed] ⚠️ **`{ $version }` 학습에 실패해서 `{ $base }` 버전이 계속 답해요**
   *[cancelled] ⏹️ **`{ $version }` 학습을 취소해서 `{ $base }` 버전이 계속 답해요**
}
run-unseen = 처음 보는 곡: 음마다 **{ $bits }**비트 (낮을수록 좋아요)
run-level = 같은 곡에서 `{ $base }`: { $bits }
run-loss = 배운 곡: { $bits }
run-speed = 1초에 음 { $notes }개
run-left = { $when } 끝나요
run-compared = 따로 둔 같은 { $tunes }곡에서: 음마다 { $old } → **{ $new }**비트 (차이는 { $low }에서 { $high } 사이, 낮을수록 좋아요)
run-next = { $promoted ->
    [yes] `{ $prefix }continue` 명령으로 들어 보세요. `{ $prefix }models rollback` 명령으로 되돌릴 수 있어요.
   *[no] `{ $prefix }continue … --version { $version }` 명령으로 들어 볼 수 있어요. 그래도 이 버전으로 바꾸려면 `{ $prefix }retrain promote { $version }` 명령을 써 주세요.
}
run-failed = { $failure ->
    [empty-corpus] 배울 곡이 없었어요. 고른 모음집에도 corpus 폴더에도 곡이 없어요.
    [diverged] 학습이 엉뚱한 데로 흘렀어요. 수치가 점점 나빠지거나 숫자가 아니게 됐어요. 처음부터 다시 하면 나을 수 있어요.
    [disk-full] 디스크가 가득 찼어요. 자리가 생기면 다시 시작할 수 있어요.
    [memory] 메모리가 모자랐어요. 모음집을 줄이면 덜 필요해요.
    [bad-base] 바탕으로 삼을 버전을 불러오지 못했어요. `--from scratch`를 쓰면 바탕 없이 배워요.
    [killed] 학습 프로세스가 더 나아가지 못하고 거듭 종료됐어요.
   *[crashed] 배우다가 문제가 생겼어요. 이유는 운영하시는 분이 로그에서 볼 수 있어요.
}
run-begun = { $when } 시작
run-ended = { $when } 끝남
run-start = { $start ->
    [scratch] 처음부터 학습
   *[current] `{ $base }`에서 이어서 학습
}
run-corpus = 배울 곡 { $tunes }개, 시험할 곡 { $held_out }개
run-skipped = 제외한 파일 { $count }개
run-footnote = -# 함께 들어 있는 모음집과 운영자의 폴더로만 배워요. 회원이 보낸 메시지나 파일로는 절대 배우지 않아요.
run-cancelling = 학습을 멈추고 있어요. 지금 답하는 모델은 그대로예요.
run-unseen-channel = 이 채널을 볼 권한이 없어서 이 메시지는 바뀌지 않아요. 제가 볼 수 있는 채널에서 `{ $prefix }retrain status` 명령을 쓰면 얼마나 왔는지 보여 드려요.

button-cancel = 취소
button-details = 자세히
button-really = 학습 멈추기
button-keep = 계속하기
cancel-question = `{ $version }` 학습을 멈출까요? 지금까지 배운 것은 사라지고, 지금 답하는 모델은 그대로예요.
cancel-kept = 네, 계속 배울게요.
cancel-already = 이미 멈추고 있어요.

details-options = 요청: `{ $line }`
details-versions = 만드는 버전은 `{ $version }`, 비교할 버전은 `{ $base }`
details-corpus = 배울 곡 { $tunes }개 (음 { $notes }개), 따로 둔 곡 { $held_out }개
details-best = 지금까지 가장 좋은 값: 따로 둔 곡에서 음마다 { $bits }비트 ({ $epoch }회째)
details-interval = -# 이런 비교를 100번 하면 95번은 진짜 차이가 이 구간 안에 있어요. 구간 전체가 0보다 작을 때만 새 버전으로 바꿔요.
details-skipped = 제외한 파일이 { $count }개 있어요:
details-more = … 그 밖에 { $count }개
skip-reason = { $reason ->
    [format] MIDI, MusicXML, ABC가 아니에요
    [broken] 손상됐어요
    [empty] 음이 없어요
    [drums] 드럼뿐이에요
    [limits] 읽는 데 너무 오래 걸려요
    [long] 너무 길어요
    [short] 음이 8개보다 적어요
    [grid] 배울 수 있는 것보다 리듬이 잘아요
    [link] 폴더 밖을 가리켜요
   *[unreadable] 열 수 없어요
}

estimate-title = 🔎 **이런 곡으로 배우게 돼요**
estimate-source = { $kind ->
    [folder] - 운영자의 폴더 `{ $name }`: { $tunes }곡, 음 { $notes }개 (파일 { $files }개)
   *[bundled] - `{ $name }`: { $tunes }곡, 음 { $notes }개
}
estimate-sum = 모두 { $tunes }곡, 음 { $notes }개
estimate-time = { $epochs }회 학습에 약 **{ $duration }** (여기서 잰 속도: 1초에 음 { $speed }개)
estimate-unread = 처음 읽는 모음집이 있어서 몇 분 더 걸려요: { $names }
estimate-go = 아직 시작하지 않았어요. `{ $command }` 명령을 쓰면 시작해요.
duration = { $size ->
    [days] { $days }일
    [hours] { $hours }시간 { $minutes }분
   *[minutes] { $minutes }분
}

curve-epochs = 곡 전체를 배운 횟수
curve-bits = 음마다 비트 (낮을수록 좋아요)
curve-training = 배운 곡
curve-validation = 처음 보는 곡
curve-level = { $over ->
    [yes] { $base }
   *[no] 지금의 { $base }
}

models-title = **제 모델의 버전들이에요**
models-active = { $name } **지금 답하는 버전**
models-bits = 음마다 { $bits }비트 (음높이 { $pitch })
models-tunes = { $tunes }곡
models-shipped = 기본 제공
models-damaged = ⚠️ 손상됨
models-more = - … 더 오래된 버전 { $count }개
models-footnote = -# 배울 때 따로 둔 곡을 만났을 때의 놀라움이에요. 낮을수록 좋아요. 같은 곡을 따로 둔 버전끼리만 정확히 비교할 수 있어요.
models-none = 쓸 수 있는 버전이 없어요.
models-used = 이제부터 `{ $name }` 버전이 답해요. `{ $prefix }models rollback` 명령으로 되돌릴 수 있어요.
models-rolled-back = 되돌렸어요. 이제부터 `{ $name }` 버전이 답해요.
