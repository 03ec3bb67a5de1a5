"""A lower limit on the size of all recordings takes effect at once."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from custom_components.indoor_voice.privacy import door
from custom_components.indoor_voice.privacy.store.recordings import Recordings

from .reviewing import ADA, CLEO, SYSTEM, Home

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


@pytest.mark.parametrize("at_once", [200, 3])
def test_excess_is_deleted_at_once_oldest_first_in_batches(
    tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "DELETED_AT_ONCE", at_once)
    home = Home(tmp_path / "household.sqlite")
    kept = [home.say() for _ in range(12)]
    each = home.household.totals().size_bytes // 12
    deletions: list[int] = []
    delete_stored = Recordings.delete

    def delete(recordings: Recordings, ids: Collection[str]) -> int:
        deletions.append(len(ids))
        return delete_stored(recordings, ids)

    monkeypatch.setattr(Recordings, "delete", delete)
    home.arrangement = replace(
        home.arrangement, ceiling=replace(home.arrangement.ceiling, max_bytes=4 * each)
    )
    home.household.arrange(home.arrangement, SYSTEM)
    assert [recording.id for recording in home.household.recordings(CLEO)] == kept[:7:-1]
    assert home.household.totals().size_bytes <= 4 * each
    assert max(deletions) <= at_once
    assert "size" in {row.detail.get("why") for row in home.household.rows(ADA)}
    assert home.household.verify().ok
    home.household.close()


def test_it_holds_at_the_start_too(tmp_path: Path) -> None:
    home = Home(tmp_path / "household.sqlite")
    for _ in range(3):
        home.say()
    home.arrangement = replace(
        home.arrangement, ceiling=replace(home.arrangement.ceiling, max_bytes=1)
    )
    home.restart()
    assert home.household.totals().recordings == 0
    home.household.close()
