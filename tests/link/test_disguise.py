"""Both ends of a disguise agree: the component's and the speech server's, over the real link."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from custom_components.indoor_voice.link import certificate, client, disguise, pairing, tls
from custom_components.indoor_voice.link.disguise import async_disguise
from custom_components.indoor_voice.link.refusal import ServerRefusedError
from indoor_voice.link.pairing.identity import DeviceKind, Identity
from indoor_voice.speech.disguise import request
from indoor_voice.speech.recognition.engine import Origin
from indoor_voice.speech.server import Models, SpeechServer
from tests.link.initiator import CODE, Device

RATE = 16_000
Reach = Callable[[], tuple[client.Address, tls.LinkContext]]


@pytest.fixture
async def server(device: Device, tmp_path: Path) -> AsyncIterator[Reach]:
    """Run a paired speech server without models; returns how to reach it."""
    recogniser = SimpleNamespace(
        name="none",
        languages=["en"],
        origin=Origin(software="none", version="1", url="", description="none"),
    )
    models = Models(cast("Any", recogniser), cast("Any", SimpleNamespace(voices={})), None)
    speech = SpeechServer(models, Identity(id="0" * 32, kind=DeviceKind.SPEECH))
    home = certificate.load_or_make(tmp_path / "home.pem")
    async with device.serving(speech.handle) as port:
        address = client.Address(host="127.0.0.1", port=port)
        context = tls.pinned(home, await pairing.pair(address, CODE, home.pem))
        yield lambda: (address, context)


def voice(seconds: float) -> bytes:
    """Return a sound of many harmonics, as a voice is."""
    phases = 2 * np.pi * 120 * np.arange(round(seconds * RATE)) / RATE
    harmonics = np.sum([np.sin(n * phases) / n for n in range(1, 30)], axis=0)
    return np.asarray(3000 * harmonics, "<i2").tobytes()


async def test_a_recording_is_disguised_anew_each_time(server: Reach) -> None:
    peer = await client.probe(*server())
    assert peer.disguises
    sound = voice(2.0)
    answers = [await async_disguise(*server(), sound) for _ in range(2)]
    assert [len(answer) for answer in answers] == [len(sound)] * 2
    assert len({sound, *answers}) == 3
    assert await async_disguise(*server(), b"") == b""


async def test_the_longest_recording_is_the_same_on_both_sides(server: Reach) -> None:
    assert disguise.MAX_SOUND_SECONDS == request.MAX_SOUND_SECONDS
    longest = bytes(round(disguise.MAX_SOUND_SECONDS * RATE) * 2)
    assert await async_disguise(*server(), longest) == longest
    for refused in (longest + bytes(2), voice(1.0)[:-1]):
        with pytest.raises(ServerRefusedError) as error:
            await async_disguise(*server(), refused)
        assert error.value.code == "bad-audio"
