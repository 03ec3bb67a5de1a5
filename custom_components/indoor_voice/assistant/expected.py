"""The sentences that a home expects: what people say to Home Assistant about what is in it.

Home Assistant has templates of sentences for each language. Filled with the names of exposed
things, areas and floors, they tell a recogniser which words to expect.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from hassil.intents import RangeSlotList, TextSlotList
from hassil.sample import sample_expression, sample_sentence
from homeassistant.components import conversation
from homeassistant.components.conversation.agent_manager import async_get_agent
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.const import ATTR_FRIENDLY_NAME
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import intent
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from hassil import Intents
    from hassil.intents import SlotList
    from homeassistant.core import HomeAssistant

MOST: Final = 20
"""Sentences that a recogniser is told; its memory for them is short."""
MOST_CHARACTERS: Final = 700
_LONGEST: Final = 100
"""In characters, for one sentence."""
_SLOT: Final = re.compile(r"\{(\w+)\}")
_NAMED: Final = frozenset({"name", "area", "floor"})
"""Slots for what people can name."""


type _Sentence = tuple[str, frozenset[str]]
"""With its trigrams."""


class _Name(NamedTuple):
    """Something that people can name."""

    slot: str
    """One of `_NAMED`."""
    domain: str
    """Empty for places."""
    name: str


@dataclass(frozen=True, slots=True)
class _Template:
    """A sentence with a place for one name, or none."""

    before: str
    after: str
    slot: str | None
    """One of `_NAMED`; None for a sentence without a name."""
    domains: frozenset[str] | None
    """The domains of the things that it can be about; None for all."""


@dataclass(frozen=True, slots=True)
class _Sentences:
    """What people may say in a home, each with its trigrams."""

    names: list[_Name]
    """What they were made of."""
    sentences: list[_Sentence]

    def about(self, names: Collection[str] | None) -> list[_Sentence]:
        """Return the sentences with one of these names; all for None."""
        if names is None:
            return self.sentences
        return [one for one in self.sentences if any(name in one[0] for name in names)]


_TEMPLATES: Final = HassKey[dict[str, asyncio.Task[list[_Template]]]](
    "indoor_voice_sentence_templates"
)
_SENTENCES: Final = HassKey[dict[str, _Sentences]]("indoor_voice_sentences")


async def async_expected(
    hass: HomeAssistant, language: str, texts: Sequence[str], about: Collection[str] | None = None
) -> list[str]:
    """Return the sentences of this home that come nearest to one of the texts, nearest last.

    With `about`, only those with one of these names.
    """
    home = await _async_sentences(hass, language)
    return await hass.async_add_executor_job(_nearest, home.about(about), texts)


def names_of_things(hass: HomeAssistant) -> list[str]:
    """Return all names of the exposed things."""
    return [name for slot, _, name in _names(hass) if slot == "name"]


async def _async_sentences(hass: HomeAssistant, language: str) -> _Sentences:
    kept = hass.data.setdefault(_SENTENCES, {})
    found = kept.get(language)
    names = list(_names(hass))
    if found is None or found.names != names:
        templates = await _async_templates(hass, language)
        found = await hass.async_add_executor_job(_fill, templates, names)
        kept[language] = found
    return found


async def _async_templates(hass: HomeAssistant, language: str) -> list[_Template]:
    """Return a language's templates, which take a second or two to make the first time."""
    made = hass.data.setdefault(_TEMPLATES, {})
    if language not in made:
        # A task of its own, because whoever needs them first may not wait that long.
        made[language] = hass.async_create_background_task(
            _async_make_templates(hass, language), f"{DOMAIN} sentences in {language}"
        )
    return await asyncio.shield(made[language])


async def _async_make_templates(hass: HomeAssistant, language: str) -> list[_Template]:
    agent = async_get_agent(hass, conversation.HOME_ASSISTANT_AGENT)
    found = await agent.async_get_or_load_intents(language)  # type: ignore[union-attr]  # only this agent has it
    if found is None:
        return []
    return await hass.async_add_executor_job(lambda: list(_templates(found.intents, language)))


def _templates(intents: Intents, language: str) -> Iterator[_Template]:
    """Yield one sentence for each way to say something about a kind of thing."""
    seen = set()
    for name, one in intents.intents.items():
        for data in one.data:
            domains = _domains(data.requires_context)
            rules = {**intents.expansion_rules, **(data.expansion_rules or {})}
            lists = {**intents.slot_lists, **(data.slot_lists or {})}
            for sentence in data.sentences:
                samples = sample_sentence(
                    sentence,
                    lists,
                    rules,
                    language=language,
                    expand_lists=False,
                    expand_ranges=False,
                )
                sample = next(iter(samples), "")
                key = name, frozenset(_SLOT.findall(sample)), domains
                template = None if key in seen else _template(sample, domains, lists)
                if template is not None:
                    seen.add(key)
                    yield template


def _domains(context: dict[str, object] | None) -> frozenset[str] | None:
    domains = (context or {}).get("domain")
    if isinstance(domains, dict):
        domains = domains.get("value")
    if isinstance(domains, str):
        return frozenset({domains})
    return frozenset(map(str, domains)) if isinstance(domains, list) else None


def _template(
    sample: str, domains: frozenset[str] | None, lists: Mapping[str, SlotList]
) -> _Template | None:
    """Return a template for a sample, unless it has places for two names, or for any words.

    In its other places are examples: a number, a colour.
    """
    slots = _SLOT.findall(sample)
    named = [slot for slot in slots if slot in _NAMED]
    examples = {slot: _example(lists.get(slot)) for slot in slots if slot not in _NAMED}
    if not sample.strip() or len(named) > 1 or None in examples.values():
        return None
    slot = named[0] if named else None
    sentence = _SLOT.sub(lambda found: examples.get(found[1]) or found[0], sample)
    before, _, after = " ".join(sentence.split()).partition(f"{{{slot}}}")
    return _Template(before, after, slot, domains)


def _example(values: SlotList | None) -> str | None:
    match values:
        case RangeSlotList(start=start, stop=stop):
            return str((start + stop) // 2)
        case TextSlotList(values=[first, *_]):
            return next(iter(sample_expression(first.text_in)), None)
    return None


def _names(hass: HomeAssistant) -> Iterator[_Name]:
    """Yield everything that people can name."""
    registry = er.async_get(hass)
    for state in hass.states.async_all():
        if not async_should_expose(hass, conversation.DOMAIN, state.entity_id):
            continue
        registered = registry.async_get(state.entity_id)
        names = intent.async_get_entity_aliases(hass, registered, state=state)
        for name in names or [state.attributes.get(ATTR_FRIENDLY_NAME, "")]:
            yield _Name("name", state.domain, name)
    for slot, name in place_names(hass):
        yield _Name(slot, "", name)


def place_names(hass: HomeAssistant) -> Iterator[tuple[str, str]]:
    """Yield `area` or `floor` and a name, for each name of each area and floor."""
    for area in ar.async_get(hass).async_list_areas():
        for name in (area.name, *area.aliases):
            yield "area", name
    for floor in fr.async_get(hass).async_list_floors():
        for name in (floor.name, *floor.aliases):
            yield "floor", name


def _fill(templates: Iterable[_Template], names: list[_Name]) -> _Sentences:
    by_slot: dict[str | None, list[_Template]] = {}
    for template in templates:
        by_slot.setdefault(template.slot, []).append(template)
    texts = [template.before for template in by_slot.get(None, ())]
    texts += [
        f"{template.before}{name}{template.after}"
        for slot, domain, name in names
        for template in by_slot.get(slot, ())
        if not domain or template.domains is None or domain in template.domains
    ]
    return _Sentences(
        names,
        [(text, _trigrams(text)) for text in dict.fromkeys(texts) if 0 < len(text) <= _LONGEST],
    )


def _nearest(sentences: Iterable[_Sentence], texts: Sequence[str]) -> list[str]:
    heard = [_trigrams(text) for text in texts]
    near = sorted(
        sentences,
        key=lambda sentence: max(_likeness(sentence[1], one) for one in heard),
        reverse=True,
    )
    chosen: list[str] = []
    for text, _ in near[:MOST]:
        sentence = f"{text[:1].upper()}{text[1:]}."
        if sum(map(len, chosen)) + len(sentence) > MOST_CHARACTERS:
            break
        chosen.append(sentence)
    return chosen[::-1]


def _trigrams(text: str) -> frozenset[str]:
    letters = f" {' '.join(text.casefold().split())} "
    return frozenset(letters[at : at + 3] for at in range(len(letters) - 2))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Dice coefficient of two sets of trigrams, 0 to 1."""
    return 2 * len(one & other) / ((len(one) + len(other)) or 1)
