"""How an app of Home Assistant OS tells the Supervisor its pairing code."""

from collections.abc import AsyncIterator

import pytest

from indoor_voice.link import supervisor
from indoor_voice.link.pairing.identity import DeviceKind, Identity
from indoor_voice.link.supervisor import TOKEN_VARIABLE, SupervisorAnnouncement
from tests.link.fake_supervisor import TOKEN, FakeSupervisor
from tests.waiting import until

IDENTITY = Identity(id="0" * 32, kind=DeviceKind.SPEECH)


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeSupervisor]:
    fake = FakeSupervisor()
    monkeypatch.setattr(supervisor, "_AGAIN_SECONDS", 0.05)
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    async with fake.serving() as address:
        monkeypatch.setattr(supervisor, "_URL", f"{address}/discovery")
        yield fake


async def test_it_tells_each_new_code_until_the_device_is_paired(fake: FakeSupervisor) -> None:
    async with SupervisorAnnouncement(IDENTITY, 10701) as app:
        app.update("492173")
        await until(lambda: fake.codes == ["492173"])
        app.update("000007")
        await until(lambda: fake.codes == ["492173", "000007"])
        app.update(None)
    line, body = fake.requests[0]
    assert line == "POST /discovery HTTP/1.1"
    assert body["service"] == "indoor_voice"
    assert body["config"].items() >= {"id": "0" * 32, "kind": "speech", "port": 10701}.items()
    assert body["config"]["host"]


async def test_it_tells_again_if_the_supervisor_refuses(
    fake: FakeSupervisor, caplog: pytest.LogCaptureFixture
) -> None:
    fake.status = "503 Service Unavailable"
    async with SupervisorAnnouncement(IDENTITY, 10701) as app:
        app.update("492173")
        await until(lambda: len(fake.requests) >= 2)
        fake.status = "200 OK"
        told = len(fake.requests)
        await until(lambda: len(fake.requests) > told)
    assert caplog.text.count("can't tell Home Assistant") == 1
    assert "492173" not in caplog.text


async def test_outside_an_app_it_tells_nobody(
    fake: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE)
    async with SupervisorAnnouncement(IDENTITY, 10701) as app:
        app.update("492173")
        assert app._telling is None  # noqa: SLF001 - there is nothing to wait for
    assert not fake.requests
