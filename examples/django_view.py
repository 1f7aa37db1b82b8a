"""Orders and webhooks in Django, in one file: ``gunicorn --chdir examples django_view``."""

import atexit
import os
from collections.abc import Callable

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from http_answers import REFUSALS, answer_to
from shop import Purchase, told
from webhook_inbox import Inbox

from gameball_sync import GameballClient, RateLimits

# Made before the workers are forked or after, it serves each; WEB_CONCURRENCY is gunicorn's too.
share = 1 / int(os.environ.get("WEB_CONCURRENCY", "1"))
gameball = GameballClient(rate_limits=RateLimits.published(share=share))
atexit.register(gameball.close)
inbox = Inbox(os.environ["GAMEBALL_SECRET_KEY"])


def posted(
    view: Callable[[HttpRequest], dict[str, object]],
) -> Callable[[HttpRequest], JsonResponse]:
    """Take POST alone, from other servers too, and answer what *view* returns or raises."""

    def answered(request: HttpRequest) -> JsonResponse:
        try:
            return JsonResponse(view(request))
        except REFUSALS as error:
            body, status, headers = answer_to(error)
            return JsonResponse(body, status=status, headers=headers)

    return csrf_exempt(require_POST(answered))


@posted
def track(request: HttpRequest) -> dict[str, object]:
    """Reward an order, once, however often it is posted."""
    order = Purchase.model_validate_json(request.body).order()
    return told(gameball.orders.track(order, resend=True))


@posted
def receive(request: HttpRequest) -> dict[str, object]:
    """Pass the bytes of a webhook on as they came."""
    inbox.take(request.body, request.headers)
    return {}


urlpatterns = [path("orders", track), path("webhooks", receive)]
settings.configure(ROOT_URLCONF=__name__)  # in a project these are modules of their own
application = get_wsgi_application()
