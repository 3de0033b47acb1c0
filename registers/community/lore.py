"""What an invented community is made of, by country: names, streets, settlements, kinds of dues. Pure.

Nobody and no place is meant: common given names and surnames put together by chance, settlements that are on no map.
"""

from __future__ import annotations

from dataclasses import dataclass

Words = tuple[str, ...]
"""One text by language, in the order of `Lore.languages`."""


@dataclass(frozen=True, slots=True)
class Given:
    """A given name, and the patronymics made of a father's: son's, daughter's; "" where it gives none."""

    name: Words
    son: Words = ()
    daughter: Words = ()


@dataclass(frozen=True, slots=True)
class Lore:
    """`surnames`: (a man's, a woman's); `streets`: (now, formerly or nothing); `number`: the kind of personal number.

    `dues`: names and payees with amounts in hundredths from..to.
    """

    languages: tuple[str, ...]
    currency: str
    number: str
    men: tuple[Given, ...]
    women: tuple[Given, ...]
    surnames: tuple[tuple[Words, Words], ...]
    settlements: tuple[Words, ...]
    streets: tuple[tuple[Words, Words], ...]
    documents: tuple[Words, ...]
    dues: tuple[tuple[Words, str, int, int], ...]


def _table(text: str) -> tuple[Words, ...]:
    return tuple(tuple(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines())


_UA_MEN = """
Андрій|Андрей|Andrii|Андрійович|Андреевич|Andriiovych|Андріївна|Андреевна|Andriivna
Богдан|Богдан|Bohdan|Богданович|Богданович|Bohdanovych|Богданівна|Богдановна|Bohdanivna
Василь|Василий|Vasyl|Васильович|Васильевич|Vasylovych|Василівна|Васильевна|Vasylivna
Віктор|Виктор|Viktor|Вікторович|Викторович|Viktorovych|Вікторівна|Викторовна|Viktorivna
Григорій|Григорий|Hryhorii|Григорович|Григорьевич|Hryhorovych|Григорівна|Григорьевна|Hryhorivna
Дмитро|Дмитрий|Dmytro|Дмитрович|Дмитриевич|Dmytrovych|Дмитрівна|Дмитриевна|Dmytrivna
Ілля|Илья|Illia|Ілліч|Ильич|Illich|Іллівна|Ильинична|Illivna
Максим|Максим|Maksym|Максимович|Максимович|Maksymovych|Максимівна|Максимовна|Maksymivna
Микола|Николай|Mykola|Миколайович|Николаевич|Mykolaiovych|Миколаївна|Николаевна|Mykolaivna
Олег|Олег|Oleh|Олегович|Олегович|Olehovych|Олегівна|Олеговна|Olehivna
Остап|Остап|Ostap|Остапович|Остапович|Ostapovych|Остапівна|Остаповна|Ostapivna
Роман|Роман|Roman|Романович|Романович|Romanovych|Романівна|Романовна|Romanivna
Сергій|Сергей|Serhii|Сергійович|Сергеевич|Serhiiovych|Сергіївна|Сергеевна|Serhiivna
Юрій|Юрий|Yurii|Юрійович|Юрьевич|Yuriiovych|Юріївна|Юрьевна|Yuriivna
"""
_UA_WOMEN = """
Анна|Анна|Anna
Валентина|Валентина|Valentyna
Вікторія|Виктория|Viktoriia
Ганна|Анна|Hanna
Зоряна|Зоряна|Zoriana
Ірина|Ирина|Iryna
Катерина|Екатерина|Kateryna
Лариса|Лариса|Larysa
Любов|Любовь|Liubov
Марія|Мария|Mariia
Надія|Надежда|Nadiia
Оксана|Оксана|Oksana
Олена|Елена|Olena
Соломія|Соломия|Solomiia
Софія|София|Sofiia
Тетяна|Татьяна|Tetiana
Юлія|Юлия|Yuliia
Ярина|Ярина|Yaryna
"""
_UA_SURNAMES = """
Бойко|Бойко|Boiko
Вербицький;Вербицька|Вербицкий;Вербицкая|Verbytskyi;Verbytska
Гнатюк|Гнатюк|Hnatiuk
Гончаренко|Гончаренко|Honcharenko
Дорошенко|Дорошенко|Doroshenko
Журавель|Журавель|Zhuravel
Заєць|Заяц|Zaiets
Зінченко|Зинченко|Zinchenko
Калинич|Калинич|Kalynych
Кириленко|Кириленко|Kyrylenko
Коваль|Коваль|Koval
Кравчук|Кравчук|Kravchuk
Левицький;Левицька|Левицкий;Левицкая|Levytskyi;Levytska
Лисенко|Лысенко|Lysenko
Мельник|Мельник|Melnyk
Микитюк|Микитюк|Mykytiuk
Нечай|Нечай|Nechai
Олійник|Олейник|Oliinyk
Паламарчук|Паламарчук|Palamarchuk
Підгорний;Підгорна|Подгорный;Подгорная|Pidhornyi;Pidhorna
Пономаренко|Пономаренко|Ponomarenko
Приходько|Приходько|Prykhodko
Руденко|Руденко|Rudenko
Савчук|Савчук|Savchuk
Сорока|Сорока|Soroka
Стельмах|Стельмах|Stelmakh
Ткаченко|Ткаченко|Tkachenko
Хоменко|Хоменко|Khomenko
Чорновіл|Черновол|Chornovil
Шаповал|Шаповал|Shapoval
Щербак|Щербак|Shcherbak
Юрченко|Юрченко|Yurchenko
Яременко|Яременко|Yaremenko
Ярошенко|Ярошенко|Yaroshenko
"""
_UA_SETTLEMENTS = """
місто Калинопіль|город Калинополь|Kalynopil
селище Тиха Балка|посёлок Тихая Балка|Tykha Balka
село Вербове Поле|село Вербовое Поле|Verbove Pole
село Зелений Яр Новий|село Зелёный Яр Новый|Zelenyi Yar Novyi
село Криничне-Степове|село Криничное-Степное|Krynychne-Stepove
село Малинівський Став|село Малиновский Пруд|Malynivskyi Stav
село Об’їзне|село Объездное|Obizne
село Соколина Гора|село Соколиная Гора|Sokolyna Hora
"""
_UA_STREETS = """
вулиця Центральна|улица Центральная|Tsentralna Street|вулиця Леніна|улица Ленина|Lenina Street
вулиця Шевченка|улица Шевченко|Shevchenka Street
вулиця Лесі Українки|улица Леси Украинки|Lesi Ukrainky Street
вулиця Івана Франка|улица Ивана Франко|Ivana Franka Street
вулиця Грушевського|улица Грушевского|Hrushevskoho Street|вулиця Кірова|улица Кирова|Kirova Street
вулиця Незалежності|улица Независимости|Nezalezhnosti Street|вулиця Жовтнева|улица Октябрьская|Zhovtneva Street
вулиця Соборна|улица Соборная|Soborna Street|вулиця Радянська|улица Советская|Radianska Street
вулиця Героїв-рятувальників|улица Героев-спасателей|Heroiv-Riatuvalnykiv Street|вулиця Комсомольська|улица Комсомольская|Komsomolska Street
вулиця Шкільна|улица Школьная|Shkilna Street
вулиця Садова|улица Садовая|Sadova Street
вулиця Калинова|улица Калиновая|Kalynova Street
вулиця Вишнева|улица Вишнёвая|Vyshneva Street
вулиця Лугова|улица Луговая|Luhova Street
вулиця Набережна|улица Набережная|Naberezhna Street
вулиця Польова|улица Полевая|Polova Street
вулиця Степова|улица Степная|Stepova Street
вулиця Сонячна|улица Солнечная|Soniachna Street|вулиця Піонерська|улица Пионерская|Pionerska Street
вулиця Миру|улица Мира|Myru Street
вулиця Молодіжна|улица Молодёжная|Molodizhna Street
вулиця Польського Мосту|улица Польского Моста|Polskoho Mostu Street
вулиця Гоголя|улица Гоголя|Hoholia Street
вулиця Козацька|улица Казацкая|Kozatska Street|вулиця Червоноармійська|улица Красноармейская|Chervonoarmiiska Street
вулиця Ярослава Мудрого|улица Ярослава Мудрого|Yaroslava Mudroho Street|вулиця Дзержинського|улица Дзержинского|Dzerzhynskoho Street
вулиця Волонтерська|улица Волонтёрская|Volonterska Street|вулиця Чапаєва|улица Чапаева|Chapaieva Street
вулиця Об’їзна|улица Объездная|Obizna Street
провулок Щасливий|переулок Счастливый|Shchaslyvyi Lane
провулок Тихий|переулок Тихий|Tykhyi Lane
провулок Джерельний|переулок Родниковый|Dzherelnyi Lane
площа Ринкова|площадь Рыночная|Rynkova Square
проспект Свободи|проспект Свободы|Svobody Avenue|проспект Перемоги|проспект Победы|Peremohy Avenue
"""
_UA_DOCUMENTS = """
паспорт громадянина України|паспорт гражданина Украины|passport of a citizen of Ukraine
паспорт для виїзду за кордон|паспорт для выезда за границу|travel passport
свідоцтво про народження|свидетельство о рождении|birth certificate
свідоцтво про шлюб|свидетельство о браке|marriage certificate
посвідка на постійне проживання|вид на постоянное жительство|permanent residence permit
посвідка на тимчасове проживання|вид на временное жительство|temporary residence permit
довідка внутрішньо переміщеної особи|справка внутренне перемещённого лица|certificate of an internally displaced person
посвідчення учасника бойових дій|удостоверение участника боевых действий|veteran’s certificate
договір оренди житла|договор аренды жилья|rental contract
договір купівлі-продажу житла|договор купли-продажи жилья|deed of sale of a home
"""
_UA_DUES = """
Податок на нерухоме майно|Налог на недвижимое имущество|Tax on real estate|community|24000|320000
Земельний податок|Земельный налог|Land tax|community|18000|150000
Орендна плата за землю|Арендная плата за землю|Rent of land|community|60000|900000
Вивезення побутових відходів|Вывоз бытовых отходов|Removal of household waste|community|9000|48000
Харчування дитини у закладі освіти|Питание ребёнка в учреждении образования|Meals at school|community|40000|160000
"""

_KZ_MEN = """
Айдар|Айдар|Aidar|Айдарұлы|Айдарович|Aidaruly|Айдарқызы|Айдаровна|Aidarkyzy
Асқар|Аскар|Askar|Асқарұлы|Аскарович|Askaruly|Асқарқызы|Аскаровна|Askarkyzy
Бауыржан|Бауыржан|Bauyrzhan|Бауыржанұлы|Бауыржанович|Bauyrzhanuly|Бауыржанқызы|Бауыржановна|Bauyrzhankyzy
Данияр|Данияр|Daniiar|Даниярұлы|Даниярович|Daniiaruly|Даниярқызы|Данияровна|Daniiarkyzy
Ерлан|Ерлан|Yerlan|Ерланұлы|Ерланович|Yerlanuly|Ерланқызы|Ерлановна|Yerlankyzy
Қайрат|Кайрат|Kairat|Қайратұлы|Кайратович|Kairatuly|Қайратқызы|Кайратовна|Kairatkyzy
Мұрат|Мурат|Murat|Мұратұлы|Муратович|Muratuly|Мұратқызы|Муратовна|Muratkyzy
Нұрлан|Нурлан|Nurlan|Нұрланұлы|Нурланович|Nurlanuly|Нұрланқызы|Нурлановна|Nurlankyzy
Руслан|Руслан|Ruslan|Русланұлы|Русланович|Ruslanuly|Русланқызы|Руслановна|Ruslankyzy
Серік|Серик|Serik|Серікұлы|Серикович|Serikuly|Серікқызы|Сериковна|Serikkyzy
Тимур|Тимур|Timur|Тимурұлы|Тимурович|Timuruly|Тимурқызы|Тимуровна|Timurkyzy
Әлихан|Алихан|Alikhan|Әлиханұлы|Алиханович|Alikhanuly|Әлиханқызы|Алихановна|Alikhankyzy
"""
_KZ_WOMEN = """
Айгүл|Айгуль|Aigul
Айжан|Айжан|Aizhan
Ақмарал|Акмарал|Akmaral
Әсел|Асель|Asel
Гүлнар|Гульнар|Gulnar
Дана|Дана|Dana
Динара|Динара|Dinara
Жанар|Жанар|Zhanar
Қарлығаш|Карлыгаш|Karlygash
Мадина|Мадина|Madina
Назгүл|Назгуль|Nazgul
Сәуле|Сауле|Saule
Томирис|Томирис|Tomiris
Шолпан|Шолпан|Sholpan
"""
_KZ_SURNAMES = """
Абенов;Абенова|Абенов;Абенова|Abenov;Abenova
Бекенов;Бекенова|Бекенов;Бекенова|Bekenov;Bekenova
Дүйсенов;Дүйсенова|Дуйсенов;Дуйсенова|Duisenov;Duisenova
Есенов;Есенова|Есенов;Есенова|Yessenov;Yessenova
Жақсыбеков;Жақсыбекова|Жаксыбеков;Жаксыбекова|Zhaksybekov;Zhaksybekova
Ибраев;Ибраева|Ибраев;Ибраева|Ibrayev;Ibrayeva
Қасенов;Қасенова|Касенов;Касенова|Kassenov;Kassenova
Мұқанов;Мұқанова|Муканов;Муканова|Mukanov;Mukanova
Нұрпейісов;Нұрпейісова|Нурпеисов;Нурпеисова|Nurpeissov;Nurpeissova
Оспанов;Оспанова|Оспанов;Оспанова|Ospanov;Ospanova
Сәдуақасов;Сәдуақасова|Садуакасов;Садуакасова|Saduakassov;Saduakassova
Тілеубаев;Тілеубаева|Тлеубаев;Тлеубаева|Tleubayev;Tleubayeva
Шәріпов;Шәріпова|Шарипов;Шарипова|Sharipov;Sharipova
Ким|Ким|Kim
Мельник|Мельник|Melnik
Соколов;Соколова|Соколов;Соколова|Sokolov;Sokolova
"""
_KZ_SETTLEMENTS = """
Самал қаласы|город Самал|Samal
Көкжиде кенті|посёлок Кокжиде|Kokzhide
Ақсай-Бұлақ ауылы|село Аксай-Булак|Aksai-Bulak
Жаңадала ауылы|село Жанадала|Zhanadala
Қызылжиде ауылы|село Кызылжиде|Kyzylzhide
Теректі-Өзен ауылы|село Теректы-Озен|Terekty-Ozen
"""
_KZ_STREETS = """
Абай көшесі|улица Абая|Abai Street
Жамбыл көшесі|улица Жамбыла|Zhambyl Street|Джамбул көшесі|улица Джамбула|Dzhambul Street
Әуезов көшесі|улица Ауэзова|Auezov Street
Қазыбек би көшесі|улица Казыбек би|Kazybek Bi Street|Совет көшесі|улица Советская|Sovetskaya Street
Төле би көшесі|улица Толе би|Tole Bi Street|Комсомол көшесі|улица Комсомольская|Komsomolskaya Street
Әйтеке би көшесі|улица Айтеке би|Aiteke Bi Street|Октябрь көшесі|улица Октябрьская|Oktyabrskaya Street
Бейбітшілік көшесі|улица Мира|Beibitshilik Street
Тәуелсіздік даңғылы|проспект Независимости|Tauelsizdik Avenue|Ленин даңғылы|проспект Ленина|Lenin Avenue
Достық көшесі|улица Достык|Dostyk Street|Дружба көшесі|улица Дружбы|Druzhby Street
Желтоқсан көшесі|улица Желтоксан|Zheltoksan Street|Мир көшесі|улица Мира|Mira Street
Наурыз көшесі|улица Наурыз|Nauryz Street|Пионер көшесі|улица Пионерская|Pionerskaya Street
Бәйтерек көшесі|улица Байтерек|Baiterek Street
Сарыарқа көшесі|улица Сарыарка|Saryarka Street
Қарағай көшесі|улица Сосновая|Karagai Street
Мектеп көшесі|улица Школьная|Mektep Street
Дала көшесі|улица Степная|Dala Street
Өзен жағасы көшесі|улица Набережная|Ozen Zhagasy Street
Тыныш тұйық көшесі|переулок Тихий|Tynysh Lane
"""
_KZ_DOCUMENTS = """
Жеке куәлік|Удостоверение личности|ID card
Қазақстан Республикасы азаматының паспорты|Паспорт гражданина Республики Казахстан|passport of a citizen of Kazakhstan
Туу туралы куәлік|Свидетельство о рождении|birth certificate
Неке қию туралы куәлік|Свидетельство о браке|marriage certificate
Тұруға ықтиярхат|Вид на жительство|residence permit
Тұрғын үйді жалдау шарты|Договор аренды жилья|rental contract
"""
_KZ_DUES = """
Мүлік салығы|Налог на имущество|Property tax||120000|2400000
Көлік салығы|Налог на транспорт|Vehicle tax||300000|6000000
Жер салығы|Земельный налог|Land tax||80000|900000
Мемлекеттік баж|Государственная пошлина|State duty||78600|786400
"""


def _given(text: str) -> tuple[Given, ...]:
    return tuple(Given(row[:3], row[3:6], row[6:9]) for row in _table(text))


def _surnames(text: str) -> tuple[tuple[Words, Words], ...]:
    """A cell `man's;woman's`, or one form for both."""
    pairs = ([cell.partition(";") for cell in row] for row in _table(text))
    return tuple((tuple(m for m, _, _ in row), tuple(w or m for m, _, w in row)) for row in pairs)


def _streets(text: str) -> tuple[tuple[Words, Words], ...]:
    return tuple((row[:3], row[3:]) for row in _table(text))


def _dues(text: str) -> tuple[tuple[Words, str, int, int], ...]:
    return tuple((row[:3], row[3], int(row[4]), int(row[5])) for row in _table(text))


COUNTRIES = {
    "ua": Lore(
        ("uk", "ru", "en"), "UAH", "rnokpp", _given(_UA_MEN), _given(_UA_WOMEN), _surnames(_UA_SURNAMES),
        _table(_UA_SETTLEMENTS), _streets(_UA_STREETS), _table(_UA_DOCUMENTS), _dues(_UA_DUES),
    ),
    "kz": Lore(
        ("kk", "ru", "en"), "KZT", "iin", _given(_KZ_MEN), _given(_KZ_WOMEN), _surnames(_KZ_SURNAMES),
        _table(_KZ_SETTLEMENTS), _streets(_KZ_STREETS), _table(_KZ_DOCUMENTS), _dues(_KZ_DUES),
    ),
}  # fmt: skip
