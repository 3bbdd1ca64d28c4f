### Descriptions in Discord's menu, at most 100 characters each.

command-continue = 시작한 멜로디를 이어서 완성해요. 악보, 그림, 소리, MIDI 파일로 보내 드려요
command-retrain = 모델을 다시 학습시켜요 (관리자 전용)
command-help = 곡을 부탁하는 방법
command-about = 버전과 지금 쓰는 모델

option-melody = 음 코드. 예: g8 e8 e4 f8 또는 솔8 미8 미4 파8 (비우면 새로 지어요)
option-file = 이어 갈 MIDI, MusicXML, ABC 파일
option-bars = 새로 지을 마디 수
option-temperature = 1이 보통이고, 낮으면 차분하게 높으면 자유롭게
option-candidates = 몇 가지를 지어 보고 가장 나은 것을 고를지 (1이면 고르지 않아요)
option-seed = 같은 곡을 다시 부르는 번호
option-style = 어느 모음집처럼 지을지
option-meter = 박자. 예: 3/4
option-key = 조성. 예: G, Am, F# minor, D dorian
option-tempo = 1분당 4분음표 수
option-as = 함께 받을 다른 파일 형식
option-version = 모델 버전 (비우면 지금 쓰는 모델)
option-action = 시작, 진행 상황 보기, 취소
