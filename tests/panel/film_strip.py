"""Puts pictures of pages and their captions side by side, and writes them as an animated WebP."""

import base64
import html
import io
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from PIL import Image

from tests.documents import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page

PICTURE: Final = (420, 500)
"""The size of the browser's window that is filmed, in CSS pixels."""
SCALE: Final = 1.15
"""How much larger the film shows it, so that its text can be read in a README 700 pixels wide."""
MOST_SECONDS: Final = 25.0
MOST_BYTES: Final = 3_000_000
_SIZE: Final = (870, 575)
_QUALITY: Final = 80
_COLOURS_OF_STILL: Final = 128
_STAGE: Final = """<!doctype html><style>
  body { margin: 0; width: 870px; height: 575px; display: flex; align-items: center;
    background: #fdf6e3; color: #14363a; font-family: "DejaVu Sans", sans-serif; }
  img.page { width: 483px; height: 575px; border-right: 1px solid #b9c7c8; }
  div { flex: 1; padding: 0 28px; }
  p { margin: 0; font-size: 33px; line-height: 1.25; font-weight: bold; color: #1f6f78; }
  p + p { margin-top: 22px; font-size: 22px; line-height: 1.4; font-weight: normal;
    color: #14363a; }
  .end { text-align: center; }
  .end img { width: 520px; margin-bottom: 28px; }
</style>"""


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands beside a picture."""

    title: str
    text: str

    def to_html(self) -> str:
        return f"<p>{html.escape(self.title)}</p><p>{html.escape(self.text)}</p>"


@dataclass(slots=True)
class FilmStrip:
    """A film under construction: its frames, and for how long each of them is shown."""

    stage: Page
    frames: list[Image.Image] = field(default_factory=list)
    milliseconds: list[int] = field(default_factory=list)
    _still: int = 0

    @classmethod
    async def begin(cls, browser: Browser) -> FilmStrip:
        """Open the page on which the frames are put together."""
        return cls(await browser.new_page(viewport={"width": _SIZE[0], "height": _SIZE[1]}))

    async def add(self, picture: bytes, caption: Caption, seconds: float) -> None:
        """Append a picture with its caption."""
        source = base64.b64encode(picture).decode()
        image = f'<img class="page" src="data:image/png;base64,{source}">'
        await self._add(f"{image}<div>{caption.to_html()}</div>", seconds)

    async def add_end(self, caption: Caption, seconds: float) -> None:
        """Append the picture with which the film ends."""
        logo = base64.b64encode((ROOT / "docs" / "logo.svg").read_bytes()).decode()
        image = f'<img src="data:image/svg+xml;base64,{logo}">'
        await self._add(f'<div class="end">{image}{caption.to_html()}</div>', seconds)

    async def _add(self, content: str, seconds: float) -> None:
        await self.stage.set_content(_STAGE + content)
        shown = await self.stage.screenshot(animations="disabled")
        frame = Image.open(io.BytesIO(shown)).convert("RGB")
        if self.frames and self.frames[-1].tobytes() == frame.tobytes():
            self.milliseconds[-1] += round(seconds * 1000)
            return
        self.frames.append(frame)
        self.milliseconds.append(round(seconds * 1000))

    def choose_still(self) -> None:
        """Make the last frame the one for people who want no moving pictures."""
        self._still = len(self.frames) - 1

    def save(self, film: Path, still: Path) -> None:
        """Write the film and the chosen frame."""
        seconds = sum(self.milliseconds) / 1000
        first, *others = self.frames
        first.save(
            film, save_all=True, append_images=others, duration=self.milliseconds, loop=0,
            quality=_QUALITY, method=6,
        )  # fmt: skip
        chosen = self.frames[self._still]
        chosen.quantize(_COLOURS_OF_STILL, dither=Image.Dither.NONE).save(still, optimize=True)
        for path in (film, still):
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KiB")  # noqa: T201
        print(f"{seconds:.1f} s, {len(self.frames)} frames")  # noqa: T201
        if seconds > MOST_SECONDS or film.stat().st_size > MOST_BYTES:
            raise SystemExit("The film is too long or too large for a README")


def shown_for(times: list[float]) -> list[float]:
    """Return how long each picture was current, from the times of all pictures and the end."""
    return [following - begin for begin, following in pairwise(times)]


async def photograph(page: Page) -> bytes:
    """Take a picture of what a browser's window shows, quickly and enlarged."""
    session = await page.context.new_cdp_session(page)
    width, height = PICTURE
    scrolled = await page.evaluate("({ x: scrollX, y: scrollY })")
    clip = {**scrolled, "width": width, "height": height, "scale": SCALE}
    taken = await session.send("Page.captureScreenshot", {"format": "png", "clip": clip})
    await session.detach()
    return base64.b64decode(taken["data"])
