"""Runs the turns of a satellite, from the wake word to the end of the answer."""

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
from wyoming.error import Error
from wyoming.event import Event, Eventable
from wyoming.vad import VoiceStarted, VoiceStopped

from ..assistant.assistants import assistant_of, chosen_pipeline, turn_assistant
from ..assistant.away import SPEECH_AWAY, is_speech_away
from ..assistant.locality import NOT_LOCAL, is_refused
from ..assistant.phrases import (
    is_busy,
    is_ours,
    is_worth_a_sentence,
)
from ..assistant.turn_context import TurnHints, turn_hints
from ..assistant.understanding import Understanding, understanding_of
from ..const import DOMAIN
from ..devices.coordinator import Outcome
from ..devices.entries import device_key
from ..household.keeper import KEEPER
from ..link.rate_limit import LogThrottle
from ..link.satellite import TurnHandler
from ..link.wire import LinkError
from ..voice_commands.execute import async_execute
from ..voice_commands.recognise import command_in
from .capture import begin_capture
from .follow_ups import FollowUps
from .loudspeaker import Loudspeaker
from .playback import ANSWER, CutOffError
from .progress import progress_message
from .sentences import Sentences
from .sound import SoundError, wav_sound
from .speaking_queue import SpeakingQueue
from .turn import Turn
from .understood import matched_an_intent
from .wake_ups import DUPLICATE_WAKE_UP, WakeUps

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ..data import SatelliteConfigEntry
    from ..link.hearing import Hearing
    from ..voice_commands.sentences import Command

_LOGGER = logging.getLogger(__name__)

_HARMLESS_ERRORS: Final = {"stt-no-text-recognized": Outcome.NOTHING_SAID}
"""Error codes of Home Assistant that do not mean a failure, and the outcomes they mean."""


class TurnRunner(AssistSatelliteEntity, TurnHandler):
    """Connects a satellite's microphone, Home Assistant's pipeline and the satellite's answer."""

    def __init__(self, entry: SatelliteConfigEntry) -> None:
        """Initialize without a turn."""
        self._entry = entry
        self._data = entry.runtime_data
        self._turn: Turn | None = None
        """The satellite's latest turn."""
        self._pipeline_turn: Turn | None = None
        """The turn whose pipeline reports events now."""
        self._open_conversation: str | None = None
        """The conversation in which the agent asked back in the last turn."""
        self._turn_begun = asyncio.Event()
        self._detected_wake_word: str | None = None
        self._loudspeaker = Loudspeaker(self._data)
        self._wake_ups = WakeUps(self._data)
        self._follow_ups = FollowUps(self._data)
        self._follow_up: asyncio.Task[Any] | None = None
        """Speaks a sentence about a turn that has ended, or is about to."""
        self._speaking_queue = SpeakingQueue()
        self._sentences = Sentences(self, entry, self._loudspeaker, self._speaking_queue)
        self._log = LogThrottle()

    def _background(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        return self._entry.async_create_background_task(
            self.hass, work, f"{DOMAIN} {name} of {self.entity_id}"
        )

    # Events from the satellite

    @override
    @callback
    def handle_detection(self, name: str | None) -> None:
        """Store the wake word for the turn that follows."""
        self._detected_wake_word = name

    @override
    @callback
    def handle_asked(self, hearing: Hearing) -> None:
        """Decide whether this satellite or another takes a turn."""
        self._wake_ups.ask(hearing)

    @override
    @callback
    def handle_run(
        self, turn: int | None, wake_word_name: str | None, features: bytes | None
    ) -> None:
        """Start a turn, and abandon the previous one and any sound that is playing."""
        if self._follow_up is not None and not self._loudspeaker.is_playing:
            # An announcement ends the current turn, which would be the new one.
            self._follow_up.cancel()
        self._loudspeaker.interrupt()
        name = wake_word_name or self._detected_wake_word
        self._detected_wake_word = None
        previous = self._turn
        new = Turn(
            number=turn,
            wake_word_phrase=self._data.peer.wake_word_phrase(name),
            assistant=assistant_of(self._data.peer, name),
            capture=begin_capture(self.hass, self._entry, name, features),
        )
        self._turn = new
        self._follow_ups.begin(new, name, previous)
        self._data.counts["turns"] += 1
        self._turn_begun.set()
        new.task = self._background(self._run_turn(new, previous), "turn")

    @override
    @callback
    def handle_audio(self, audio: bytes) -> None:
        """Pass sound to the turn."""
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
        """Record that the satellite has finished playing, or could not."""
        if heard:
            self._loudspeaker.note_heard()
        else:
            self._loudspeaker.lose()

    @override
    @callback
    def handle_turn_given_up(self, turn: int | None) -> None:
        """Cancel a turn that the satellite has already reported as failed."""
        if self._turn is not None and self._turn.number == turn:
            self._data.counts["given up"] += 1
            self._conclude(self._turn, Outcome.GIVEN_UP)
            self._background(self._stop_turn(), "end")

    @override
    @callback
    def handle_loudspeaker_failed(self) -> None:
        """End the playback, because nobody would hear it."""
        self._loudspeaker.lose()

    @override
    @callback
    def handle_disconnected(self) -> None:
        """Abort the turn and the playback, because nobody would hear them."""
        self._abort()
        self._background(self._stop_turn(), "end")

    def _abort(self) -> None:
        self._loudspeaker.lose()
        if self._turn is not None:
            self._conclude(self._turn, Outcome.FAILED)

    # The turn

    async def _run_turn(self, turn: Turn, previous: Turn | None) -> None:
        if previous is not None:
            await previous.stop()
            # Before the new turn, which may be a command to delete the previous one.
            self._hand_over_capture(previous)
        self._pipeline_turn = turn
        turn_assistant.set(turn.assistant)
        try:
            if is_refused(self.hass, self._entry, turn.assistant):
                self._fail(turn, NOT_LOCAL)
            elif not self._wake_ups.admit(turn.number, turn.wake_word_phrase):
                self._fail(turn, DUPLICATE_WAKE_UP)
            else:
                turn_hints.set(self._hints(turn))
                await self.async_accept_pipeline_from_satellite(
                    turn.microphone.read(), wake_word_phrase=turn.wake_word_phrase
                )
        except HomeAssistantError as err:
            # Raised before the pipeline ran, so the pipeline could not report it.
            self._warn("%s cannot use its assistant: %s", err)
            self._fail(turn, "pipeline-failed")
        except Exception as err:  # noqa: BLE001 - a third-party agent may raise anything
            self._warn("The assistant of %s failed: %s", type(err).__name__)
            self._fail(turn, "pipeline-failed")
        finally:
            turn.microphone.close()
            if not turn.ended:
                # Resets the entity's state and releases a caller that waits for an answer.
                self._internal_on_pipeline_event(PipelineEvent(PipelineEventType.RUN_END))
        if turn.answer is None:
            self._show_idle(turn)

    def _hints(self, turn: Turn) -> TurnHints:
        entity_id = self.vad_sensitivity_entity_id
        state = self.hass.states.get(entity_id) if entity_id else None
        return TurnHints(
            wake_word_phrase=turn.wake_word_phrase,
            vad_sensitivity=state.state if state else VadSensitivity.DEFAULT,
            understanding=self._understanding(),
            voice_started=lambda: self._tell(turn, VoiceStarted()),
            voice_stopped=lambda: self._tell(turn, VoiceStopped()),
            about_keeping=turn.note_about_keeping,
            busy=turn.note_busy,
        )

    def _understanding(self) -> Understanding | None:
        """Return what tells whether a command is understood, unless a question is answered."""
        if self._open_conversation is not None or self._ask_question_future is not None:
            return None
        device_id = self.registry_entry.device_id if self.registry_entry else None
        pipeline_id = self._resolve_pipeline()
        return understanding_of(self.hass, pipeline_id, self.entity_id, device_id)

    @callback
    @override
    def on_pipeline_event(self, event: PipelineEvent) -> None:
        """Handle a pipeline event and tell the satellite what it needs to know."""
        turn = self._pipeline_turn
        if turn is None or turn.ended:
            return
        data = event.data or {}
        self._note(turn, event)
        match event.type:
            case PipelineEventType.RUN_START:
                turn.tts_token = data.get("tts_output", {}).get("token")
                turn.open_conversation, self._open_conversation = self._open_conversation, None
                self._keep_answer_in_memory(turn)
            case PipelineEventType.INTENT_START:
                self._run_command_if_any(turn, data)
            case PipelineEventType.INTENT_PROGRESS if data.get("tts_start_streaming"):
                self._begin_answer(turn)
            case PipelineEventType.INTENT_END:
                output = data["intent_output"]
                turn.understood = matched_an_intent(output)
                turn.asks_back = output["continue_conversation"]
                self._open_conversation = output["conversation_id"] if turn.asks_back else None
            case PipelineEventType.TTS_END:
                self._begin_answer(turn)
            case PipelineEventType.ERROR:
                self._fail(turn, data["code"])
            case PipelineEventType.RUN_END:
                self._end(turn)
            case _ if (message := progress_message(event)) is not None:
                self._tell(turn, message)

    def _note(self, turn: Turn, event: PipelineEvent) -> None:
        turn.note(event)
        if event.type is PipelineEventType.STT_START:
            self._wake_ups.note(turn.wake_word_phrase)

    def _end(self, turn: Turn) -> None:
        turn.ended = True
        data = {"answer": turn.answer is not None}
        self._tell(turn, Event(type="pipeline-ended", data=data))
        if turn.answer is None:
            self._conclude(turn, Outcome.DONE if turn.understood else Outcome.NOT_UNDERSTOOD)
        self._apologise(turn)

    def _apologise(self, turn: Turn) -> None:
        """Say that a turn failed, in addition to the cue that the satellite plays."""
        code = turn.error_code
        if turn is self._turn and code is not None and is_worth_a_sentence(code):
            self._background(self._speak_failure(turn, code), "apology")

    def _fail(self, turn: Turn, code: str) -> None:
        self._data.counts[f"error {code}"] += 1
        pipeline_id = chosen_pipeline(self.hass, device_key(self._entry), turn.assistant)
        if self._data.language.known and is_speech_away(self.hass, pipeline_id, code):
            code = SPEECH_AWAY  # the satellite says so: an apology would be too much
        turn.error_code = code
        self._conclude(turn, _HARMLESS_ERRORS.get(code, Outcome.FAILED))
        self._tell(turn, Error(text="Home Assistant could not complete the turn", code=code))
        if turn.ended:
            self._apologise(turn)

    def _keep_answer_in_memory(self, turn: Turn) -> None:
        """Prevent Home Assistant from caching the answer's sound in a file."""
        stream = tts.async_get_stream(self.hass, turn.tts_token) if turn.tts_token else None
        if stream is not None:
            stream.use_file_cache = False

    def _run_command_if_any(self, turn: Turn, data: dict[str, Any]) -> None:
        """Run a command about keeping if Home Assistant would pass the text to the agent only."""
        if data["conversation_id"] != turn.open_conversation:
            return
        command = command_in(data["intent_input"])
        if command is not None and turn.task is not None:
            turn.note_about_keeping()
            turn.task.cancel()
            self._background(self._run_command(turn, command, data["language"]), "command")

    async def _run_command(self, turn: Turn, command: Command, language: str) -> None:
        room = device_key(self._entry)
        await self._say(turn, await async_execute(self.hass, command, room, language))

    @callback
    def _begin_answer(self, turn: Turn) -> None:
        if turn.answer is None and turn.tts_token is not None:
            stream = tts.async_get_stream(self.hass, turn.tts_token)
            if stream is not None:
                turn.answer = self._background(self._play_answer(turn, stream), "answer")

    async def _play_answer(self, turn: Turn, stream: tts.ResultStream) -> None:
        try:
            sound = wav_sound(stream.async_stream_result())
            complete = await self._loudspeaker.play(sound, ANSWER, turn=turn)
            self._data.counts["answers"] += 1
            self._conclude(turn, Outcome.ANSWERED if turn.understood else Outcome.NOT_UNDERSTOOD)
            if complete and turn.asks_back and not self._loudspeaker.stopped:
                await self._follow_ups.open_microphone()
        except (CutOffError, LinkError) as err:
            self._conclude(turn, Outcome.FAILED)
            self._warn("The answer on %s was cut off: %s", err)
        except Exception as err:  # noqa: BLE001 - a third-party engine may raise anything
            # The error messages of other engines may contain the text.
            reason = err if isinstance(err, SoundError) or is_ours(err) else type(err).__name__
            self._warn("Could not play the answer on %s: %s", reason)
            turn.busy = is_busy(err)
            self._fail(turn, "tts-failed")
        finally:
            stream.delete()  # or Home Assistant serves it to anyone with its URL, for minutes
            self._show_idle(turn)

    def _warn(self, message: str, reason: object) -> None:
        """Log a warning, at most once a minute; it must not contain what was said."""
        self._log.warn(_LOGGER, message, self.entity_id, reason)

    def _conclude(self, turn: Turn, outcome: Outcome) -> None:
        """Set the outcome of a turn, unless it already has one."""
        if turn.outcome is None:
            turn.outcome = outcome
            self._data.health.note_turn(outcome)
        self._hand_over_capture(turn)

    def _hand_over_capture(self, turn: Turn) -> None:
        """Release the capture of a turn that has ended to the keeper, which decides on it."""
        capture, turn.capture = turn.capture, None
        keeper = self.hass.data.get(KEEPER)
        if capture is not None and keeper is not None:
            ended = capture.ended(turn.outcome, about_keeping=turn.about_keeping)
            self._background(keeper.async_turn_ended(ended), "recording")

    async def _speak_failure(self, turn: Turn, code: str) -> None:
        sentence = await self._sentences.async_why_failed(turn, code)
        if sentence is not None:
            await self._say(turn, sentence)

    async def _say(self, turn: Turn, sentence: str) -> None:
        """Say a sentence about a turn, unless a newer one has begun."""
        if turn is not self._turn:
            return
        self._follow_up = asyncio.current_task()
        try:
            await self._sentences.async_say(sentence)
        finally:
            self._follow_up = None

    def _tell(self, turn: Turn, message: Event | Eventable) -> None:
        """Send an event of a turn, in order of the calls, unless a newer turn has begun."""
        if isinstance(message, VoiceStarted):
            turn.microphone.keep_open()
        if turn is self._turn and self._data.health.data.connected:
            self._background(self._send_quietly(turn, message), "event")

    async def _send_quietly(self, turn: Turn, message: Event | Eventable) -> None:
        with suppress(LinkError):  # the link itself notices and logs a lost satellite
            await self._data.send(turn.tagged(message))

    async def _stop_turn(self) -> None:
        if (turn := self._turn) is not None:
            await turn.stop()
            self._hand_over_capture(turn)
            self._show_idle(turn)
            if self._turn is turn:
                self._turn = None

    def _show_idle(self, turn: Turn) -> None:
        """Show the satellite as idle, unless a newer turn or an announcement is in progress."""
        if self._turn is turn and not self._is_announcing:
            self.tts_response_finished()
