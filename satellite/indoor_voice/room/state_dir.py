"""A satellite's state folder: its default location, and how to reset it."""

from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.state_folder import default_state_dir

DEFAULT_STATE_DIR: Final[Path] = default_state_dir("satellite")


def forget_everything(state_dir: Path) -> None:
    """Delete all state, so that the next start is that of a new satellite; raises `UserError`."""
    from indoor_voice.link.pairing.trust import Trust  # noqa: PLC0415 - heavy

    from .alarms.file import forget_alarms  # noqa: PLC0415
    from .music.kept_level import forget_level  # noqa: PLC0415
    from .music.sendspin.state import forget_sendspin  # noqa: PLC0415
    from .settings import forget_settings  # noqa: PLC0415
    from .timers.file import forget_timers  # noqa: PLC0415
    from .verifier_file import forget_verifiers  # noqa: PLC0415

    Trust.reset(state_dir)
    try:
        forget_settings(state_dir)
        forget_timers(state_dir)
        forget_level(state_dir)
        forget_sendspin(state_dir)
        forget_alarms(state_dir)
        forget_verifiers(state_dir)
    except OSError as err:
        raise UserError(f"Cannot delete the settings in {state_dir}: {err}.") from err
