"""The chip against the worked examples of ICAO 9303-11: appendix D (BAC), G.1 (PACE with ECDH-GM), I (PACE with chip authentication)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulators.card import mrz
from simulators.card.apdu import parse
from simulators.card.bac import seed
from simulators.card.card import Card
from simulators.card.cipher import FOR_ENCRYPTION, FOR_MAC, FOR_PASSWORD, SUITES, TRIPLE_DES
from simulators.card.curve import CURVES
from simulators.card.document import Document
from simulators.card.emrtd import Emrtd
from simulators.card.messaging import Session
from simulators.card.pace import GENERIC, WITH_CHIP_AUTHENTICATION, Pace, offer
from simulators.card.person import PEOPLE
from simulators.card.specimen import Drawer

COM = bytes.fromhex("60145F0104303130365F36063034303030305C026175")
P256 = CURVES["brainpoolP256r1"]
AES_128 = SUITES[2]
ATR = bytes.fromhex("3B8880010073C8400000900062")

BAC_RUN = """
00A4040C07A0000002471001 -> 9000
0084000008 -> 4608F919887022129000
0082000028 72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2 5F1448EEA8AD90A7 28 ->
    46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F 2F2D235D074D7449 9000
0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800 -> 990290008E08FA855A5D4C50A8ED9000
0CB000000D9701048E08ED6705417E96BA5500 -> 8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000
0CB000040D9701128E082EA28A70F3C7B53500 ->
    871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000
"""

PK_MAP_TERMINAL = (
    "047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
    "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D"
)
PK_MAP_CHIP = (
    "04824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
    "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
)
PK_TERMINAL = (
    "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
    "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
)
PK_CHIP = (
    "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
    "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
)
PACE_RUN = f"""
0022C1A40F800A04007F00070202040202830101 -> 9000
10860000027C0000 -> 7C12801095A3A016522EE98D01E76CB6B98B42C39000
10860000457C438141{PK_MAP_TERMINAL}00 -> 7C438241{PK_MAP_CHIP}9000
10860000457C438341{PK_TERMINAL}00 -> 7C438441{PK_CHIP}9000
008600000C7C0A8508C2B0BD78D94BA86600 -> 7C0A86083ABB9674BCE93C089000
0CA4040C1D871101752F676B09FAC86A87D632749A49C7CC8E08C18BA1FCE707BD9F00 -> 990290008E08BEA7B381C494A0799000
0CA4020C1D8711016EC84E1358184515AB2D827D30A5C92A8E08403D53BA7533FA7800 -> 990290008E08E00BFFE5473D41409000
0CB000000D9701048E085F466809FF5A7CFA00 -> 871101589BBC0A6D42160A410E922BF9B053C0990290008E08D740B23B68972F959000
"""


def queue(*values: str):
    """A chip's source of random bytes that gives these, one after the other."""
    left = [bytes.fromhex(value) for value in values]

    def draw(count: int) -> bytes:
        value = left.pop(0)
        assert len(value) == count
        return value

    return draw


def exchanges(run: str) -> list[tuple[bytes, bytes]]:
    pairs = run.replace("\n    ", " ").strip().splitlines()
    return [tuple(map(bytes.fromhex, pair.split("->"))) for pair in pairs]  # type: ignore[misc]


def play(document: Document, run: str, *random: str) -> None:
    card = Card("example", Emrtd(document, queue(*random)))
    for command, answer in exchanges(run):
        assert card.transmit(command).hex() == answer.hex(), command.hex()


def test_basic_access_and_reading_are_the_bytes_of_appendix_d():
    document = Document(atr=ATR, mrz_information="L898902C<369080619406236", files={"COM": COM})
    play(document, BAC_RUN, "4608F91988702212", "0B4F80323EB3191CB04970CB4052790B")


def test_pace_and_reading_are_the_bytes_of_appendix_g():
    document = Document(
        atr=ATR, mrz_information="T22000129364081251010318", files={"COM": COM}, offers=(offer(GENERIC, 2, P256),)
    )
    play(
        document,
        PACE_RUN,
        "3F00C4D39D153F2B2A214A078D899B22",
        "498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560",
        "107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A",
    )


def test_a_terminal_with_another_mrz_gets_6300_from_the_same_examples():
    document = Document(atr=ATR, mrz_information="L898902C<369080619406237", files={"COM": COM})
    card = Card("example", Emrtd(document, queue("4608F91988702212", "0B4F80323EB3191CB04970CB4052790B")))
    answers = [card.transmit(command) for command, _ in exchanges(BAC_RUN)[:3]]
    assert answers[-1].hex() == "6300"


def test_the_generator_of_appendix_g_is_mapped():
    nonce, key = 0x3F00C4D39D153F2B2A214A078D899B22, 0x498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560
    shared = P256.multiply(key, P256.decode(bytes.fromhex(PK_MAP_TERMINAL)))
    assert f"{shared[0]:X}" == "60332EF2450B5D247EF6D3868397D398852ED6E8CAF6FFEEF6BF85CA57057FD5"
    assert P256.map(nonce, shared) == (
        0x8CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2,
        0x8C879506743F8611AC33645C5B985C80B5F09A0B83407C1B6A4D857AE76FE522,
    )


def test_keys_are_derived_as_in_the_appendices():
    password = seed("L898902C<369080619406236")
    assert password.hex().upper().startswith("239AB9CB282DAF66231DC5A4DF6BFBAE")
    assert TRIPLE_DES.derive(password[:16], FOR_ENCRYPTION).hex().upper() == "AB94FDECF2674FDFB9B391F85D7F76F2"
    assert TRIPLE_DES.derive(password[:16], FOR_MAC).hex().upper() == "7962D9ECE03D1ACD4C76089DCE131543"
    pace = AES_128.derive(seed("T22000129364081251010318"), FOR_PASSWORD)
    assert pace.hex().upper() == "89DED1B26624EC1E634C1989302849DD"


def test_a_long_read_is_taken_out_of_its_wrapping():
    command = parse(bytes.fromhex("0CB0000000000E970203E88E08F65AEB59F2BEACA20000"), extended=True)
    secret = bytes.fromhex("0036D272F5C350ACAC50C3F572D23600")
    session = Session(TRIPLE_DES, secret, bytes(8))
    assert session.encryption_key.hex().upper() == "979EC13B1CBFE9DCD01AB0FED307EAE5"
    assert session.unwrap(command).ne == 1000


def test_the_chips_proof_of_appendix_i_is_enciphered():
    """With a static key of one the proof is the mapping key itself."""
    pace = Pace(offer(WITH_CHIP_AUTHENTICATION, 2, P256), b"", queue(), chip_key=1)
    pace._mapping_key = 0x85DC3FA93D0952BFA82F5FD189EE75BD82F11D1F0B8ED4BF5319AC9B53C426B3
    session = Session(AES_128, bytes.fromhex("67950559D0C06B4D4B86972D14460837461087F8419FDBC36AAF6CEAAC462832"))
    assert session.encryption_key.hex().upper() == "0A9DA4DB03BDDE39FC5202BC44B2E89E"
    assert session.mac_key.hex().upper() == "4B1C06491ED5140CA2B537D344C6C0B1"
    proof = "1EEA964DAAE372AC990E3EFDE6333353BFC89A6704D93DA8798CF77F5B7A54BD10CBA372B42BE0B9B5F28AA8DE2F4F92"
    assert pace._chip_proof(session).hex().upper() == "8A30" + proof


@pytest.mark.parametrize(
    ("text", "digit"), [("D23145890734", "9"), ("340712", "7"), ("950712", "2"), ("520727", "3"), ("L898902C<", "3")]
)
def test_check_digits_are_those_of_the_appendix(text, digit):
    assert mrz.check_digit(text) == digit


def test_zones_of_the_specimens_hold_their_own_check_digits():
    assert mrz.lines(PEOPLE["ua"]) == (
        "IDUKR00012345651990010112345<<",
        "9001011F3312315UKR<<<<<<<<<<<0",
        "TESTENKO<<OLENA<<<<<<<<<<<<<<<",
    )
    assert mrz.lines(PEOPLE["uto"])[0] == "I<UTOD231458907<<<<<<<<<<<<<<<"
    assert mrz.lines(PEOPLE["long"])[0] == "I<UTOD23145890<7349<<<<<<<<<<<"
    assert mrz.information(PEOPLE["long"]).startswith("D2314589073493407127")


def test_what_is_printed_on_a_card_can_be_asked():
    drawer = Drawer(datetime(2026, 1, 1, tzinfo=UTC))
    assert drawer.describe("uto")["can"] == "654321"
    assert drawer.describe("bank") == {}


@pytest.mark.parametrize("curve", CURVES.values(), ids=list(CURVES))
def test_curves_have_their_order(curve):
    assert curve.holds(curve.base)
    assert curve.multiply(curve.n - 1, curve.base) == (curve.gx, curve.p - curve.gy)
    with pytest.raises(ValueError, match="infinity"):
        curve.multiply(curve.n, curve.base)
    with pytest.raises(ValueError, match="not a point"):
        curve.decode(curve.encode((curve.gx, curve.gy + 1)))
