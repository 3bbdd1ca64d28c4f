### One sentence for everything that can go wrong.

error-bad-token = { $place }번째 음을 읽지 못했어요: `{ $marked }` – { $hint ->
    [letter] 음 이름은 도 레 미 파 솔 라 시 또는 c d e f g a b, 쉼표는 쉼 또는 r로 써 주세요.
    [duration] 길이는 1, 2, 4, 8, 16, 32 중 하나이고 점을 붙일 수 있어요: 솔4.
    [octave] 한 옥타브 위는 음 뒤에 ', 아래는 ,를 붙여 주세요: 도'8
    [tie] ~는 바로 뒤의 같은 음과 이어 줘요: 솔4~ 솔8
    [tuplet] 셋잇단음표는 3(솔8 라8 시8) 또는 솔8t 라8t 시8t로 써 주세요. 다른 잇단음표는 읽지 못해요.
    [range] 낼 수 없을 만큼 높거나 낮은 음이에요.
   *[unknown] 음은 이름과 길이로 써 주세요. 예: 솔8, 파#4, g8
}
error-unknown-flag = `{ $flag }` 옵션은 없어요. `/help`에서 모두 볼 수 있어요.
error-near-flag = `{ $flag }` 옵션은 없어요. 혹시 `{ $near }`인가요?
error-bad-option = { $kind ->
    [missing] `--{ $name }` 뒤에 값을 써 주세요: { $expected }
    [taken] `{ $value }` 버전은 이미 있어요. 다른 이름을 골라 주세요.
    [near] `--{ $name }`에는 `{ $value }` 값을 쓸 수 없어요. 혹시 `{ $near }`인가요? 쓸 수 있는 값: { $expected }
    [open] `--{ $name }`에는 `{ $value }` 값을 쓸 수 없어요. 이렇게 써 보세요: { $expected }
   *[closed] `--{ $name }`에는 `{ $value }` 값을 쓸 수 없어요. 쓸 수 있는 값: { $expected }
}
error-too-long = 너무 길어요. { $what ->
    [notes] 음이 { $size }개인데 { $limit }개
   *[characters] 글자가 { $size }자인데 { $limit }자
}까지 읽을 수 있어요.
error-too-large = 파일이 너무 커요. { $size } { $unit }인데 { $limit } { $unit }까지 읽을 수 있어요.
error-bad-file = { $reason ->
    [format] `{ $name }` 파일은 읽을 수 없어요. MIDI, MusicXML, ABC 파일을 보내 주세요.
    [broken] `{ $name }` 파일이 손상된 것 같아요. 끝까지 읽지 못했어요.
    [empty] `{ $name }` 파일에 음이 하나도 없어요.
    [drums] `{ $name }` 파일에는 드럼만 있고 이어 갈 멜로디가 없어요.
   *[limits] `{ $name }` 파일은 읽는 데 너무 오래 걸려요. 조금 잘라서 보내 주세요.
}
error-unknown-version = `{ $name }` 모델은 없어요. 있는 모델: { $known }
error-bad-version = 지금은 `{ $name }` 모델을 쓸 수 없어요. 운영하시는 분이 로그에서 이유를 볼 수 있어요.
error-engine = { $reason ->
    [timeout] 시간이 너무 오래 걸려서 멈췄어요. 죄송해요. 마디 수를 줄이거나 더 짧은 곡으로 해 보세요.
    [closed] 지금 다시 시작하는 중이에요. 잠시 뒤에 다시 불러 주세요.
   *[crashed] 곡을 짓다가 문제가 생겼어요. 죄송해요. 다시 한번 해 주세요.
}
error-busy = 잠깐만요, 지난번에 부탁하신 곡을 아직 짓고 있어요.
error-too-soon = 숨 좀 돌릴게요. { $when } 다시 부탁해 주세요.
error-closing = 지금 다시 시작하는 중이에요. 잠시 뒤에 다시 불러 주세요.
error-nothing-there = 그 메시지에서 곡을 찾지 못했어요. 음 코드나 MIDI, MusicXML, ABC 파일이 있어야 해요.
error-tune-missing = 그 줄에는 곡이 들어 있지 않아요. 곡이 있는 메시지에 그 줄로 답장하거나 파일을 다시 첨부해 주세요.
error-file-gone = 디스코드에서 그 파일을 받지 못했어요. 다시 첨부해 주세요.
error-cannot-speak = { $permission ->
    [timed_out] 그 서버에서 저에게 타임아웃이 걸려 있어서 지금은 #{ $channel } 채널에서 대답할 수 없어요.
    [manage_threads] #{ $channel } 스레드가 잠겨 있어서 거기에서는 대답할 수 없어요. 관리자에게 열어 달라고 부탁해 주세요.
   *[other] #{ $channel } 채널에서는 글을 쓸 권한이 없어요. 관리자에게 { $permission ->
        [send_messages_in_threads] ‘스레드에서 메시지 보내기’
        [view_channel] ‘채널 보기’
       *[send_messages] ‘메시지 보내기’
    } 권한을 부탁해 주세요.
}
error-cannot-read = 이 채널에서는 지난 메시지를 읽을 권한이 없어요. ‘메시지 기록 보기’ 권한을 주시면 답장하신 메시지의 곡을 이어 드릴게요.
error-cannot-see = 디스코드가 그 메시지의 내용을 저에게 보여 주지 않아요. 그 메시지를 길게 누르거나 오른쪽 클릭 → 앱 → **{ menu-continue }**를 골라 주세요.
error-forgotten = 이 곡은 이제 기억나지 않아요. 곡은 30일 동안만 간직해요. 음이나 파일이 있는 메시지에 답장하면 새로 시작할 수 있어요.
error-not-administrator = { $elsewhere ->
    [yes] 다시 학습시키는 일은 제 홈 서버의 관리자만 할 수 있고, 다른 서버의 관리자는 할 수 없어요. 이해해 주셔서 고마워요!
   *[no] 다시 학습시키는 일은 제 관리자만 할 수 있어요. 그래도 곡은 언제든지 부탁해 주세요!
}
error-already-training = { $where ->
    [none] 이미 배우고 있어요. `retrain status`로 얼마나 왔는지 볼 수 있어요.
   *[link] 이미 배우고 있어요: { $where }
}
error-unknown-word = `retrain` 뒤에 쓰신 `{ $word }`의 뜻을 모르겠어요. `status`, `cancel`, `promote 이름`이나 `--from`, `--epochs`, `--collections`, `--name`, `--dry-run` 옵션을 쓸 수 있어요.
error-not-training = 지금은 배우고 있지 않아요.
error-estimate = { $failure ->
    [empty-corpus] 배울 곡이 없어요. 고른 모음집에도 corpus 폴더에도 곡이 없어요.
   *[crashed] 얼마나 걸릴지 알아내지 못했어요. 이유는 운영하시는 분이 로그에서 볼 수 있어요.
}
error-only-in-servers = 그 명령은 서버에서만 쓸 수 있어요. 개인 메시지에서는 안 돼요.
error-not-allowed = 여기서는 이 명령을 쓰실 수 없어요.
error-bad-prefix = `{ $prefix }` 접두사는 쓸 수 없어요. 띄어쓰기, 백틱(`), 멘션이 없는 1~5글자로 정해 주세요.
error-not-here = 이 서버에서는 다음 채널에서만 답해요: { $channels }
error-outdated = 너무 오래되어 이제는 쓸 수 없어요. 명령을 다시 써 주세요.
error-not-yours = 다른 분이 여신 창이에요. 같은 명령으로 직접 열어 주세요.
error-may-not-set = { $level ->
    [channel] 이 채널의 설정은 채널 관리 권한이 있는 분만 바꿀 수 있어요.
   *[server] 이 서버의 설정은 서버 관리 권한이 있는 분만 바꿀 수 있어요.
}
error-bad-database = { $reason ->
    [newer] 이 데이터베이스는 더 새로운 버전의 프로그램이 만든 거예요 (리비전 { $detail }). 그 버전으로 시작하거나 NABI_DATABASE 또는 NABI_DATA를 다른 곳으로 정해 주세요.
    [address] NABI_DATABASE가 SQLite나 PostgreSQL 데이터베이스의 주소가 아니에요. postgresql://사용자:비밀번호@호스트/이름 같은 모양이에요.
    [driver] 이 데이터베이스를 쓰려면 { $detail } 패키지가 필요해요. 이렇게 설치해 주세요: pip install { $detail }
   *[unusable] 데이터베이스를 쓸 수 없어요: { $detail }
}
error-missing-argument = 명령 뒤에 `{ $name }` 값이 빠졌어요. `/help`에서 예를 볼 수 있어요.
error-bad-argument = `{ $value }` 값은 쓸 수 없어요. 쓸 수 있는 값: { $expected }
error-quotes = 따옴표가 하나만 있거나 낱말 가운데에 있어요. 따옴표를 빼거나, 함께 쓸 말의 앞뒤에 하나씩 붙여 주세요.
error-unknown-command = `{ $name }` 명령은 없어요. `help`라고 부르시면 무엇을 할 수 있는지 알려 드릴게요.
error-old-command = 이 명령은 그사이에 바뀌었어요. 디스코드를 새로 고친 뒤(Ctrl+R, 또는 앱을 껐다 켜기) 다시 해 주세요.
error-input = 무슨 뜻인지 모르겠어요. `/help`에서 예를 볼 수 있어요.
error-unexpected = 제 쪽에서 문제가 생겼어요. 죄송해요. 또 그러면 운영하시는 분께 이 코드를 알려 주세요: `{ $code }`
