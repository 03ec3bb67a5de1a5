"""Media player of a satellite that plays music."""

from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components import media_source
from homeassistant.components.assist_satellite import DOMAIN as ASSIST_SATELLITE_DOMAIN
from homeassistant.components.media_player import (
    MediaPlayerEntity,
    MediaPlayerEntityDescription,
)
from homeassistant.components.media_player.browse_media import (
    BrowseMedia,
    async_process_play_media_url,
)
from homeassistant.components.media_player.const import (
    ATTR_MEDIA_ANNOUNCE,
    MediaPlayerDeviceClass,
    MediaPlayerEntityFeature,
    MediaPlayerState,
    MediaType,
)
from homeassistant.const import ATTR_ENTITY_ID, Platform
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.network import is_hass_url

from .const import DOMAIN
from .devices.entries import device_key
from .devices.music import MediaFailedError
from .entity import SatelliteEntity
from .link.media import (
    MediaError,
    MediaState,
    media_mute,
    media_pause,
    media_resume,
    media_seek,
    media_stop,
    media_volume,
)
from .link.wire import LinkError

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from wyoming.event import Event

    from .data import SatelliteConfigEntry
    from .link.media import MediaStatus

PARALLEL_UPDATES: Final = 0

_MUSIC: Final = MediaPlayerEntityDescription(key="music")

_STATES: Final = {
    MediaState.IDLE: MediaPlayerState.IDLE,
    MediaState.BUFFERING: MediaPlayerState.BUFFERING,
    MediaState.PLAYING: MediaPlayerState.PLAYING,
    MediaState.PAUSED: MediaPlayerState.PAUSED,
}
_FEATURES: Final = (
    MediaPlayerEntityFeature.PLAY_MEDIA
    | MediaPlayerEntityFeature.BROWSE_MEDIA
    | MediaPlayerEntityFeature.MEDIA_ANNOUNCE
    | MediaPlayerEntityFeature.PLAY
    | MediaPlayerEntityFeature.PAUSE
    | MediaPlayerEntityFeature.STOP
    | MediaPlayerEntityFeature.VOLUME_SET
    | MediaPlayerEntityFeature.VOLUME_STEP
    | MediaPlayerEntityFeature.VOLUME_MUTE
)
_MESSAGES: Final = {
    MediaError.NOT_FOUND: "media_not_found",
    MediaError.REFUSED: "media_refused",
    MediaError.UNREACHABLE: "media_unreachable",
    MediaError.UNPLAYABLE: "media_unplayable",
    MediaError.WITHOUT_SOUND: "media_without_sound",
    MediaError.STALLED: "media_stalled",
    MediaError.LOUDSPEAKER_LOST: "media_loudspeaker_lost",
    MediaError.FAILED: "media_failed",
}
_PLAYABLE: Final = ("audio/", "video/")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SatelliteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the media player as soon as the satellite says that it plays music."""
    data = entry.runtime_data
    if not data.peer.plays_music:
        _forget_player(hass, entry)
    is_added = False

    @callback
    def add_once() -> None:
        nonlocal is_added
        if data.peer.plays_music and not is_added:
            is_added = True
            async_add_entities([IndoorVoiceMusic(entry, _MUSIC)])

    add_once()
    entry.async_on_unload(data.health.async_add_listener(add_once))


def _forget_player(hass: HomeAssistant, entry: SatelliteConfigEntry) -> None:
    registry = er.async_get(hass)
    unique_id = f"{device_key(entry)}-{_MUSIC.key}"
    if entity_id := registry.async_get_entity_id(Platform.MEDIA_PLAYER, DOMAIN, unique_id):
        registry.async_remove(entity_id)


class IndoorVoiceMusic(SatelliteEntity, MediaPlayerEntity):
    """Plays media on a satellite; shows nothing of what they are called."""

    _attr_device_class = MediaPlayerDeviceClass.SPEAKER
    _attr_media_content_type = MediaType.MUSIC

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite is connected and plays music."""
        return self._entry.runtime_data.peer.plays_music and self._status is not None

    @property
    def _status(self) -> MediaStatus | None:
        report = self.coordinator.data.media
        return None if report is None else report.status

    @property
    @override
    def supported_features(self) -> MediaPlayerEntityFeature:
        """A position can be chosen in what has an end."""
        if self._status is None or self._status.duration_seconds is None:
            return _FEATURES
        return _FEATURES | MediaPlayerEntityFeature.SEEK

    @property
    @override
    def state(self) -> MediaPlayerState | None:
        """What the player does."""
        return None if self._status is None else _STATES[self._status.state]

    @property
    @override
    def volume_level(self) -> float | None:
        """The volume, 0 to 1."""
        return None if self._status is None else self._status.volume

    @property
    @override
    def is_volume_muted(self) -> bool | None:
        """Whether the player is muted; its microphone is another thing."""
        return None if self._status is None else self._status.muted

    @property
    @override
    def media_duration(self) -> int | None:
        """The duration in seconds."""
        return None if self._status is None else _whole(self._status.duration_seconds)

    @property
    @override
    def media_position(self) -> int | None:
        """The position in seconds, at `media_position_updated_at`."""
        return None if self._status is None else _whole(self._status.position_seconds)

    @property
    @override
    def media_position_updated_at(self) -> datetime | None:
        """When the player was in `media_position`."""
        report = self.coordinator.data.media
        if report is None or report.status.position_seconds is None:
            return None
        return report.at

    @override
    async def async_browse_media(
        self,
        media_content_type: MediaType | str | None = None,
        media_content_id: str | None = None,
    ) -> BrowseMedia:
        """Show what Home Assistant can serve."""
        return await media_source.async_browse_media(
            self.hass,
            media_content_id,
            content_filter=lambda item: item.media_content_type.startswith(_PLAYABLE),
        )

    @override
    async def async_play_media(
        self, media_type: MediaType | str, media_id: str, **kwargs: Any
    ) -> None:
        """Play media, and return when they have begun; or announce, and return when heard."""
        if kwargs.get(ATTR_MEDIA_ANNOUNCE):
            await self._announce(media_id)
            return
        if media_source.is_media_source_id(media_id):
            media = await media_source.async_resolve_media(self.hass, media_id, self.entity_id)
            media_id = media.url
        url = async_process_play_media_url(self.hass, media_id)
        try:
            # Home Assistant's own certificate is often self-signed, or for another name.
            verify = not is_hass_url(self.hass, url)
            await self._entry.runtime_data.music.async_play(url, verify=verify)
        except MediaFailedError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key=_MESSAGES[err.error]
            ) from err
        except LinkError as err:
            raise self._not_connected() from err

    async def _announce(self, media_id: str) -> None:
        """Let the satellite announce, as its own entity does: music makes way for that."""
        satellite = er.async_get(self.hass).async_get_entity_id(
            ASSIST_SATELLITE_DOMAIN, DOMAIN, device_key(self._entry)
        )
        if satellite is None or self.hass.states.get(satellite) is None:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="cannot_announce")
        await self.hass.services.async_call(
            ASSIST_SATELLITE_DOMAIN,
            "announce",
            {ATTR_ENTITY_ID: satellite, "media_id": media_id, "preannounce": False},
            blocking=True,
            context=self._context,
        )

    @override
    async def async_media_play(self) -> None:
        """Go on after a pause."""
        await self._send(media_resume())

    @override
    async def async_media_pause(self) -> None:
        """Pause."""
        await self._send(media_pause())

    @override
    async def async_media_stop(self) -> None:
        """Stop."""
        await self._send(media_stop())

    @override
    async def async_media_seek(self, position: float) -> None:
        """Go on from another position, in seconds."""
        await self._send(media_seek(position))

    @override
    async def async_set_volume_level(self, volume: float) -> None:
        """Set the volume, 0 to 1."""
        await self._send(media_volume(volume))

    @override
    async def async_mute_volume(self, mute: bool) -> None:
        """Make what plays inaudible, or audible again."""
        await self._send(media_mute(muted=mute))

    async def _send(self, event: Event) -> None:
        try:
            await self._entry.runtime_data.send(event)
        except LinkError as err:
            raise self._not_connected() from err

    def _not_connected(self) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="not_connected",
            translation_placeholders={"address": str(self._entry.runtime_data.address)},
        )


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)
