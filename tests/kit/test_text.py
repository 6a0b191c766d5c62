"""Vietnamese text: found without diacritics, sorted as a dictionary does, kept in one normal form."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter
from pydantic_core import PydanticCustomError

from app.kit.text import Code, Line, Prose, Query, clean, fold, sort_key
from tests import make

# The fifteen districts, the town and the city of the province in 2013, and how people type them.
FOLDED = {
    "Thành phố Buôn Ma Thuột": "buon ma thuot",
    "Thị xã Buôn Hồ": "buon ho",
    "Huyện Buôn Đôn": "buon don",
    "Huyện Cư Kuin": "cu kuin",
    "Huyện Cư M'gar": "cu mgar",
    "Huyện Ea H'leo": "ea hleo",
    "Huyện Ea Kar": "ea kar",
    "Huyện Ea Súp": "ea sup",
    "Huyện Krông Ana": "krong ana",
    "Huyện Krông Bông": "krong bong",
    "Huyện Krông Búk": "krong buk",
    "Huyện Krông Năng": "krong nang",
    "Huyện Krông Pắc": "krong pac",
    "Huyện Lắk": "lak",
    "Huyện M'Đrắk": "mdrak",
}


@pytest.mark.parametrize("name", FOLDED)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_district_is_found_however_it_is_typed(name, form):
    stored = fold(name)
    typed = FOLDED[name]
    for spelled in (
        typed,
        typed.upper(),
        typed.replace(" ", "-"),
        typed.replace(" ", ""),
        f" {typed} ",
        name,
        name.upper(),
    ):
        assert fold(unicodedata.normalize(form, spelled)) in stored


@pytest.mark.parametrize("mark", ["'", "’", "‘", "`", "´", "ʼ", "-", "‐", "‑", "–", " ", "  ", "' "])
def test_apostrophes_and_hyphens_do_not_matter(mark):
    assert fold(f"M{mark}Đrắk") == "mdrak"
    assert fold(f"Cư M{mark}gar") == "cumgar"
    assert fold(f"Ea H{mark}leo") == "eahleo"


@pytest.mark.parametrize("letter", "đĐðÐ")
def test_every_way_to_write_the_barred_d_folds_to_d(letter):
    assert fold(f"{letter}ắk Lắk") == "daklak"


def test_letters_that_differ_stay_apart():
    assert fold("Krông Búk") != fold("Krông Bông")
    assert fold("Ea Kar") != fold("Ea Súp")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_folding_twice_is_folding_once(value):
    assert fold(fold(value)) == fold(value)


@given(st.text(st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệ 'MĐK")))
def test_the_normal_form_of_the_input_does_not_matter(value):
    nfc, nfd = unicodedata.normalize("NFC", value), unicodedata.normalize("NFD", value)
    assert fold(nfc) == fold(nfd)
    assert clean(nfc) == clean(nfd)
    assert sort_key(nfc) == sort_key(nfd)


ALPHABET = [
    "a",
    "ă",
    "â",
    "b",
    "c",
    "d",
    "đ",
    "e",
    "ê",
    "g",
    "h",
    "i",
    "k",
    "l",
    "m",
    "n",
    "o",
    "ô",
    "ơ",
    "p",
    "q",
    "r",
    "s",
    "t",
    "u",
    "ư",
    "v",
    "x",
    "y",
]
TONES = ["ma", "mà", "mả", "mã", "má", "mạ"]
ORDERED = [
    ALPHABET,
    TONES,
    ["da", "dân", "đa", "đà", "đân", "e"],
    ["Ban Dân tộc", "Báo Đắk Lắk", "Công an tỉnh", "Đài Phát thanh", "Sở Du lịch", "Ủy ban nhân dân", "Văn phòng"],
    ["Buôn Đôn", "Buôn Hồ", "Buôn Ma Thuột", "Cư Kuin", "Cư M'gar", "Ea H'leo", "Ea Kar", "Ea Súp", "Krông Ana"],
    ["Krông Ana", "Krông Bông", "Krông Búk", "Krông Năng", "Krông Pắc", "Lắk", "M'Đrắk"],
    ["Sở Công Thương", "Sở Giao thông vận tải", "Sở Thông tin và Truyền thông", "Sở Xây dựng", "Sở Y tế"],
    ["an", "ăn", "ân", "ba"],
    ["to", "tô", "tơ", "tu", "tư"],
]


@pytest.mark.parametrize("words", ORDERED, ids=[words[0] for words in ORDERED])
def test_words_sort_as_in_a_vietnamese_dictionary(words):
    keys = [sort_key(word) for word in words]
    assert all(before < after for before, after in pairwise(keys)), words
    assert [key.encode() for key in keys] == sorted(key.encode() for key in keys)  # as COLLATE "C" compares them


async def test_the_database_sorts_the_agencies_as_the_keys_do(world):
    items = (await (await world.as_(make.DISTRICT)).get("/v1/agencies", params={"limit": 200})).json()["items"]
    names = [item["name"]["name_vi"] for item in items]
    assert names == sorted(names, key=sort_key)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  a  ", "a"),
        ("a\u00a0b\u202fc\u2007d", "a b c d"),
        ("\u00a0a\u00a0", "a"),
        ("e\u0302\u0323", "ệ"),
        ("e\u0323\u0302", "ệ"),
        ("\u212b", "Å"),
        ("a\r\nb\tc", "a\r\nb\tc"),
        ("", ""),
        ("🏛️ Đ", "🏛️ Đ"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_text_is_cleaned_to_one_form(sent, kept):
    assert clean(sent) == kept
    assert clean(clean(sent)) == kept


@given(st.text())
def test_cleaning_refuses_or_settles(value):
    try:
        once = clean(value)
    except PydanticCustomError:
        return
    assert clean(once) == once
    once.encode()
    assert "\0" not in once


@pytest.mark.parametrize("value", [None, 5, 1.5, True, [], {}])
def test_what_is_no_text_is_left_for_the_type_to_refuse(value):
    assert clean(value) is value
    with pytest.raises(ValueError, match="string"):
        TypeAdapter(Line).validate_python(value)


@pytest.mark.parametrize("kind", [Line, Prose, Query])
@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\u2003\u3000", "\t"])
def test_blanks_alone_are_no_text_and_the_schema_says_so(kind, blank):
    adapter = TypeAdapter(kind)
    with pytest.raises(ValueError, match="at least 1 character"):
        adapter.validate_python(blank)
    schema = adapter.json_schema()
    assert not Draft202012Validator(schema).is_valid(blank)
    assert Draft202012Validator(schema).is_valid(f"{blank}Ê{blank}")


@pytest.mark.parametrize(
    "code", ["", " ", "-a", "a b", "ă", "a" * 65, "a\n", "a;b", "a%", "'", "a\\b", "/a", "_a", "a\tb"]
)
def test_a_code_of_other_characters_is_none(code):
    adapter = TypeAdapter(Code)
    if code.strip() != code and code.strip():
        assert adapter.validate_python(code) == code.strip()
    else:
        with pytest.raises(ValueError, match=r"[Ss]tring"):
            adapter.validate_python(code)


@pytest.mark.parametrize("code", ["a", "NV-01", "H15.15", "000.00.15.H15", "a/b", "A:b_c-9", "x" * 64])
def test_a_code_of_plain_characters_is_one(code):
    assert TypeAdapter(Code).validate_python(f" {code} ") == code
