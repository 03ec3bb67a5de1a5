"""How a satellite takes its turns, from the wake word to the end of the answer."""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components import tts
from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType
from homeassistant.components.assist_pipeline.vad import VadSensitivity
from homeassistant.components.assist_satellite import AssistSatelliteEntity
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.intent import IntentResponseErrorCode
from wyoming.asr import Transcribe, Transcript
from wyoming.error import Error
from wyoming.event import Event, Eventable
from wyoming.vad import VoiceStarted, VoiceStopped

from ..assistant.locality import NOT_LOCAL, is_refused, speaks_locally
from ..assistant.phrases import (
    async_failure_sentence,
    is_busy,
    is_ours,
    is_worth_a_sentence,
    other_voices,
)
from ..assistant.turn_context import TurnHints, turn_hints
from ..const import DOMAIN
from ..devices.entries import device_key
from ..devices.satellite_coordinator import Outcome
from ..household.keeper import KEEPER
from ..link.rate_limit import LogThrottle
from ..link.satellite import TurnHandler
from ..link.wire import LinkError
from ..voice_commands.execute import async_execute
from ..voice_commands.recognise import command_in
from .capture import begin_capture
from .playback import ANSWER, SPEECH, CutOffError, Patience, Playback
from .sound import SoundError, wav_sound
from .speaking_queue import SpeakingQueue
from .turn import Turn
from .wake_ups import WakeUps

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    from wyoming.audio import AudioChunk

    from ..data import SatelliteConfigEntry
    from ..voice_commands.sentences import Command

_LOGGER = logging.getLogger(__name__)

_FAILURES: Final = {"stt-no-text-recognized": Outcome.NOTHING_SAID}
"""What else than a failure Home Assistant reports as one."""


class TurnRunner(AssistSatelliteEntity, TurnHandler):
    """Brings together what a satellite hears, Home Assistant's pipeline, and the answer."""

    def __init__(self, entry: SatelliteConfigEntry) -> None:
        """Wait for the first turn."""
        self._entry = entry
        self._data = entry.runtime_data
        self._turn: Turn | None = None
        """The latest turn of the satellite."""
        self._running: Turn | None = None
        """The turn whose pipeline is the one that reports events."""
        self._open_conversation: str | None = None
        """The conversation in which the agent asked back in the last turn."""
        self._turn_begun = asyncio.Event()
        self._detected: str | None = None
        self._playback: Playback | None = None
        self._wake_ups = WakeUps()
        self._saying: asyncio.Task[Any] | None = None
        """Is about to say something of a turn that is over."""
        self._speaking = SpeakingQueue()
        self._log = LogThrottle()

    def _background(self, work: Coroutine[Any, Any, None], what: str) -> asyncio.Task[None]:
        return self._entry.async_create_background_task(
            self.hass, work, f"{DOMAIN} {what} of {self.entity_id}"
        )

    # The satellite's events

    @override
    @callback
    def handle_detection(self, name: str | None) -> None:
        """Remember the wake word for the turn that follows."""
        self._detected = name

    @override
    @callback
    def handle_run(self, turn: int | None, wake_word_name: str | None) -> None:
        """Begin a turn; one that still runs is given up, and so is what is being played."""
        if self._saying is not None and self._playback is None:
            # An announcement ends the turn that goes on, which would be the new one.
            self._saying.cancel()
        self._interrupt_playback()
        name = wake_word_name or self._detected
        self._detected = None
        previous = self._turn
        new = Turn(
            number=turn,
            wake_word_phrase=self._data.peer.wake_word_phrase(name),
            capture=begin_capture(self.hass, device_key(self._entry)),
        )
        self._turn = new
        self._data.counts["turns"] += 1
        self._turn_begun.set()
        new.task = self._background(self._run_turn(new, previous), "turn")

    @override
    @callback
    def handle_audio(self, audio: bytes) -> None:
        """Let the turn have its sound."""
        if self._turn is not None:
            self._turn.hear(audio)

    @override
    @callback
    def handle_audio_stop(self) -> None:
        """End the turn's sound."""
        if self._turn is not None:
            self._turn.microphone.end()

    @override
    @callback
    def handle_played(self, *, heard: bool) -> None:
        """Take note that the sound is over."""
        if not heard:
            self._lose_playback()
        elif self._playback is not None:
            self._playback.heard()

    @override
    @callback
    def handle_turn_given_up(self, turn: int | None) -> None:
        """Let nothing come of a turn that the user believes to have failed."""
        if self._turn is not None and self._turn.number == turn:
            self._data.counts["given up"] += 1
            self._conclude(self._turn, Outcome.GIVEN_UP)
            self._background(self._stop_turn(), "end")

    @override
    @callback
    def handle_loudspeaker_failed(self) -> None:
        """End the playback; nobody would hear it."""
        self._lose_playback()

    @override
    @callback
    def handle_disconnected(self) -> None:
        """End what goes on; nobody would hear it."""
        self._break_off()
        self._background(self._stop_turn(), "end")

    def _break_off(self) -> None:
        self._lose_playback()
        if self._turn is not None:
            self._conclude(self._turn, Outcome.FAILED)

    # A turn

    async def _run_turn(self, turn: Turn, previous: Turn | None) -> None:
        if previous is not None:
            await previous.stop()
            # Before the new turn can be a command to delete it.
            self._hand_over(previous)
        self._running = turn
        try:
            if is_refused(self.hass, self._entry):
                self._fail(turn, NOT_LOCAL)
            else:
                turn_hints.set(self._hints(turn))
                self._wake_ups.forget_own(self.hass, turn.wake_word_phrase)
                await self.async_accept_pipeline_from_satellite(
                    turn.microphone.read(), wake_word_phrase=turn.wake_word_phrase
                )
        except HomeAssistantError as err:
            # Raised before the pipeline ran, so it could not report an error itself.
            self._warn("%s cannot use its assistant: %s", err)
            self._fail(turn, "pipeline-failed")
        except Exception as err:  # noqa: BLE001 - an agent of anybody's may raise anything
            self._warn("The assistant of %s failed: %s", type(err).__name__)
            self._fail(turn, "pipeline-failed")
        finally:
            turn.microphone.close()
            if not turn.ended:
                # Brings the state back, and whoever waits for the answer to a question.
                self._internal_on_pipeline_event(PipelineEvent(PipelineEventType.RUN_END))
        if turn.answer is None:
            self._come_to_rest(turn)

    def _hints(self, turn: Turn) -> TurnHints:
        entity_id = self.vad_sensitivity_entity_id
        state = self.hass.states.get(entity_id) if entity_id else None
        return TurnHints(
            wake_word_phrase=turn.wake_word_phrase,
            vad_sensitivity=state.state if state else VadSensitivity.DEFAULT,
            voice_started=lambda: self._tell(turn, VoiceStarted()),
            voice_stopped=lambda: self._tell(turn, VoiceStopped()),
            about_keeping=turn.note_about_keeping,
            busy=turn.note_busy,
        )

    @callback
    @override
    def on_pipeline_event(self, event: PipelineEvent) -> None:
        """Tell the satellite what it needs to know of its turn."""
        turn = self._running
        if turn is None or turn.ended:
            return
        data = event.data or {}
        self._note(turn, event)
        match event.type:
            case PipelineEventType.RUN_START:
                turn.tts_token = data.get("tts_output", {}).get("token")
                turn.open_conversation, self._open_conversation = self._open_conversation, None
                self._leave_no_file(turn)
            case PipelineEventType.INTENT_START:
                self._look_for_command(turn, data)
            case PipelineEventType.INTENT_PROGRESS if data.get("tts_start_streaming"):
                self._begin_answer(turn)
            case PipelineEventType.INTENT_END:
                output = data["intent_output"]
                turn.understood = _understood(output)
                asks_back = output["continue_conversation"]
                self._open_conversation = output["conversation_id"] if asks_back else None
            case PipelineEventType.TTS_END:
                self._begin_answer(turn)
            case PipelineEventType.ERROR:
                self._fail(turn, data["code"])
            case PipelineEventType.RUN_END:
                self._end(turn)
            case _ if (message := _progress(event)) is not None:
                self._tell(turn, message)

    def _note(self, turn: Turn, event: PipelineEvent) -> None:
        turn.note(event)
        if event.type is PipelineEventType.STT_START:
            self._wake_ups.note(self.hass, turn.wake_word_phrase)

    def _end(self, turn: Turn) -> None:
        turn.ended = True
        data = {"answer": turn.answer is not None}
        self._tell(turn, Event(type="pipeline-ended", data=data))
        if turn.answer is None:
            self._conclude(turn, Outcome.DONE if turn.understood else Outcome.NOT_UNDERSTOOD)
        self._apologise(turn)

    def _apologise(self, turn: Turn) -> None:
        """Say that a turn failed, beyond the cue that the satellite plays."""
        code = turn.error_code
        if turn is self._turn and code is not None and is_worth_a_sentence(code):
            self._background(self._speak_failure(turn, code), "apology")

    def _fail(self, turn: Turn, code: str) -> None:
        turn.error_code = code
        self._data.counts[f"error {code}"] += 1
        self._conclude(turn, _FAILURES.get(code, Outcome.FAILED))
        self._tell(turn, Error(text="Home Assistant could not complete the turn", code=code))
        if turn.ended:
            self._apologise(turn)

    def _leave_no_file(self, turn: Turn) -> None:
        """Have the answer's sound held in memory only; Home Assistant would keep it in a file."""
        stream = tts.async_get_stream(self.hass, turn.tts_token) if turn.tts_token else None
        if stream is not None:
            stream.use_file_cache = False

    def _look_for_command(self, turn: Turn, data: dict[str, Any]) -> None:
        """Obey a command about keeping where Home Assistant would ask the agent alone."""
        if data["conversation_id"] != turn.open_conversation:
            return
        command = command_in(data["intent_input"])
        if command is not None and turn.task is not None:
            turn.note_about_keeping()
            turn.task.cancel()
            self._background(self._obey(turn, command, data["language"]), "command")

    async def _obey(self, turn: Turn, command: Command, language: str) -> None:
        room = device_key(self._entry)
        await self._say(turn, await async_execute(self.hass, command, room, language))

    @callback
    def _begin_answer(self, turn: Turn) -> None:
        if turn.answer is None and turn.tts_token is not None:
            stream = tts.async_get_stream(self.hass, turn.tts_token)
            if stream is not None:
                turn.answer = self._background(self._give_answer(turn, stream), "answer")

    async def _give_answer(self, turn: Turn, stream: tts.ResultStream) -> None:
        try:
            await self._play(wav_sound(stream.async_stream_result()), turn, ANSWER)
            self._data.counts["answers"] += 1
            self._conclude(turn, Outcome.ANSWERED if turn.understood else Outcome.NOT_UNDERSTOOD)
        except (CutOffError, LinkError) as err:
            self._conclude(turn, Outcome.FAILED)
            self._warn("The answer was not heard to its end on %s: %s", err)
        except Exception as err:  # noqa: BLE001 - an engine of anybody's may raise anything
            # What other engines say of a failure may hold the text.
            why = err if isinstance(err, SoundError) or is_ours(err) else type(err).__name__
            self._warn("The answer did not reach %s: %s", why)
            turn.busy = is_busy(err)
            self._fail(turn, "tts-failed")
        finally:
            stream.delete()  # or Home Assistant gives it to who has its address, for minutes
            self._come_to_rest(turn)

    def _warn(self, message: str, why: object) -> None:
        """Log the same once a minute; neither may hold what was said."""
        self._log.warn(_LOGGER, message, self.entity_id, why)

    def _conclude(self, turn: Turn, outcome: Outcome) -> None:
        """Say how a turn ended; what comes after its end changes nothing."""
        if turn.outcome is None:
            turn.outcome = outcome
            self._data.health.note_turn(outcome)
        self._hand_over(turn)

    def _hand_over(self, turn: Turn) -> None:
        """Let the keeper decide on what is held of a turn that is over, and hold it no longer."""
        capture, turn.capture = turn.capture, None
        keeper = self.hass.data.get(KEEPER)
        if capture is not None and keeper is not None:
            ended = capture.ended(turn.outcome, about_keeping=turn.about_keeping)
            self._background(keeper.async_turn_ended(ended), "recording")

    async def _speak_failure(self, turn: Turn, code: str) -> None:
        if code == NOT_LOCAL and not speaks_locally(self.hass, self._entry):
            return
        pipeline_id = self._resolve_pipeline()
        sentence = await async_failure_sentence(self.hass, pipeline_id, code, busy=turn.busy)
        if sentence is not None:
            await self._say(turn, sentence)

    async def _say(self, turn: Turn, sentence: str) -> None:
        """Say what came of a turn, unless a newer one has begun."""
        if turn is not self._turn:
            return
        self._saying = asyncio.current_task()
        try:
            await self._say_somehow(sentence)
        finally:
            self._saying = None

    async def _say_somehow(self, sentence: str) -> None:
        # Where all of this fails, the satellite's own cue is all that is heard.
        try:
            await self.async_internal_announce(sentence, preannounce=False)
        except HomeAssistantError:
            for stream in other_voices(self.hass, self._resolve_pipeline()):
                stream.async_set_message(sentence)
                with suppress(HomeAssistantError, CutOffError, LinkError, SoundError):
                    async with self._speaking.place():
                        await self._play(wav_sound(stream.async_stream_result()), None, SPEECH)
                        return

    def _tell(self, turn: Turn, message: Event | Eventable) -> None:
        """Send an event of a turn, in the order of the calls, unless a newer turn has begun."""
        if turn is self._turn and self._data.health.data.connected:
            self._background(self._send_quietly(turn, message), "event")

    async def _send_quietly(self, turn: Turn, message: Event | Eventable) -> None:
        with suppress(LinkError):  # a lost satellite is noticed, and logged, by its link
            await self._send(turn, message)

    async def _send(self, turn: Turn | None, message: Event | Eventable) -> None:
        event = message if isinstance(message, Event) else message.event()
        if turn is not None and turn.number is not None:
            event.data["turn"] = turn.number
        await self._data.send(event)

    async def _stop_turn(self) -> None:
        if (turn := self._turn) is not None:
            await turn.stop()
            self._hand_over(turn)
            self._come_to_rest(turn)
            if self._turn is turn:
                self._turn = None

    def _come_to_rest(self, turn: Turn) -> None:
        """Show the satellite as idle, unless something newer than the turn goes on."""
        if self._turn is turn and not self._is_announcing:
            self.tts_response_finished()

    # Sound

    async def _play(
        self,
        chunks: AsyncGenerator[AudioChunk],
        turn: Turn | None,
        patience: Patience,
        broken: Event | Eventable | None = None,
    ) -> bool:
        """Play to the end, or until interrupted; return whether it was the end.

        Raises what `Playback.play` does, and `CutOffError` when there was nothing to hear it from.
        """
        playback = Playback(lambda message: self._send(turn, message), patience)
        self._playback = playback
        try:
            whole = await playback.play(chunks, broken)
        finally:
            if self._playback is playback:
                self._playback = None
        status = self._data.health.data.status
        if whole and status is not None and not status.loudspeaker:
            raise CutOffError("its loudspeaker does not work")
        return whole

    def _interrupt_playback(self) -> None:
        if self._playback is not None:
            self._playback.interrupt()

    def _lose_playback(self) -> None:
        if self._playback is not None:
            self._playback.lose()


def _progress(event: PipelineEvent) -> Eventable | None:
    """Return what a satellite is told of speech-to-text's progress."""
    data = event.data or {}
    match event.type:
        case PipelineEventType.STT_START:
            return Transcribe(language=data["metadata"]["language"])
        case PipelineEventType.STT_VAD_START:
            return VoiceStarted(timestamp=data["timestamp"])
        case PipelineEventType.STT_VAD_END:
            return VoiceStopped(timestamp=data["timestamp"])
        case PipelineEventType.STT_END:
            # The satellite needs to know that it is over, not what was said.
            return Transcript(text="")
    return None


def _understood(output: dict[str, Any]) -> bool:
    """Tell whether the conversation agent could make something of the text."""
    code: str | None = output["response"]["data"].get("code")
    return code != IntentResponseErrorCode.NO_INTENT_MATCH
