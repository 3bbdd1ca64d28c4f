### The continuation and what stands around it.

button-again = 다시
button-longer = 더 길게

reply-invented-tune = 음을 주지 않으셔서 처음부터 새로 지었어요.
reply-guess = { $name ->
    [meter] 박자
    [key] 조성
   *[tempo] 빠르기
}
reply-guessed = 제가 짐작한 것: { $names }
reply-known = 이 곡은 제가 배운 곡이라({ $name }) 원래 선율대로 이어질 수 있어요.
reply-no-attachments = 이 채널에서는 파일을 첨부할 권한이 없어서 글로만 보내드려요. ‘파일 첨부’ 권한을 주시면 악보와 소리, MIDI 파일도 함께 보내드릴게요.
reply-not-remembered = 이번 결과는 저장하지 못해서 버튼이 없어요.
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
taken-drums = 드럼 제외
taken-cut = 너무 길어서 마지막 음 { $count }개 제외
taken-whole = 멜로디를 그대로 가져왔어요
