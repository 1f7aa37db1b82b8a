"""A Gameball on your machine: stateful, strict, and without any of the client's code."""

from gameball_async.sandbox.clock import SandboxClock
from gameball_async.sandbox.faults import Cut, Fault, Planted
from gameball_async.sandbox.ledger import Balance
from gameball_async.sandbox.program import Campaign, CombinesWith, Coupon, Program
from gameball_async.sandbox.service import RequestRecord, Sandbox
from gameball_async.sandbox.webhooks import WebhookRecord

__all__ = (
    "Balance",
    "Campaign",
    "CombinesWith",
    "Coupon",
    "Cut",
    "Fault",
    "Planted",
    "Program",
    "RequestRecord",
    "Sandbox",
    "SandboxClock",
    "WebhookRecord",
)
