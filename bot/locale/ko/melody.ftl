### The continuation and what stands around it.

button-again = 다시
button-longer = 더 길게
button-go-on = { $number }번 이어서
button-wilder = 자유롭게
button-calmer = 차분하게
button-edit = 고치기
button-files = 파일
button-delete = 지우기
button-go-on-editing = 계속 고치기

edit-title = 곡 고치기
edit-notes = 음
edit-notes-hint = 예: 솔8 미8 미4 파8. 하나도 없으면 새로 지어요.
edit-notes-hidden = 비워 두시면 처음에 주신 곡을 그대로 써요. 다른 음을 적으셔도 돼요.
edit-options = 옵션
edit-options-hint = --seed를 지우시면 매번 다른 곡이 나와요.

files-here = 같은 곡을 LilyPond, ABC, MusicXML, WAV 파일로 보내 드려요.

error-not-your-tune = 이 곡을 부탁하신 분과 메시지를 관리하시는 분만 지울 수 있어요.
error-version-gone = 이 곡을 지은 모델 `{ $name }` 버전이 이제 없어서 다른 형식으로 쓸 수 없어요. 위의 MIDI 파일에 같은 음이 들어 있어요. **다시**를 누르면 지금 답하는 버전으로 새로 지어 드려요.
error-no-files-here = 이 채널에서는 파일을 첨부할 권한이 없어요. ‘파일 첨부’ 권한을 주시면 보내 드릴 수 있어요.

reply-invented-tune = 음을 주지 않으셔서 처음부터 새로 지었어요.
reply-guess = { $name ->
    [meter] 박자
    [key] 조성
   *[tempo] 빠르기
}
reply-guessed = 제가 짐작한 것: { $names }
reply-known = 이 곡은 제가 배운 곡이라({ $name }) 원래 선율대로 이어질 수 있어요.
reply-no-attachments = 이 채널에서는 파일을 첨부할 권한이 없어서 글로만 보내드려요. ‘파일 첨부’ 권한을 주시면 악보와 소리, MIDI 파일도 함께 보내드릴게요.
reply-fewer-takes = { $count ->
    [1] 계속 같은 결말만 나와서 { $wanted }가지 대신 하나만 보내 드려요. `--temperature`를 높이면 더 달라져요.
   *[other] 서로 다른 결말을 { $wanted }가지 대신 { $count }가지만 찾았어요. `--temperature`를 높이면 더 달라져요.
}
reply-not-remembered = 이번 결과는 저장하지 못해서 버튼이 없어요.
reply-lightened = 이 서버의 업로드 한도에 맞췄어요: { $what }
reply-lightened-part = { $part ->
    [picture] 작은 그림
    [audio] 짧은 소리
   *[wave] 짧은 WAV 파일
}
reply-excerpt = 곡이 길어서 소리에는 새 음이 시작되기 직전부터 일부만 담았어요. MIDI 파일에는 전부 들어 있어요.
reply-line-alone = 이 줄에는 곡이 들어 있지 않아요. 이 메시지나 곡이 있는 메시지에 이 줄로 답장하거나, 파일을 다시 첨부해 주세요.
reply-left-out = 이 서버의 업로드 한도보다 커서 뺐어요: { $names }

taken = { $file } 파일에서: { $what }
taken-track = { $tracks ->
    [1] 트랙
   *[other] { $tracks }개 트랙 중 { $track }번
}{ $named ->
    [yes] {" "}“{ $name }”
   *[no] {""}
}
taken-chords = 화음은 가장 높은 음만
taken-shifted = 박에 맞추어 최대 { $beats }박 옮김
taken-tempo = 연주에서 박을 찾음(♩ = { $tempo })
taken-drums = 드럼 제외
taken-cut = 너무 길어서 마지막 음 { $count }개 제외
taken-whole = 멜로디를 그대로 가져왔어요
