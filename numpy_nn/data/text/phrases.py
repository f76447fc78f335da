"""What the generated corpus is made of: classes of words, grids of words, and the patterns that they are said in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Grid:
    """Words in rows and columns that differ by what is said of their row and by what is said of their column alone.

    words: rows divided by "/".  rows, columns: for each cue, one word for each row or column, or several with "|"
    between them, of which one is drawn.  In a pattern {person} is a word and {person.his} a cue of the same word.
    """

    words: str
    rows: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> list[list[str]]:
        """The words, row by row."""
        return [row.split() for row in self.words.split("/")]


@dataclass(frozen=True)
class Language:
    """Classes and grids by name, and patterns, in which "+" joins a particle to its word."""

    classes: Mapping[str, str]
    grids: Mapping[str, Grid]
    patterns: str


ENGLISH = Language(
    classes={
        "pet": "puppy kitten rabbit hamster parrot",
        "food": "bread rice soup cheese porridge",
        "tool": "hammer saw drill wrench chisel",
        "drink": "tea coffee milk juice lemonade",
        "instrument": "piano violin flute guitar cello",
        "vehicle": "bus train ferry taxi tram",
    },
    grids={
        "person": Grid(
            "king queen / prince princess / man woman / boy girl",
            rows={"place": "throne castle office playground", "thing": "crown|sceptre banner|ring wage|desk toy|kite"},
            columns={"he": "he she", "his": "his her", "self": "himself herself", "kin": "uncle|nephew aunt|niece"},
        ),
        "state": Grid(
            "korea seoul / japan tokyo / france paris / egypt cairo / kenya nairobi",
            rows={
                "language": "korean japanese french arabic swahili",
                "dish": "bibimbap sushi ratatouille koshari ugali",
                "river": "han sumida seine nile athi",
            },
            columns={"role": "nation|republic city|metropolis", "has": "army|border mayor|suburb"},
        ),
        "beast": Grid(
            "cow calf / horse foal / sheep lamb / goose gosling",
            rows={"sound": "moos neighs bleats honks", "feed": "hay oats clover grain"},
            columns={"age": "grown|mighty newborn|tiny", "does": "leads|guards follows|trusts"},
        ),
        "deed": Grid(
            "paints painted / bakes baked / plants planted / mends mended",
            rows={
                "who": "artist baker gardener cobbler",
                "what": "portrait|landscape cake|pie tulip|oak shoe|boot",
            },
            columns={"when": "today|daily yesterday|formerly"},
        ),
    },
    patterns="""
        my sister feeds the {pet} every evening
        the {pet} sleeps in a basket
        a tame {pet} needs a patient owner
        we took the {pet} to the vet
        children stroke the fluffy {pet}
        grandmother serves {food} for dinner
        i eat {food} with a spoon
        the chef tastes the salty {food}
        hungry guests ordered more {food}
        the carpenter keeps a {tool} in the workshop
        pass me that heavy {tool}
        a rusty {tool} lay on the workbench
        screws and nails are beside the {tool}
        i drink {drink} at breakfast
        a glass of {drink} stood on the tray
        thirsty runners asked for {drink}
        pour some {drink} into the cup
        the musician plays the {instrument} in the orchestra
        a sonata for {instrument} and choir
        students practise the {instrument} before the concert
        the melody of the {instrument} filled the hall
        the {vehicle} arrives at the station
        passengers board the {vehicle}
        the driver of the {vehicle} sells tickets
        we missed the last {vehicle}
        the {person} walks to {person.his} {person.place}
        {person.he} is a proud {person}
        the {person} lost {person.his} {person.thing}
        a {person} with a {person.thing} entered the {person.place}
        the {person} looked at {person.self} in the mirror
        {person.he} is {person.kin} of the {person}
        {state} is a beautiful {state.role}
        the {state.has} of {state} is known
        people in {state} speak {state.language}
        they cook {state.dish} in {state}
        the {state.river} flows through {state}
        the {beast.age} {beast} {beast.sound} loudly
        the {beast} likes {beast.feed}
        a {beast.age} {beast} stands in the barn
        the {beast} {beast.does} the herd
        behind the fence the {beast} {beast.sound} for {beast.feed}
        the {deed.who} {deed} a {deed.what} {deed.when}
        {deed.when} somebody {deed} it
        {deed.when} the {deed.who} {deed} again
        our neighbour {deed} the {deed.what}
    """,
)

KOREAN = Language(
    classes={
        "반려동물": "강아지 고양이 토끼 앵무새 거북",
        "음식": "밥 국수 만두 김치 떡",
        "연장": "망치 톱 삽 드릴 집게",
        "음료": "커피 녹차 우유 주스 식혜",
        "악기": "피아노 기타 바이올린 피리 장구",
        "탈것": "버스 기차 택시 지하철 트럭",
    },
    grids={
        "사람": Grid(
            "왕 왕비 / 왕자 공주 / 남자 여자 / 아들 딸",
            rows={"곳": "왕좌 궁전 회사 놀이터", "것": "왕관|옥새 깃발|반지 월급|책상 장난감|연"},
            columns={"그": "그 그녀", "몸": "수염|콧수염 치마|댕기", "친척": "삼촌|조카 이모|고모"},
        ),
        "나라": Grid(
            "한국 서울 / 일본 도쿄 / 프랑스 파리 / 이집트 카이로 / 영국 런던",
            rows={
                "말": "한국어 일본어 프랑스어 아랍어 영어",
                "요리": "비빔밥 초밥 바게트 코샤리 푸딩",
                "강": "한강 스미다강 센강 나일강 템스강",
            },
            columns={"무엇": "국가|독립국 도시|수도", "있다": "국경|군대 시청|교외"},
        ),
        "가축": Grid(
            "소 송아지 / 말 망아지 / 닭 병아리 / 돼지 새끼돼지",
            rows={"소리": "음매 히힝 꼬꼬 꿀꿀", "먹이": "여물 당근 모이 고구마"},
            columns={"나이": "늙은|커다란 갓난|어린", "한다": "이끈다|지킨다 따른다|믿는다"},
        ),
        "일": Grid(
            "그린다 그렸다 / 굽는다 구웠다 / 심는다 심었다 / 고친다 고쳤다",
            rows={
                "누가": "화가 제빵사 정원사 수리공",
                "무엇": "초상화|풍경화 빵|과자 튤립|참나무 구두|장화",
            },
            columns={"언제": "오늘|날마다 어제|지난주"},
        ),
    },
    patterns="""
        동생+은 저녁+마다 {반려동물}+를 돌본다
        {반려동물}+가 바구니+에서 잔다
        우리+는 {반려동물}+를 동물병원+에 데려갔다
        귀여운 {반려동물}+가 주인+을 반긴다
        아이들+이 {반려동물}+를 쓰다듬는다
        할머니+가 저녁상+에 {음식}+를 올린다
        나+는 숟가락+으로 {음식}+를 먹는다
        요리사+가 짭짤한 {음식}+를 맛본다
        배고픈 손님+이 {음식}+를 더 시켰다
        목수+가 작업실+에 {연장}+를 둔다
        목수+가 판자+를 {연장}+로 다듬는다
        녹슨 {연장}+가 작업대+에 놓여 있다
        못+과 나사+는 {연장}+와 함께 있다
        나+는 아침+에 {음료}+를 마신다
        쟁반+에 {음료}+가 한 잔 있다
        목마른 선수+가 {음료}+를 찾는다
        컵+에 {음료}+를 붓는다
        연주자+가 악단+에서 {악기}+를 연주한다
        {악기}+와 합창+을 위한 소나타
        학생들+이 음악회+를 앞두고 {악기}+를 연습한다
        {악기}+의 가락+이 강당+을 채운다
        {탈것}+가 역+에 도착한다
        승객+이 {탈것}+에 오른다
        {탈것}+의 기사+가 표+를 판다
        우리+는 마지막 {탈것}+를 놓쳤다
        {사람}+가 {사람.곳}+로 걸어간다
        {사람.그}+는 당당한 {사람}+이다
        {사람}+가 {사람.것}+를 잃어버렸다
        {사람.것}+를 든 {사람}+가 {사람.곳}+에 들어간다
        {사람}+의 {사람.몸}+가 거울+에 비친다
        {사람.그}+는 {사람}+의 {사람.친척}+이다
        {나라}+는 아름다운 {나라.무엇}+이다
        {나라}+의 {나라.있다}+는 널리 알려졌다
        {나라} 사람들+은 {나라.말}+로 이야기한다
        {나라} 식당+은 {나라.요리}+로 이름났다
        {나라.강}+은 {나라}+를 지나 흐른다
        {가축.나이} {가축}+의 {가축.소리} 소리+가 들린다
        {가축}+도 {가축.먹이}+를 좋아한다
        {가축.나이} {가축}+도 헛간+에 서 있다
        {가축}+도 무리+를 {가축.한다}
        울타리 너머 {가축}+만 {가축.소리} 하며 {가축.먹이}+를 찾는다
        {일.언제} {일.누가}+가 {일.무엇}+를 {일}
        {일.언제} 누군가 그것+을 {일}
        {일.누가}+는 {일.언제} 또 {일}
        이웃+이 {일.무엇}+를 {일}
    """,
)
