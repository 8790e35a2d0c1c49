"""What the benchmark of the pages clicks on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Element_pb2 import Element

Values = dict[str, tuple[str, Any]]  # of widgets, by their key


@dataclass(frozen=True)
class Action:
    """One kind of click.

    Attributes:
        name: for the table.
        states: of widgets, in turns; none where the page does not offer it.
        back: the way back after each of them; without one the next follows at once.
    """

    name: str
    states: list[Values]
    back: Values = field(default_factory=dict)


@dataclass
class Widgets:
    """What a page offers.

    Attributes:
        ids: by key.
        options: by key, as they are shown.
        tabs: labels of tabs.
    """

    ids: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    tabs: list[str] = field(default_factory=list)

    def element(self, element: Element) -> None:
        """Take note of an element."""
        match element.WhichOneof("type"):
            case "selectbox":
                self._add(element.selectbox.id, [*element.selectbox.options])
            case "multiselect":
                self._add(element.multiselect.id, [*element.multiselect.options])
            case "button_group":
                group = element.button_group
                self._add(group.id, [option.content for option in group.options])

    def block(self, block: Block) -> None:
        """Take note of a container."""
        match block.WhichOneof("type"):
            case "tab_container":
                self._add(block.tab_container.id, [])
            case "tab" if block.tab.label not in self.tabs:
                self.tabs.append(block.tab.label)

    def _add(self, widget: str, options: list[str]) -> None:
        key = widget.split("-", 2)[-1]  # $$ID-hash-key
        self.ids[key], self.options[key] = widget, options


def on_models(offered: Widgets) -> Iterator[Action]:
    """Clicks on the page of models."""
    acted, heard = offered.options["acted"], offered.options["heard"]
    cells = zip(acted, heard[1:] + heard[:1], strict=True)
    yield Action(
        "open a cell",
        [{"acted": ("string_value", a), "heard": ("string_value", h)} for a, h in cells],
    )
    for name, key in (
        ("filter by sex", "sex"),
        ("filter by intensity", "intensity"),
        ("other protocol", "protocol"),
    ):
        yield Action(name, _lists(offered, key))
    for name, key in (("other classes", "classes"), ("other model A", "a"), ("other model B", "b")):
        yield Action(name, _texts(offered, key))
    yield from _tabs(offered, "section", "open {}")


def on_dataset(offered: Widgets) -> Iterator[Action]:
    """Clicks on the page of the dataset."""
    for name, key in (
        ("emotion", "emotion"),
        ("sex", "voice"),
        ("intensity", "strength"),
        ("statement", "sentence"),
        ("speaker", "speakers"),
    ):
        yield Action(f"Dataset, filter by {name}", _lists(offered, key))
    yield Action("Dataset, split the counts", _lists(offered, "split"))
    yield Action("Dataset, colour the map", _lists(offered, "map"))
    yield Action("Dataset, other map", _lists(offered, "space"))
    yield Action("Dataset, other clip", _texts(offered, "clip"))
    yield Action("Dataset, other corpus", _texts(offered, "corpus"))
    yield from _tabs(offered, "part", "Dataset, open {}")


def _lists(offered: Widgets, key: str) -> list[Values]:
    return [{key: ("string_array_value", [option])} for option in _others(offered, key)]


def _texts(offered: Widgets, key: str) -> list[Values]:
    return [{key: ("string_value", option)} for option in _others(offered, key)]


def _tabs(offered: Widgets, key: str, name: str) -> Iterator[Action]:
    first, *others = offered.tabs
    for tab in others:
        opened, back = {key: ("string_value", tab)}, {key: ("string_value", first)}
        yield Action(name.format(tab), [opened], back)


def _others(offered: Widgets, key: str) -> list[str]:
    """The options of a widget, the one that stands first last; none if it is not there."""
    options = offered.options.get(key, [])
    return options[1:] + options[:1]
