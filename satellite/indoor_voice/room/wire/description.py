"""Builds the `info` event, a satellite's answer to `describe`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from wyoming.audio import AudioFormat
from wyoming.event import Event
from wyoming.info import Attribution, Info, MicProgram, Satellite, SndProgram, WakeProgram
from wyoming.info import WakeModel as WyomingWakeModel

from indoor_voice.link.pairing.identity import Identity, info_event
from indoor_voice.room.sound.pcm import RATE, SAMPLE_BYTES, PcmFormat
from indoor_voice.room.sound.wake_models import WakeModel
from indoor_voice.room.sound.wake_rules import Sensitivity, sensitivity_level

_OURS: Final = Attribution(name="Indoor Voice", url="https://github.com/indoor-voice/indoor-voice")
_OPEN_WAKE_WORD: Final = Attribution(
    name="openWakeWord", url="https://github.com/dscripka/openWakeWord"
)

_MICRO_WAKE_WORD: Final = Attribution(
    name="microWakeWord", url="https://github.com/kahrendt/microWakeWord"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The fixed properties of a satellite."""

    identity: Identity
    name: str
    area: str | None
    loudspeaker: PcmFormat
    """Preferred format."""
    plays_music: bool = False

    def event(
        self,
        known: Collection[WakeModel],
        active: Sequence[str],
        sensitivities: Mapping[str, float],
    ) -> Event:
        """Return the `info` event with the available and the active wake words.

        `sensitivities` of 0 to 1 are those that are not the default.
        """
        ours: dict[str, Any] = {
            "attribution": _OURS,
            "installed": True,
            "version": version("indoor-voice"),
        }
        mic = AudioFormat(rate=RATE, width=SAMPLE_BYTES, channels=1)
        snd = AudioFormat(
            rate=self.loudspeaker.rate,
            width=self.loudspeaker.width,
            channels=self.loudspeaker.channels,
        )
        info = Info(
            satellite=Satellite(
                **ours,
                name=self.name,
                description=self.name,
                area=self.area,
                has_vad=False,
                active_wake_words=list(active),
                max_active_wake_words=len(known),
                supports_trigger=True,
            ),
            wake=[
                WakeProgram(
                    **ours,
                    name="indoor-voice",
                    description="Wake words detected on the satellite",
                    models=[_wake_model(model) for model in known],
                )
            ],
            mic=[MicProgram(**ours, name="microphone", description=None, mic_format=mic)],
            snd=[SndProgram(**ours, name="loudspeaker", description=None, snd_format=snd)],
        )
        event = info_event(info, self.identity)
        event.data["indoor_voice"]["wake_sensitivities"] = {
            model.name: sensitivity_level(sensitivities.get(model.name, Sensitivity.DEFAULT.number))
            for model in known
        }
        if self.plays_music:
            event.data["indoor_voice"]["music"] = True
        return event


def _wake_model(model: WakeModel) -> WyomingWakeModel:
    return WyomingWakeModel(
        name=model.name,
        description=model.phrase,
        phrase=model.phrase,
        attribution=_attribution(model),
        installed=True,
        version=None,
        languages=["en"] if model.built_in else [],
    )


def _attribution(model: WakeModel) -> Attribution:
    if not model.built_in:
        return _OURS
    return _MICRO_WAKE_WORD if model.open is None else _OPEN_WAKE_WORD
