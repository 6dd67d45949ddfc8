from __future__ import annotations

import json

import pytest
import redis
from hypothesis import HealthCheck, example, given, settings

from rehearsal.content.queue import NAME, PREFIX, RICH, QueueContent, contents, plant
from rehearsal.snapshot.queue import take

STATES = ("waiting", "delayed", "prioritized", "failed", "completed")


@given(content=contents())
@example(content=RICH)
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_job_is_in_its_state(client: redis.Redis, content: QueueContent) -> None:
    """Jobs stand where the content wants them, with its texts and its sentinel, whatever was planted before."""
    sentinel = plant(client, content)
    found = take(client, PREFIX, NAME)
    for state in STATES:
        data = [json.loads(client.hget(f"{PREFIX}:{NAME}:{job}", "data") or b"") for job in found.jobs[state]]
        assert sorted(one["text"] for one in data) == sorted(getattr(content, state))
        assert {one["sentinel"] for one in data} <= {sentinel}
    assert found.jobs["active"] == ()
    assert not client.exists(f"{PREFIX}:email-send:meta")


def test_time_limit_is_kept(client: redis.Redis) -> None:
    """A server that hangs does not hang the drill."""
    client.client_pause(2000)
    try:
        with pytest.raises(TimeoutError):
            plant(client, RICH, timeout=0.2)
    finally:
        client.client_unpause()
