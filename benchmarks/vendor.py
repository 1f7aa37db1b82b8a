"""The vendor's own package, gameball 1.0.0, which cannot be imported as it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.payloads import PREFIX
from benchmarks.sending import KEYS, all_members


def vendor() -> Any:
    """Import it.

    Its first lines ask for ``constants``, which is there as ``gameball.constants`` alone: its
    folder is where modules are looked for while it is imported, and no longer.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    spec = find_spec("gameball")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'gameball'", name="gameball")
    (folder,) = spec.submodule_search_locations
    sys.path.append(folder)
    try:
        return import_module("gameball")
    finally:
        sys.path.remove(folder)
        sys.modules.pop("constants", None)


def vendor_sender(url: str) -> Callable[[int], Any]:
    """Orders, as its functions send what they send: a sender for each, a session a thread.

    It has no function for orders, but what sends for all of them takes any path.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    gameball = vendor()
    orders = all_members()

    def send(number: int) -> Any:
        sender = gameball.api_requestor.APIRequestor(KEYS["apikey"], api_base=f"{url}{PREFIX}/")
        headers = {"secretkey": KEYS["secretkey"]}
        return sender.request("POST", "orders", orders[number], headers)

    return send
