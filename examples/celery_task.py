"""Reward orders from a queue: ``celery --workdir examples -A celery_task worker --concurrency 4``.

The queue delivers at least once: a message comes again when its worker has died. `resend=True`
makes a second delivery a success instead of a duplicate.
"""

import os
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from celery import Celery
from celery.signals import worker_process_shutdown, worker_shutdown

import gameball_sync as gb
from gameball_sync import GameballClient, Order, RateLimits

AGAIN = (gb.RequestError, gb.ResponseDecodeError, gb.RateLimitedError, gb.ConcurrentRequestError)
app = Celery("celery_task")  # CELERY_BROKER_URL says where the queue is


@cache
def client() -> GameballClient:
    """The client of this process, made by its first task: whoever only enqueues has no keys."""
    share = 1 / int(os.environ.get("PROCESSES", "1"))  # of all machines: the limits are shared
    return GameballClient(rate_limits=RateLimits.published(share=share))


@worker_process_shutdown.connect
@worker_shutdown.connect
def close(**_: Any) -> None:
    """Close what was made: in each process of a prefork pool, or in the only one."""
    if client.cache_info().currsize:
        client().close()


@app.task(
    acks_late=True,
    reject_on_worker_lost=True,
    autoretry_for=AGAIN,
    retry_backoff=True,
    max_retries=12,
    ignore_result=True,
)
def reward(customer_id: str, order_id: str, order_date: str, total_paid: str) -> None:
    """Track an order; `order_date` is the shop's, so that a repetition is known as such."""
    order = Order(
        customer_id=customer_id,
        order_id=order_id,
        order_date=datetime.fromisoformat(order_date),
        total_paid=Decimal(total_paid),
    )
    client().orders.track(order, resend=True)
