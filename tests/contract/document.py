"""The API's own description, as far as a client can keep to it or break it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

API = Path(__file__).parents[3] / "shared" / "api"
VERSION = "v4.0"
PREFIX = f"/api/{VERSION}/integrations"
_HOME = "urn:openapi"
_JSON = "application/json"

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_instant(value: object) -> bool:
    """UTC with milliseconds, as every sample of a request has it."""
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(value)) is not None


def original(name: str) -> str:
    """The text of one of the originals; without it the test is skipped, and says so."""
    path = API / name
    if not path.is_file():
        pytest.skip(f"the original {name} is not here: the hand-typed tables stand alone")
    return path.read_text("utf-8")


@cache
def _whole() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(original("openapi.json"))
    return document


def _resolved(schema: Any) -> dict[str, Any]:
    """A schema behind its reference, and without the null that it may be as well."""
    while "$ref" in schema or "oneOf" in schema:
        if "oneOf" in schema:
            schema = next(it for it in schema["oneOf"] if it.get("type") != "null")
            continue
        here: Any = _whole()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            here = here[part]
        schema = here
    kinds = schema.get("type")
    return {**schema, "type": kinds[0]} if isinstance(kinds, list) else dict(schema)


def members(schema: Any, path: str = "") -> Iterator[str]:
    """The path of every member that a schema describes, such as ``lineItems[].price``."""
    schema = _resolved(schema)
    for name, member in schema.get("properties", {}).items():
        here = f"{path}.{name}".lstrip(".")
        yield here
        yield from members(member, here)
    if "items" in schema:
        yield from members(schema["items"], f"{path}[]")


def undescribed(schema: Any, value: Any, path: str = "") -> Iterator[str]:
    """The members of *value* that the schema does not describe."""
    schema = _resolved(schema)
    if isinstance(value, list):
        for item in value:
            yield from undescribed(schema.get("items", {}), item, f"{path}[]")
    elif isinstance(value, dict) and "properties" in schema:
        for name, item in value.items():
            here = f"{path}.{name}".lstrip(".")
            if name not in schema["properties"]:
                yield here
            else:
                yield from undescribed(schema["properties"][name], item, here)


def sample(schema: Any) -> Any:
    """An answer with every member that a schema describes: its example, else one of its type."""
    schema = _resolved(schema)
    if "properties" in schema:
        own = schema.get("example", {})
        return {name: own.get(name, sample(it)) for name, it in schema["properties"].items()}
    if "example" in schema:
        return schema["example"]
    if "items" in schema:
        return [sample(schema["items"])]
    return {
        "object": {},  # of which nothing is said
        "array": [],
        "boolean": True,
        "integer": 7,
        "number": 8,
        "string": "20241016",  # a text, a number and a day, whichever we take it for
    }[schema.get("type", "string")]


@frozen
class Described:
    """One operation as the document describes it."""

    method: str
    path: str
    """Below ``/integrations``."""
    details: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> set[tuple[str, str]]:
        """Where each parameter stands, and its name."""
        return {(it["in"], it["name"]) for it in self.details.get("parameters", ())}

    @property
    def secret(self) -> bool:
        return any("secretKey" in way for way in self.details["security"])

    @property
    def body(self) -> Any:
        """The schema of the request; None where nothing is sent."""
        content = self.details.get("requestBody", {}).get("content", {})
        return content[_JSON]["schema"] if content else None

    @property
    def _answer(self) -> dict[str, Any]:
        good = [it for status, it in self.details.get("responses", {}).items() if status < "300"]
        content: dict[str, Any] = good[0].get("content", {}) if good else {}
        return content.get(_JSON, {}) if content else {}

    @property
    def answer(self) -> Any:
        """The schema of the answer; None where no body is documented."""
        return self._answer.get("schema")

    @property
    def samples(self) -> list[Any]:
        """Its written examples, and one made of the examples of its members."""
        if self.answer is None:
            return []
        content = self._answer
        written = [it["value"] for it in content.get("examples", {}).values()]
        written += [content["example"]] if "example" in content else []
        return [sample(self.answer), *written]

    def complaints(self, body: Any) -> list[str]:
        """What a request's body breaks of the schema."""
        registry = Registry[Any]().with_resource(_HOME, DRAFT202012.create_resource(_whole()))
        place = [f"{PREFIX}{self.path}", self.method.lower(), "requestBody", "content", _JSON]
        pointer = "/".join(it.replace("~", "~0").replace("/", "~1") for it in place)
        schema = {"$ref": f"{_HOME}#/paths/{pointer}/schema"}
        checker = Draft202012Validator(schema, registry=registry, format_checker=FORMATS)
        return [f"{it.json_path}: {it.message}" for it in checker.iter_errors(body)]


def described() -> dict[str, Described]:
    """Every operation of the document by its name."""
    found = [
        Described(method.upper(), path.removeprefix(PREFIX), details)
        for path, methods in _whole()["paths"].items()
        for method, details in methods.items()
    ]
    return {it.name: it for it in found}


@cache
def _routes() -> list[tuple[re.Pattern[str], Described]]:
    """What a request is matched with; literal segments go before parameters."""
    ordered = sorted(described().values(), key=lambda it: it.path.replace("{", "~"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", it.path)), it) for it in ordered]


def matching(method: str, path: str) -> Described | None:
    """The operation that a request is for; None for one that the document does not have."""
    for route, it in _routes():
        if it.method == method and route.fullmatch(path.removeprefix(PREFIX)):
            return it
    return None
