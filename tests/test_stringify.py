"""`JSON.stringify(JSON.parse(body))`: the same bytes as JavaScript's, proved against node."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from gameball_async.stringify import is_deep, stringified

NODE = shutil.which("node")
SCRIPT = """
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const results = texts.map((text) => {
  try { return JSON.stringify(JSON.parse(text)); } catch (error) { return null; }
});
process.stdout.write(JSON.stringify(results));
"""


def by_node(texts: list[str]) -> list[str | None]:
    assert NODE is not None
    ran = subprocess.run(
        [NODE, "-e", SCRIPT], input=json.dumps(texts).encode(), capture_output=True, check=True
    )
    results: list[str | None] = json.loads(ran.stdout)
    return results


def ours(text: str) -> str | None:
    """Inside an object, because no webhook is anything else."""
    result = stringified(f'{{"it":{text}}}'.encode())
    return None if result is None else result.decode()[6:-1]


NUMBERS = [
    pytest.param("1", "1", id="a-whole-number"),
    pytest.param("-7", "-7", id="a-negative-one"),
    pytest.param("100.0", "100", id="a-whole-number-with-a-point"),
    pytest.param("0", "0", id="zero"),
    pytest.param("-0", "0", id="minus-zero"),
    pytest.param("-0.0", "0", id="minus-zero-with-a-point"),
    pytest.param("1e-400", "0", id="too-small-for-a-double"),
    pytest.param("1e400", "null", id="too-large-for-a-double"),
    pytest.param("-1e400", "null", id="too-large-below-zero"),
    pytest.param("1" * 400, "null", id="a-whole-number-too-large-for-a-double"),
    pytest.param("123.456", "123.456", id="a-fraction"),
    pytest.param("1.10", "1.1", id="a-fraction-with-a-zero-behind"),
    pytest.param("0.1", "0.1", id="a-tenth"),
    pytest.param("-0.000001", "-0.000001", id="six-places"),
    pytest.param("0.00001234", "0.00001234", id="python-would-use-an-exponent"),
    pytest.param("0.0000001", "1e-7", id="seven-places"),
    pytest.param("1.5E-7", "1.5e-7", id="a-small-fraction-of-two-digits"),
    pytest.param("5e-324", "5e-324", id="the-smallest-double"),
    pytest.param("999999999999999", "999999999999999", id="fifteen-digits"),
    pytest.param("9007199254740993", "9007199254740992", id="beyond-2-to-the-53"),
    pytest.param("12345678901234567890", "12345678901234567000", id="twenty-digits"),
    pytest.param("1e16", "10000000000000000", id="python-would-use-an-exponent-here-too"),
    pytest.param("100000000000000000000", "100000000000000000000", id="21-digits"),
    pytest.param("1e21", "1e+21", id="22-digits"),
    pytest.param("-1.25e+30", "-1.25e+30", id="a-large-number"),
    pytest.param("1.7976931348623157e308", "1.7976931348623157e+308", id="the-largest-double"),
]
OTHERS = [
    pytest.param("[ ]", "[]", id="an-empty-list"),
    pytest.param("{ }", "{}", id="an-empty-object"),
    pytest.param(
        '[ 1 ,\t"a"\r\n, true, false, null ]', '[1,"a",true,false,null]', id="white-space"
    ),
    pytest.param('{"b": 1, "a": 2}', '{"b":1,"a":2}', id="keys-keep-their-order"),
    pytest.param('{"a":1,"b":2,"a":3}', '{"a":3,"b":2}', id="a-key-twice-keeps-its-first-place"),
    pytest.param(
        '{"b":1,"10":2,"9":3,"01":4,"0":5,"-1":6}',
        '{"0":5,"9":3,"10":2,"b":1,"01":4,"-1":6}',
        id="indices-come-first",
    ),
    pytest.param(
        '{"4294967296":1,"4294967295":2,"4294967294":3,"12345678901":4}',
        '{"4294967294":3,"4294967296":1,"4294967295":2,"12345678901":4}',
        id="the-largest-index",
    ),
    pytest.param(
        f'{{"b":1,"{"9" * 5000}":2,"1":3}}',
        f'{{"1":3,"b":1,"{"9" * 5000}":2}}',
        id="more-digits-than-python-counts",
    ),
    pytest.param('{"__proto__":{"a":1},"a":2}', '{"__proto__":{"a":1},"a":2}', id="proto"),
    pytest.param(r'"\u00e9\/\u2028"', '"é/\u2028"', id="no-needless-escape"),
    pytest.param(
        r'"\u0000\u001F\u0008\t\n\u000c\r\"\\\u007f"',
        '"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\\x7f"',
        id="escapes",
    ),
    pytest.param(r'"\ud83d\ude00"', '"😀"', id="a-pair-of-surrogates"),
    pytest.param(r'"\uD83D\ud83d\ude00\uDE00"', r'"\ud83d😀\ude00"', id="halves-of-pairs"),
    pytest.param(r'{"\udfff":"\\ud800"}', r'{"\udfff":"\\ud800"}', id="a-half-in-a-key"),
]
REFUSED = [
    pytest.param("NaN", id="not-a-number"),
    pytest.param("Infinity", id="infinity"),
    pytest.param("-Infinity", id="minus-infinity"),
    pytest.param("01", id="a-leading-zero"),
    pytest.param("+1", id="a-plus"),
    pytest.param(".5", id="no-digit-before-the-point"),
    pytest.param("1.", id="no-digit-behind-the-point"),
    pytest.param("'a'", id="single-quotes"),
    pytest.param('"\t"', id="a-control-character"),
    pytest.param("[1,]", id="a-comma-too-many"),
    pytest.param("٣", id="a-digit-of-another-script"),
    pytest.param("\xa01", id="a-blank-of-another-kind"),
    pytest.param("", id="nothing"),
]


@pytest.mark.parametrize(("text", "expected"), [*NUMBERS, *OTHERS])
def test_a_value_is_written_as_javascript_writes_it(text: str, expected: str) -> None:
    assert expected == ours(text)


@pytest.mark.parametrize("text", REFUSED)
def test_what_javascript_does_not_parse_is_refused(text: str) -> None:
    assert ours(text) is None


@pytest.mark.skipif(NODE is None, reason="there is no node")
def test_node_agrees_with_the_tables() -> None:
    texts = [str(row.values[0]) for row in (*NUMBERS, *OTHERS, *REFUSED)]
    assert by_node(texts) == [ours(text) for text in texts]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[]", id="a-list"),
        pytest.param(b"7", id="a-number"),
        pytest.param(b'{"a":"\xff"}', id="no-utf-8"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', id="a-surrogate-in-utf-8"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="a-byte-order-mark"),
        pytest.param('{"a":1}'.encode("utf-16"), id="utf-16"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_body_that_is_no_object_in_utf_8_is_none(body: bytes) -> None:
    assert stringified(body) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(-(2**53), 2**53),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_what_javascript_has_written_stays_as_it_is(value: object) -> None:
    once = stringified(json.dumps({"it": value}).encode())
    assert once is not None
    assert once == stringified(once)
    assert {"it": value} == json.loads(once)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_as_the_same_double(value: float) -> None:
    assert value == float(ours(repr(value)) or "nan")


# --- Against node ---------------------------------------------------------------------------

Make = Callable[[random.Random, int], str]
DOCUMENTS = 12_000
CHARACTERS = ' /\x7f\x80é\u2028\u2029\ufeff\uffff😀\U0010ffff"\\\b\f\n\r\t\x00\x1fabc'


def number(luck: random.Random) -> str:
    """All lengths and exponents, and the neighbours of the places where the form changes."""
    sign = luck.choice(("", "", "-"))
    whole = luck.choice(
        ("0", str(luck.randrange(1, 1000)), str(luck.randrange(1, 10 ** luck.randrange(1, 40))))
    )
    fraction = luck.choice(("", "", f".{luck.randrange(10 ** luck.randrange(1, 25))}", ".000", "."))
    fraction = "" if fraction == "." else fraction
    power = luck.choice(("", "", f"{luck.choice('eE')}{luck.choice(('', '+', '-'))}"))
    power = f"{power}{luck.choice((0, 3, 6, 7, 15, 20, 21, 22, 300, 323, 400))}" if power else ""
    return sign + whole + fraction + power


def double(luck: random.Random) -> str:
    """Any bits that are a finite double."""
    return repr(luck.choice((1, -1)) * luck.random() * 10.0 ** luck.randrange(-320, 308))


def text(luck: random.Random) -> str:
    """Characters as they are or escaped, halves of pairs among them."""
    parts = []
    for _ in range(luck.randrange(8)):
        character = luck.choice(CHARACTERS)
        if luck.random() < 0.25:
            parts.append(rf"\u{luck.choice(('d83d', 'DE00', 'd800', 'dfff', '0041', '000b')):s}")
        elif character in '"\\' or character < " " or luck.random() < 0.3:
            parts.append(json.dumps(character)[1:-1])
        else:
            parts.append(character)
    return f'"{"".join(parts)}"'


def key(luck: random.Random) -> str:
    names = ("a", "b", "__proto__", "constructor", "toJSON", "length", "0", "1", "2", "10", "01")
    near = ("4294967293", "4294967294", "4294967295", "4294967296", "99999999999", "-1", "1.5", "")
    return text(luck) if luck.random() < 0.3 else f'"{luck.choice((*names, *near))}"'


def document(luck: random.Random, depth: int = 0) -> str:
    blank = luck.choice(("", "", " ", "\n\t", "\r\n"))
    kind = luck.randrange(8 if depth < 4 else 5)
    if kind < 5:
        made = (number, double, text, text, lambda it: it.choice(("null", "true", "false")))
        return f"{blank}{made[kind](luck)}{blank}"
    rows = range(luck.randrange(6))
    if kind == 5:
        return f"[{blank}{','.join(document(luck, depth + 1) for _ in rows)}]{blank}"
    members = (f"{key(luck)}{blank}:{document(luck, depth + 1)}" for _ in rows)
    return f"{{{blank}{','.join(members)}}}{blank}"


@pytest.mark.skipif(NODE is None, reason="there is no node")
def test_twelve_thousand_documents_are_written_as_node_writes_them() -> None:
    luck = random.Random(20240510)
    texts = [f'{{"it":{document(luck)}}}' for _ in range(DOCUMENTS)]

    theirs = by_node(texts)

    assert DOCUMENTS == len(theirs) == sum(result is not None for result in theirs)
    assert [] == [
        (text, result)
        for text, result in zip(texts, theirs, strict=True)
        if stringified(text.encode()) != (result or "").encode()
    ]


# --- Depth ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "deep"),
    [
        pytest.param(b"[[[]]]", False, id="as-deep-as-allowed"),
        pytest.param(b"[[[[]]]]", True, id="one-too-deep"),
        pytest.param(b'{"a":[{"b":[]}]}', True, id="objects-count-as-well"),
        pytest.param(b"[[[]],[],[]]", False, id="many-and-as-deep-as-allowed"),
        pytest.param(b'["\\\n", [[[[]]]]]', True, id="a-backslash-before-a-line-end"),
        pytest.param(b"[[],[],[],[],{},{}]", False, id="many-but-not-deep"),
        pytest.param(rb'["[[[[[[", "\"[[[[[", "\\", [], []]', False, id="brackets-in-texts"),
        pytest.param(rb'["\\", [[[[]]]]]', True, id="a-backslash-ends-no-text"),
        pytest.param(rb'["[[[[[[\"', False, id="a-text-without-end"),
        pytest.param(b"[" * 100_000, True, id="brackets-without-end"),
    ],
)
def test_depth_is_measured_without_parsing(body: bytes, deep: bool) -> None:
    assert deep == is_deep(body, 3)


def test_a_hostile_body_is_measured_in_one_go() -> None:
    """Were the search to begin again at each quote, this would take hours."""
    assert not is_deep(b'["' + rb"\"" * 400_000 + b"[" * 200_000, 64)
