### The training run.

retrain-state = { $state ->
    [reading] 📖 모음집을 읽고 있어요…
    [encoding] 📖 { $tunes }곡을 읽었고 이제 배울 준비를 하고 있어요…
    [training] 🎓 배우는 중이에요: 최대 { $epochs }회 중 { $epoch }회째
    [done] ✅ 다 배웠어요! 새 버전의 이름은 `{ $version }`이에요. `--version { $version }`을 붙여서 들어 보세요.
    [failed] ⚠️ 학습에 실패했어요. 지금까지 쓰던 모델을 계속 쓸게요. 이유는 로그에 있어요.
   *[cancelled] ⏹️ 학습을 취소했어요. 지금까지 쓰던 모델을 계속 쓸게요.
}
retrain-bits = 처음 보는 곡을 만났을 때의 놀라움: 음마다 { $bits }비트 (낮을수록 좋아요)
retrain-begun = -# 시작: { $when }
retrain-footnote = -# 함께 들어 있는 모음집으로만 배워요. 회원이 보낸 메시지나 파일로는 절대 배우지 않아요.
retrain-cancelling = 학습을 멈추고 있어요…
