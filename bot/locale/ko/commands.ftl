### Descriptions in Discord's menu, at most 100 characters each.

command-continue = 시작한 멜로디를 이어서 완성해요. 악보, 그림, 소리, MIDI 파일로 보내 드려요
menu-continue = 이 곡 이어 짓기
command-retrain = 모델을 다시 학습시켜요 (관리자 전용)
command-retrain-status = 학습이 얼마나 왔는지, 진행 메시지가 어디 있는지 알려 드려요 (관리자 전용)
command-retrain-cancel = 학습을 멈춰요. 지금 답하는 모델은 그대로예요 (관리자 전용)
command-retrain-promote = 확실히 낫지 않은 버전이라도 답하게 해요 (관리자 전용)
command-models = 모델에 어떤 버전이 있고 어느 버전이 답하는지
command-models-use = 다른 버전이 답하게 해요 (관리자 전용)
command-models-rollback = 전에 답하던 버전으로 되돌려요 (관리자 전용)
command-help = 곡을 부탁하는 방법
command-settings = 이 서버나 채널의 접두사, 언어, 기본값 등을 보거나 바꿔요
command-privacy = 무엇을 얼마나 오래 보관하는지 알려 드려요
command-forget-me = 나에 대해 보관하는 것을 모두 지워요
command-about = 버전과 지금 쓰는 모델

option-command = 어떤 명령인지 (비우면 모두)
option-melody = 음 코드. 예: g8 e8 e4 f8 또는 솔8 미8 미4 파8 (비우면 새로 지어요)
option-file = 이어 갈 MIDI, MusicXML, ABC 파일
option-bars = 새로 지을 마디 수
option-temperature = 1이 보통이고, 낮으면 차분하게 높으면 자유롭게
option-takes = 서로 다른 결말을 몇 가지 함께 받을지
option-candidates = 몇 가지를 지어 보고 가장 나은 것을 고를지 (1이면 고르지 않아요)
option-seed = 같은 곡을 다시 부르는 번호
option-style = 어느 모음집처럼 지을지
option-meter = 박자. 예: 3/4
option-key = 조성. 예: G, Am, F# minor, D dorian
option-pickup = 첫 마디 앞 못갖춘마디의 길이. 예: 1/8
option-tempo = 1분당 4분음표 수
option-as = 함께 받을 다른 파일 형식
option-version = 모델 버전 (비우면 지금 쓰는 모델)
option-version-name = 모델 버전의 이름
option-from = 지금 버전에서 이어서 배울지, 처음부터 배울지
option-epochs = 곡 전체를 최대 몇 번 배울지
option-collections = 쉼표로 나눈 모음집, corpus는 운영자의 폴더 (비우면 모두)
option-name = 새 버전의 이름 (비우면 날짜와 시각)
option-dry-run = 무엇으로 배우고 얼마나 걸릴지만 알려 드려요
