"""The strength meter rates passphrases by how an attacker would guess them."""

import asyncio
from typing import TYPE_CHECKING, Final

import pytest
from playwright.async_api import Browser, expect

from .people import PHONE
from .screens import check_screen

if TYPE_CHECKING:
    from playwright.async_api import Page

    from .home import Home

KNOWN: Final = ("Ben Okafor", "Cleo", "Kitchen", "Haus am See")
_JUDGE: Final = """async ([passphrases, known]) => {
    const base = location.href.replace(/[^/]*$/, "");
    const { Meter, strengthOf } = await import(`${base}strength.js`);
    let told, failed;
    const meter = new Meter(known, (bits) => told(bits), () => failed(new Error("not loaded")));
    const found = [];
    for (const passphrase of passphrases) {
        const judged = new Promise((resolve, reject) => ([told, failed] = [resolve, reject]));
        meter.judge(passphrase);
        const bits = await judged;
        found.push(strengthOf(bits));
    }
    meter.close();
    return found;
}"""
_SUGGEST: Final = """async () => {
    const { suggestion } = await import(location.href.replace(/[^/]*$/, "sealing.js"));
    return Promise.all(Array.from({ length: 40 }, suggestion));
}"""
WEAK: Final = (
    "a", "12345678", "password", "password123", "P@ssw0rd!2024", "letmein", "Passw0rd Passw0rd",
    # Examples from documents, and quotations that everyone knows.
    "correcthorsebatterystaple", "correct horse battery staple", "Correct-Horse-Battery-Staple",
    "to be or not to be", "i am your father", "one two three four five six",
    "monday tuesday wednesday thursday", "red orange yellow green blue",
    # Names, also of this home.
    "Ben", "ben okafor", "BenOkafor1985", "rofako neb", "Cleo Cleo Cleo Cleo", "C1e0 & Ben 2019",
    "kitchen cleo ben okafor", "haus am see", "hausamsee!", "indoor voice home assistant",
    "grace hopper", "Ada Lovelace 1815", "mary smith john jones",
    # Long words that everyone knows, and short ones that are spread out.
    "supercalifragilisticexpialidocious", "Antidisestablishmentarianism!",
    "pneumonoultramicroscopicsilicovolcanoconiosis", "Lorem ipsum dolor sit amet",
    "a b c d e f g h i j k l", "p.a.s.s.w.o.r.d.1.2.3",
    # Patterns on the keyboard.
    "qwertyuiop[]", "1qaz2wsx3edc4rfv", "zxcvbnm,./", "qwerty asdfgh zxcvbn", "azertyuiop",
    "asdfghjkl;",
    # Repetitions and sequences.
    "aaaaaaaaaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabc", "apple apple apple apple apple",
    "Apple apple APPLE aPPLE", "abcdefghijklmnopqrstuvwxyz", "1234567890987654321",
    # Dates.
    "24121985", "24.12.1985", "1985-12-24", "24 December 1985", "24/12/1985 01/02/1990",
    # Other languages and scripts.
    "motdepasse", "contraseña", "Schmetterling", "schmetterling Schmetterling SCHMETTERLING",
    "ich liebe dich", "пароль", "пароль пароль", "密码密码密码", "Donaudampfschifffahrt",
    "ábcdèfgh", "otters yodel", "seven copper otters",
)  # fmt: skip
GOOD: Final = (
    "seven copper otters yodel",
    "clover unranked basil tipoff",
    "Clover-Unranked-Basil-Tipoff",
)
STRONG: Final = (
    "unranked basil tipoff clover gauging", "unranked basil tipoff clover gauging smuggler",
    "UnrankedBasil tipoff2 clover gauging smuggler", "x7$Kq9!mZ2pL#vR5t",
    "AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4", "K7QX-M2WT-PL4D-ZNVB-6YHC-RJ3S-FA",
    "Knirps Vorhang Eidechse Mörtel zupfen Quarz",
)  # fmt: skip
LONG: Final = (
    "a" * 5_000, "4@1!3$0" * 300, "password " * 300, "🙂" * 2_000, "\u017f\u2215" * 1_000,
    "(|/\\)" * 400, "13579" * 400, "p@$$w0rd1" * 300,
)  # fmt: skip


@pytest.mark.parametrize(
    ("strength", "passphrases"), [("weak", WEAK), ("good", GOOD), ("strong", STRONG)]
)
async def test_the_meter_rates_by_guessing(
    modules: Page, strength: str, passphrases: tuple[str, ...]
) -> None:
    strengths = await modules.evaluate(_JUDGE, [passphrases, KNOWN])
    judged = dict(zip(passphrases, strengths, strict=True))
    assert judged == dict.fromkeys(passphrases, strength)


async def test_suggested_passphrases_are_strong(modules: Page) -> None:
    suggested = await modules.evaluate(_SUGGEST)
    assert len(set(suggested)) == len(suggested)
    assert set(await modules.evaluate(_JUDGE, [suggested, KNOWN])) == {"strong"}


async def test_long_passphrases_are_rated_in_bounded_time(modules: Page) -> None:
    async with asyncio.timeout(60):
        assert len(await modules.evaluate(_JUDGE, [LONG, KNOWN])) == len(LONG)


@pytest.mark.parametrize("dark", [False, True])
async def test_a_weak_passphrase_makes_no_key_and_word_lists_load_on_typing(
    home: Home, browser: Browser, *, dark: bool
) -> None:
    if await home.cleo.ask("key/get") is not None:
        await home.cleo.ask("key/remove")
    async with home.cleo.panel(browser, "consent", size=PHONE, dark=dark) as panel:
        page = panel.page
        await panel.press("Make my listening key")
        await panel.press("Choose my own passphrase")
        create = page.get_by_role("button", name="Make my listening key")
        await panel.sees("Five words or more are best.")
        assert not any("zxcvbn" in url for url in panel.requests)
        for passphrase in ("12345678", "Cleo Cleo Cleo Cleo", "password123"):
            await page.get_by_role("textbox", name="Passphrase").fill(passphrase)
            await panel.sees("Too easy to guess.")
            await expect(create).to_be_disabled()
        await check_screen(panel, f"strength-weak-{'dark' if dark else 'light'}")
        await page.get_by_role("textbox", name="Passphrase").fill(GOOD[0])
        await panel.sees("Good.")
        await expect(create).to_be_enabled()
        await page.get_by_role("textbox", name="Passphrase").fill("otters")
        await panel.sees("Too easy to guess.")
        await expect(create).to_be_disabled()
        await page.get_by_role("textbox", name="Passphrase").fill(STRONG[0])
        await panel.sees("Strong.")
        await expect(create).to_be_enabled()
        await check_screen(panel, f"strength-strong-{'dark' if dark else 'light'}")
