"""The film in the README is as short and small as script/film made it."""

from PIL import Image, ImageSequence

from tests.documents import ROOT

from .film_strip import MOST_BYTES, MOST_SECONDS


def test_the_film_in_the_readme_is_short_and_small() -> None:
    path = ROOT / "docs" / "film.webp"
    with Image.open(path) as film:
        seconds = []
        for frame in ImageSequence.Iterator(film):
            frame.load()
            seconds.append(frame.info["duration"] / 1000)
    assert sum(seconds) <= MOST_SECONDS
    # Fewer than four changes a second: nothing flashes.
    assert min(seconds) > 0.25
    assert path.stat().st_size <= MOST_BYTES
