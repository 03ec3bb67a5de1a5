"""Music from a real libmpv, and what happens to media that can't be played."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from indoor_voice.room.music import player as player_module
from indoor_voice.room.music import process as process_module
from indoor_voice.room.music.kept_level import KeptLevel
from indoor_voice.room.music.level import HELD_SECONDS
from indoor_voice.room.music.player import (
    MusicFault,
    MusicPlayer,
    MusicState,
    NotSeekableError,
    Piece,
)
from indoor_voice.room.music.process import can_decode
from tests import waiting
from tests.process_status import memory_bytes
from tests.room.media_server import (
    RATE,
    STEP,
    Media,
    file,
    huge,
    never,
    never_ending,
    serving,
    status,
    steps,
    wav,
)
from tests.room.pulled_loudspeaker import PIECE, WAIT_SECONDS, PulledLoudspeaker

pytestmark = [
    pytest.mark.skipif(not can_decode(), reason="needs libmpv and the extra music"),
    pytest.mark.usefixtures("patient_player"),
]

until = partial(waiting.until, seconds=WAIT_SECONDS)

NOISE = wav(np.random.default_rng(1).integers(-STEP, STEP, RATE, "<i2").tobytes())
MAX_DECODER_BYTES = 130 * 1024 * 1024


@pytest.fixture(scope="module")
def media() -> Iterator[Media]:
    with serving() as media:
        media.answers["/steps.wav"] = file(steps(10))
        media.answers["/short.wav"] = file(steps(1))
        yield media


@pytest.fixture
def loudspeaker() -> PulledLoudspeaker:
    return PulledLoudspeaker()


@pytest.fixture
async def player(loudspeaker: PulledLoudspeaker, tmp_path: Path) -> AsyncIterator[MusicPlayer]:
    async with MusicPlayer(loudspeaker, KeptLevel(tmp_path)) as player:
        yield player


def play(player: MusicPlayer, url: str, *, verify: bool = True) -> None:
    player.play(Piece(number=1, url=url, verify=verify))


async def until_state(player: MusicPlayer, state: MusicState) -> None:
    await until(lambda: player.state, lambda now: now is state)


async def fault_of(player: MusicPlayer) -> MusicFault | None:
    """Wait until nothing plays, and return why."""
    await until_state(player, MusicState.IDLE)
    return player.fault


async def until_heard(loudspeaker: PulledLoudspeaker, level: int) -> None:
    """Wait until the second is heard that is this loud."""
    await until(lambda: level in loudspeaker.sounded)


async def test_all_of_it_is_heard_once(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker
) -> None:
    play(player, f"{media.url}/steps.wav")
    await until_state(player, MusicState.PLAYING)
    assert player.duration_seconds == pytest.approx(10, abs=0.1)
    assert await fault_of(player) is None
    # The first 20 ms fade in.
    played = loudspeaker.sounded[PIECE:]
    expected = np.repeat((np.arange(10) + 1) * STEP, RATE)[PIECE:]
    assert len(played) == pytest.approx(len(expected), abs=PIECE)
    assert np.all(np.diff(played) >= 0)


async def test_it_pauses_and_goes_on_where_it_was(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker
) -> None:
    play(player, f"{media.url}/steps.wav")
    await until_heard(loudspeaker, 2 * STEP)
    player.pause()
    await until(lambda: loudspeaker.latest == 0)
    at = player.position_seconds
    assert at is not None
    assert at == pytest.approx(len(loudspeaker.sounded) / RATE, abs=0.1)
    paused = len(loudspeaker.sounded)
    await asyncio.sleep(0)
    assert player.state is MusicState.PAUSED
    player.resume()
    await until(lambda: len(loudspeaker.sounded) > paused + RATE)
    # Nothing is missing, and nothing is played twice.
    steady = loudspeaker.sounded[PIECE : paused - PIECE]
    again = loudspeaker.sounded[paused + PIECE :]
    assert np.all(np.diff(steady) >= 0)
    assert np.all(np.diff(again) >= 0)
    assert steady[-1] <= again[0] <= steady[-1] + STEP


@pytest.mark.parametrize("paused", [False, True])
async def test_it_seeks_exactly(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker, *, paused: bool
) -> None:
    play(player, f"{media.url}/steps.wav")
    await until_heard(loudspeaker, STEP)
    if paused:
        player.pause()
        await until(lambda: loudspeaker.latest == 0)
    player.seek(7.5)
    assert player.position_seconds == pytest.approx(7.5, abs=0.1)
    if paused:
        player.resume()
    await until_heard(loudspeaker, 9 * STEP)
    counts = {level: int((loudspeaker.sounded == level * STEP).sum()) for level in range(1, 10)}
    assert counts[7] == 0
    assert counts[8] == pytest.approx(RATE / 2, abs=2 * PIECE)
    player.seek(1.0)
    await until_heard(loudspeaker, 2 * STEP)
    await until(lambda: player.position_seconds or 0.0, lambda at: 1.0 < at < 4.0)


async def test_another_position_can_be_chosen_at_the_very_end(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker
) -> None:
    play(player, f"{media.url}/short.wav")
    await until_heard(loudspeaker, STEP)
    player.pause()
    await until(lambda: player.state is MusicState.PAUSED)
    before = len(loudspeaker.sounded)
    player.seek(0.5)
    player.resume()
    assert await fault_of(player) is None
    assert len(loudspeaker.sounded) - before == pytest.approx(RATE / 2, abs=2 * PIECE)


async def test_it_makes_way_for_other_sound_and_returns(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker
) -> None:
    disturbing = False
    player.attach(_save, lambda: None, lambda: disturbing)
    media.answers["/constant"] = file(wav(np.full((2 * RATE * 30,), 20_000, "<i2").tobytes()))
    play(player, f"{media.url}/constant")

    async def until_level(level: int) -> None:
        await until(lambda: loudspeaker.latest, lambda now: abs(now - level) <= 1)

    await until_level(20_000)
    loudspeaker.others_sound = True
    await until_level(2_000)
    loudspeaker.others_sound = False
    await until_level(20_000)
    disturbing = True
    await until_level(2_000)
    disturbing = False
    await until_level(20_000)
    # It stays down for a while, and no change is a jump that clicks.
    quiet = int((loudspeaker.heard[:, 0] == 2_000).sum()) / RATE
    assert quiet > 2 * HELD_SECONDS
    heard = loudspeaker.heard[PIECE:, 0]
    sounds = heard != 0  # a busy machine leaves gaps
    assert np.abs(np.diff(heard))[sounds[1:] & sounds[:-1]].max() < 150


async def test_the_volume_takes_effect_at_once_and_outlasts_a_restart(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker, tmp_path: Path
) -> None:
    play(player, f"{media.url}/steps.wav")
    await until_heard(loudspeaker, 2 * STEP)
    player.set_level(0.5, muted=False)
    await until_heard(loudspeaker, 3 * STEP // 8)
    player.set_level(0.5, muted=True)
    await until(lambda: loudspeaker.latest == 0)
    assert player.state is MusicState.PLAYING
    level = KeptLevel(tmp_path)
    saving = asyncio.create_task(level.keep_saved(_save))
    level.change(0.25, muted=True)
    await until((tmp_path / "music.json").exists)
    saving.cancel()
    kept = KeptLevel(tmp_path)
    assert (kept.volume, kept.muted) == (0.25, True)


async def _save(write: object) -> None:
    assert callable(write)
    write()


async def test_a_new_piece_replaces_the_old_one(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker
) -> None:
    for _ in range(3):
        play(player, f"{media.url}/steps.wav")
    await until_heard(loudspeaker, STEP)
    loudspeaker.speed = 0.1  # a busy machine must not miss the end
    play(player, f"{media.url}/short.wav")
    await until_state(player, MusicState.PLAYING)
    assert player.duration_seconds == pytest.approx(1, abs=0.1)
    player.stop()
    assert player.state is MusicState.IDLE
    with pytest.raises(NotSeekableError):
        player.seek(1.0)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (status(404), MusicFault.NOT_FOUND),
        (status(403), MusicFault.REFUSED),
        (status(503), MusicFault.REFUSED),
        (file(b"<html>Not a song</html>", "text/html"), MusicFault.UNPLAYABLE),
        (file(b"", "audio/mpeg"), MusicFault.UNPLAYABLE),
        (never_ending("text/plain", b"la " * 10_000), MusicFault.UNPLAYABLE),
        (status(302, Location="file:///etc/hostname"), MusicFault.UNREACHABLE),
        (status(302, Location="/bad"), MusicFault.UNREACHABLE),
    ],
)
async def test_what_is_no_music_ends_with_a_reason(
    media: Media, player: MusicPlayer, answer: object, fault: MusicFault
) -> None:
    media.answers["/bad"] = answer  # type: ignore[assignment]  # a parameter
    play(player, f"{media.url}/bad")
    assert await fault_of(player) is fault


async def test_a_server_that_is_not_there_or_never_answers_is_given_up(
    media: Media, player: MusicPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(player, "http://127.0.0.1:9/")
    assert await fault_of(player) is MusicFault.UNREACHABLE
    monkeypatch.setattr(player_module, "START_SECONDS", 1.0)
    media.answers["/silent"] = never
    play(player, f"{media.url}/silent")
    assert await fault_of(player) is MusicFault.STALLED


async def test_500_megabytes_and_radio_without_end_play_in_little_memory(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker
) -> None:
    loudspeaker.speed = 4.0
    media.answers["/huge"] = huge
    mp3 = _ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:duration=5", "-f", "mp3", "-")
    media.answers["/radio"] = never_ending("audio/mpeg", mp3)
    for name in ("huge", "radio"):
        goal = len(loudspeaker.sounded) + 8 * RATE
        play(player, f"{media.url}/{name}")
        await until(lambda: len(loudspeaker.sounded), lambda now: now > goal)  # noqa: B023 - it waits
        assert player.state is MusicState.PLAYING
        assert memory_bytes(_decoder_pid(), "VmHWM") < MAX_DECODER_BYTES
        assert player.duration_seconds is None
    with pytest.raises(NotSeekableError):
        player.seek(1.0)


async def test_the_sound_of_a_video_is_played_and_one_without_is_refused(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker, tmp_path: Path
) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=duration=2:size=160x120:rate=10")
    sine = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2")
    video, silent = tmp_path / "video.mp4", tmp_path / "silent.mp4"
    _ffmpeg(*picture, *sine, "-shortest", str(video))
    _ffmpeg(*picture, str(silent))
    media.answers["/video"] = file(video.read_bytes(), "video/mp4")
    media.answers["/silent-film"] = file(silent.read_bytes(), "video/mp4")
    play(player, f"{media.url}/video")
    assert await fault_of(player) is None
    assert len(loudspeaker.sounded) == pytest.approx(2 * RATE, rel=0.1)
    play(player, f"{media.url}/silent-film")
    assert await fault_of(player) is MusicFault.WITHOUT_SOUND


async def test_playlists_and_redirects_lead_to_other_hosts(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker
) -> None:
    elsewhere = media.url.replace("127.0.0.1", "localhost")
    media.answers["/list.m3u"] = file(
        f"#EXTM3U\n{elsewhere}/short.wav\n{media.url}/short.wav\n".encode(), "audio/x-mpegurl"
    )
    media.answers["/moved"] = status(302, Location=f"{elsewhere}/short.wav")
    for name, seconds in (("list.m3u", 2), ("moved", 1)):
        before = len(loudspeaker.sounded)
        play(player, f"{media.url}/{name}")
        assert await fault_of(player) is None
        assert len(loudspeaker.sounded) - before == pytest.approx(seconds * RATE, abs=5 * PIECE)


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n{file}\n",
        "#EXTM3U\nfile://{file}\n",
        "[playlist]\nFile1=file://{file}\nNumberOfEntries=1\n",
        "#EXTM3U\nedl://{file}\n",
        "#EXTM3U\nlavf://file:{file}\n",
        "#EXTM3U\nav://lavfi:amovie={file}\n",
        "#EXTM3U\nconcat:{file}\n",
        "#EXTM3U\nsubfile,,start,0,end,0,,:{file}\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{file}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {file}\n",
        "#EXTM3U\n{url}/list.m3u8\n",
    ],
)
async def test_no_playlist_opens_a_file_of_the_satellite(  # noqa: PLR0917 - fixtures
    media: Media,
    player: MusicPlayer,
    loudspeaker: PulledLoudspeaker,
    tmp_path: Path,
    playlist: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(player_module, "START_SECONDS", 5.0)
    secret = tmp_path / "secret.wav"
    secret.write_bytes(NOISE)
    content = playlist.format(file=secret, url=media.url).encode()
    media.answers["/list.m3u8"] = file(content, "application/vnd.apple.mpegurl")
    play(player, f"{media.url}/list.m3u8")
    assert await fault_of(player) is not None
    assert len(loudspeaker.sounded) == 0


async def test_a_certificate_must_be_valid_unless_it_is_home_assistants(
    player: MusicPlayer, loudspeaker: PulledLoudspeaker, tmp_path: Path
) -> None:
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(_self_signed())
    with serving(certificate) as secure:
        secure.answers["/short.wav"] = file(steps(1))
        play(player, f"{secure.url}/short.wav")
        assert await fault_of(player) is MusicFault.UNREACHABLE
        assert not secure.asked
        play(player, f"{secure.url}/short.wav", verify=False)
        await until_heard(loudspeaker, STEP)


async def test_a_decoder_that_dies_or_a_lost_loudspeaker_ends_the_music(
    media: Media, player: MusicPlayer, loudspeaker: PulledLoudspeaker
) -> None:
    play(player, f"{media.url}/steps.wav")
    await until_heard(loudspeaker, STEP)
    os.kill(_decoder_pid(), signal.SIGKILL)
    assert await fault_of(player) is MusicFault.FAILED
    play(player, f"{media.url}/steps.wav")
    await until_state(player, MusicState.PLAYING)
    loudspeaker.unplugged = True
    assert await fault_of(player) is MusicFault.LOUDSPEAKER_LOST


def test_without_libmpv_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(process_module, "find_library", lambda _: None)
    assert not can_decode()
    assert "sudo apt install libmpv2" in caplog.text
    caplog.clear()
    monkeypatch.setattr(process_module, "find_spec", lambda _: None)
    assert not can_decode()
    assert not caplog.text


def _decoder_pid() -> int:
    """Return the process ID of the only decoder that this process has started."""
    (pid,) = (
        int(status.parent.name)
        for status in Path("/proc").glob("[0-9]*/status")
        if f"\nPPid:\t{os.getpid()}\n" in status.read_text()
        and "music.decoder" in status.with_name("cmdline").read_text()
    )
    return pid


def _ffmpeg(*arguments: str) -> bytes:
    command = ("ffmpeg", "-v", "error", *arguments)
    return subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 - made here


def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
