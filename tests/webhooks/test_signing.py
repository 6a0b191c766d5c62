"""Signing, checked by the library that others use."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from app.webhooks.signing import new_secret, sign


def headers(secret, id, timestamp, body):
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, id, timestamp, body),
    }


def present():
    return int(datetime.now(UTC).timestamp())


def test_the_library_signs_just_as_we_do():
    secret, moment = "whsec_MfKQ9r8GKYqUTwjUPD8ILPZIo2LaLjSw", datetime.fromtimestamp(1614265330, UTC)
    theirs = Webhook(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", moment, '{"test": 2432232314}')
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}') == theirs


@given(st.text(max_size=200).map(lambda text: ('{"x": "' + text.encode("unicode_escape").hex() + '"}').encode()))
def test_the_library_verifies_what_we_sign_and_refuses_any_change(body):
    secret, moment = new_secret(), present()
    good = headers(secret, "01", moment, body)
    assert Webhook(secret).verify(body, good)
    for bad_body, bad_headers in (
        (body + b" ", good),
        (body, good | {"webhook-id": "02"}),
        (body, good | {"webhook-timestamp": str(moment - 1)}),
        (body, headers(new_secret(), "01", moment, body)),
        (body, headers(secret, "01", moment - 301, body)),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(bad_body, bad_headers)


def test_secrets_are_32_random_bytes():
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(secret) for secret in made} == {len("whsec_") + 44}
