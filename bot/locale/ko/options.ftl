### What an option's values are called while they are chosen.

style-name = { $style ->
    [folk] 유럽 민요 (folk)
    [irish] 아일랜드 춤곡 (irish)
    [fiddle] 미국 피들 곡 (fiddle)
    [scottish] 옛 스코틀랜드 노래 (scottish)
    [bach] 바흐 코랄 (bach)
    [children] 동요 (children)
    [chinese] 중국 민요 (chinese)
   *[any] 곡에 어울리는 대로 (any)
}
meter-name = { $beats }/{ $unit } ({ $unit }분의 { $beats }박자)
key-name = { $sign ->
    [sharp] 올림
    [flat] 내림
   *[none] {""}
}{ $step ->
    [C] 다
    [D] 라
    [E] 마
    [F] 바
    [G] 사
    [A] 가
   *[B] 나
}{ $mode ->
    [minor] 단조
    [dorian] {" "}도리아 선법
    [phrygian] {" "}프리지아 선법
    [lydian] {" "}리디아 선법
    [mixolydian] {" "}믹솔리디아 선법
    [locrian] {" "}로크리아 선법
   *[major] 장조
}
version-answers = 지금 답하는 모델
