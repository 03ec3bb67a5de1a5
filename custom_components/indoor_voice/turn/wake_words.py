"""Describes a satellite's wake words to Home Assistant."""

from typing import TYPE_CHECKING

from homeassistant.components.assist_satellite import (
    AssistSatelliteConfiguration,
    AssistSatelliteWakeWord,
)

if TYPE_CHECKING:
    from wyoming.info import WakeModel

    from ..link.client import Peer


def wake_word_configuration(peer: Peer) -> AssistSatelliteConfiguration:
    """Return the wake words that a satellite has and listens for."""
    satellite = peer.info.satellite
    return AssistSatelliteConfiguration(
        available_wake_words=[
            AssistSatelliteWakeWord(
                id=model.name,
                wake_word=model.phrase or model.name,
                trained_languages=model.languages,
            )
            for program in peer.info.wake
            for model in program.models
        ],
        active_wake_words=peer.active_wake_words,
        max_active_wake_words=(satellite.max_active_wake_words if satellite else None) or 1,
    )


def sensitive_wake_words(peer: Peer) -> list[WakeModel]:
    """Return the wake words that a satellite listens for with a sensitivity that can be set."""
    active = peer.active_wake_words
    return [
        model
        for program in peer.info.wake
        for model in program.models
        if model.name in active and model.name in peer.wake_sensitivities
    ]
