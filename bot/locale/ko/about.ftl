### Help and about.

help-start = **멜로디를 시작해 주시면 제가 완성할게요.** 복사해서 음만 바꿔 보세요:
help-example = 솔8 미8 미4 파8 레8 레4
help-more =
    음은 이름과 길이로 써요. `솔8`은 8분음표, `미4`는 4분음표, `미4.`은 점4분음표예요. `파#`은 올림, `시b`은 내림, `도'`는 한 옥타브 위, `도,`는 한 옥타브 아래, `r4`는 쉼표예요. g8 e8 e4처럼 써도 돼요.
    MIDI, MusicXML, ABC 파일을 첨부하거나, 그런 파일이 있는 메시지에 `{ $prefix }continue`로 답장해도 돼요. 옵션은 음 뒤에 붙여 주세요:
help-end =
    예: `{ $prefix }continue 솔8 미8 미4 파8 --bars 16 --style irish --temperature 0.8`
    답 아래의 **다시**를 누르면 다른 결말을, **더 길게**를 누르면 끝난 곳부터 더 지어 드려요. `/continue`를 쓰면 메뉴에서 고를 수 있어요.
    접두사, 언어, 기본값은 `/settings`에서 정할 수 있고, 무엇을 보관하는지는 `/privacy`에서 볼 수 있어요.

about = 🦋 **나비**는 시작하신 멜로디를 완성해 드려요. 옛 민요와 춤곡을 배운 신경망이 곡을 지어요. 보내 주신 것은 답하는 데에만 쓰고 학습에는 절대 쓰지 않아요.
about-model = 모델: `{ $name }` ({ $created } 학습)
about-no-model = 모델: 지금은 쓸 수 있는 것이 없어요
about-program = 나비 { $nabi } · discord.py { $discord } · Python { $python }
