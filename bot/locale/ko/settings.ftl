### The settings panel.

settings-title = { $kind ->
    [channel] ⚙️ **{ $channel } 채널 설정**
    [server] ⚙️ **이 서버의 설정**
   *[member] ⚙️ **내 설정** (저와의 개인 메시지와, 제가 들어가 있지 않은 곳에서)
}
settings-name = { $name ->
    [prefix] 접두사
    [language] 언어
    [bars] 마디 수
    [temperature] 자유로움 (temperature)
    [style] 스타일
    [names] 음이름
    [picture] 악보 그림
    [audio] 소리
   *[channels] 답하는 채널
}
settings-origin = { $origin ->
    [channel] 이 채널 설정
    [server] 서버 설정
    [member] 내 설정
   *[default] 기본값
}
settings-place = { $kind ->
    [server] 서버 전체
   *[channel] 이 채널
}
settings-order = { $kind ->
    [channel] 요청에 직접 쓴 것이 먼저이고, 그다음 이 채널의 설정, 그다음 서버의 설정을 따라요. 스레드는 그 채널의 설정을 따라요.
    [server] 요청에 직접 쓴 것이 먼저이고, 그다음 채널의 설정, 그다음 이 설정을 따라요.
   *[member] 요청에 직접 쓴 것이 먼저이고, 그다음 이 설정을 따라요.
}
settings-read-only = 이 채널이나 서버의 관리 권한이 있는 분이 여기에서 바꿀 수 있어요.
settings-switch = { $on ->
    [yes] 켜짐
   *[no] 꺼짐
}
settings-language = { $language ->
    [en] English
    [ko] 한국어
   *[auto] 자동
}
settings-names = { $names ->
    [letters] 알파벳 (c d e)
    [solfege] 계이름 (도 레 미)
   *[auto] 자동 (입력한 대로, 없으면 언어에 맞춰)
}
settings-channels = { $count ->
    [0] 모든 채널
   *[other] 채널 { $count }개
}
settings-pick = 무엇을 바꿀까요?
settings-channels-pick = 어느 채널에서 답할까요? (고르지 않으면 모든 채널)
settings-type = 값 입력
settings-prefix-hint = 띄어쓰기 없이 1~5글자, 이모지도 돼요
settings-reset = 되돌리기: { $name }
settings-reset-all = 모두 되돌리기
settings-done = 완료
