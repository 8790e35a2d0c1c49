"""Eight recordings for who wants to try the app without a microphone.

Chosen by people's ears alone: at least 95 % of the listeners of EMO-DB heard the acted emotion and
most found it natural. What a model makes of them played no part.
"""

from dataclasses import dataclass

from ser_core.corpora.base import Record
from ser_core.corpora.registry import get

CORPUS = "emodb"
_ENGLISH = {
    "a04": "I could tell him tonight",
    "a05": "The black sheet of paper is up there, beside the piece of wood",
    "b01": "What are those bags standing under the table?",
    "b02": "They have just carried it upstairs, and now they are coming down again",
}
# numbers of the speakers with their ages, of the corpus' own page
_AGES = {"03": 31, "12": 30, "13": 32, "14": 35, "15": 25}
_PEOPLE = {"female": "woman", "male": "man"}


@dataclass(frozen=True, slots=True)
class Example:
    """A short recording.

    Attributes:
        clip: its name in the corpus, and in the address of its result.
    """

    clip: str

    @property
    def record(self) -> Record:
        """Its labels."""
        return get(CORPUS).parse(self.clip)

    @property
    def who(self) -> str:
        """Such as "woman, 35"."""
        number = self.record.speaker.rpartition("/")[2]
        return f"{_PEOPLE[self.record.sex]}, {_AGES[number]}"

    @property
    def speaker(self) -> str:
        """Such as "a woman of 35"."""
        return f"a {self.who.replace(', ', ' of ')}"

    @property
    def english(self) -> str:
        """What is said, in English."""
        return _ENGLISH[self.record.statement]


ONE_VOICE = tuple(map(Example, ("14b02Na", "14b02Fb", "14b02Tc", "14b02Wd")))
OTHERS = tuple(map(Example, ("03a04Fd", "12b02Wd", "13b01Ab", "15a05Eb")))
EXAMPLES = (*ONE_VOICE, *OTHERS)


def example(clip: str) -> Example | None:
    """The example of this name, if there is one."""
    return next((each for each in EXAMPLES if each.clip == clip), None)
