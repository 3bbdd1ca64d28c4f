### Help and about.

help-start = **멜로디를 시작해 주시면 제가 완성할게요.** 복사해서 음만 바꿔 보세요:
help-example = 솔8 미8 미4 파8 레8 레4
help-more =
    `솔8`은 8분음표, `미4`는 4분음표, `쉼4`는 쉼표, `파#`은 올림, `도'`는 한 옥타브 위예요. g8 e8 e4처럼 써도 돼요. MIDI, MusicXML, ABC 파일을 { $heard ->
        [yes] 첨부하거나, 그런 파일이 있는 메시지에 `{ $prefix }continue`로 답장해도 돼요.
       *[no] 첨부해도 돼요.
    }
help-end = -# { $heard ->
    [yes] 아래에서 명령을 고르거나 `{ $prefix }help continue`처럼 쓰면 예시와 옵션을 볼 수 있어요.
   *[no] 아래에서 명령을 고르면 예시와 옵션을 볼 수 있어요.
}
help-direct = `솔8 미8 미4 파8`처럼 곡의 첫머리나 MIDI, MusicXML, ABC 파일을 보내 주시면 제가 이어서 완성할게요. 자세한 방법은 `help`라고 보내시면 알려 드려요.
help-left = - … 그 밖의 { $count }개는 아래 메뉴에 있어요
help-choose = 명령 하나 자세히 보기…
help-apps = 메시지를 길게 누르거나 오른쪽 클릭 → 앱 → **{ $name }**
help-typed = { $heard ->
    [yes] 메시지로 쓰려면 복사하세요:
   *[no] 이렇게 복사해서 쓰세요:
}
help-aliases = 다른 이름: { $names }
help-options = 옵션:
help-required = 필수
help-unknown = 여기서 쓰실 수 있는 `{ $name }` 명령은 없어요. 아래 메뉴에 모두 있어요.
help-near = `{ $name }` 명령은 없어요. `{ $near }` 명령을 찾으셨나요?

about = 🦋 **나비**는 시작하신 멜로디를 완성해 드려요. 옛 민요와 춤곡을 배운 신경망이 곡을 지어요. 보내 주신 것은 답하는 데에만 쓰고 학습에는 절대 쓰지 않아요.
about-model = 모델: `{ $name }` ({ $created } 학습)
about-no-model = 모델: 지금은 쓸 수 있는 것이 없어요
about-program = 나비 { $nabi } · discord.py { $discord } · Python { $python }
about-running = { $since } 시작했고, 서버 { $servers ->
   *[other] { $servers }
}곳에서 쓰고 있어요
about-card = 모델 카드
about-invite = 서버에 추가
about-personal = 내 앱에 추가
about-source = 소스 코드
about-source-here = -# 소스 코드: 이 봇은 소스 코드에서 바로 실행돼요. 코드는 이 봇을 운영하시는 분께 있어요.

card-title = 📇 **`{ $name }`** 모델
card-bits = 처음 보는 곡에서 음 하나에 { $bits }비트(음높이 { $pitch }비트), 가장 그럴듯하게 본 음높이가 맞는 비율 { $right }
card-learnt = 배운 곡:
card-collection = - { $name }: { $tunes }곡, { $terms }
card-limits = -# 이런 전통의 단선율만 지어요. 화음, 가사, 연주법은 몰라요.
