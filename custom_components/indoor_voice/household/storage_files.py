"""Loads our `.storage` files, which may be damaged or written by a later version."""

from typing import TYPE_CHECKING, Any

from homeassistant.exceptions import ConfigEntryError, HomeAssistantError

from ..const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.helpers.storage import Store


def unusable_file(store: Store[Any], key: str) -> ConfigEntryError:
    """Return the error for a `.storage` file that is not in our format."""
    return ConfigEntryError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"path": str(store.path)},
    )


async def async_load_file[T: Mapping[str, Any]](store: Store[T], key: str) -> T | None:
    """Return the content of a `.storage` file, or None if there is no file; never writes it.

    Raises `ConfigEntryError` with the translation `key` if the file is not in our format.
    """
    try:
        stored = await store.async_load()
    except (HomeAssistantError, NotImplementedError, KeyError, TypeError, ValueError) as err:
        raise unusable_file(store, key) from err
    if stored is not None and not isinstance(stored, dict):
        raise unusable_file(store, key)
    return stored
