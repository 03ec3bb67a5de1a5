"""Our files in Home Assistant's `.storage`, which may be damaged, or of a later version."""

from typing import TYPE_CHECKING, Any

from homeassistant.exceptions import ConfigEntryError, HomeAssistantError

from ..const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.helpers.storage import Store


def unusable_file(store: Store[Any], key: str) -> ConfigEntryError:
    """Return the error of a file in `.storage` that is not as we write it."""
    return ConfigEntryError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"path": str(store.path)},
    )


async def async_load_file[T: Mapping[str, Any]](store: Store[T], key: str) -> T | None:
    """Return what a file in `.storage` holds, None where there is none; it is left as it is.

    Raises `ConfigEntryError`, by the translation `key`, where it is not as we write it.
    """
    try:
        stored = await store.async_load()
    except (HomeAssistantError, NotImplementedError, KeyError, TypeError, ValueError) as err:
        raise unusable_file(store, key) from err
    if stored is not None and not isinstance(stored, dict):
        raise unusable_file(store, key)
    return stored
