from appliance.privacy.answers.restorer import Restorer
from appliance.privacy.answers.utterance import Utterance
from appliance.privacy.placeholder import Placeholders, Reach
from tests.unit.appliance.privacy.finding import KEY

PLACEHOLDERS = Placeholders(KEY)
PERSON = PLACEHOLDERS.issue("PERSON", "Jane Doe", Reach.ANYWHERE)


class Lines:
    """Tells whole lines, in capitals, until one says `stop`."""

    def __init__(self) -> None:
        self._held = ""
        self.stopped = False

    def feed(self, text: str) -> str:
        whole, end, self._held = (self._held + text).rpartition("\n")
        told, stop, _ = (whole + end).partition("stop")
        self.stopped = self.stopped or bool(stop)
        return told.upper()

    def end(self) -> str:
        held, self._held = self._held, ""
        return "" if self.stopped else held.upper()


class Exclaims:
    """Counts on reading what the editor before it told."""

    stopped = False

    def feed(self, text: str) -> str:
        return text.replace("HELLO", "HELLO!")

    def end(self) -> str:
        return ""


def utterance(*editors: Lines | Exclaims, comes_whole: bool = False) -> Utterance:
    return Utterance(Restorer(PLACEHOLDERS), editors, comes_whole=comes_whole)


def test_editors_read_placeholders_and_the_caller_values():
    assert utterance(Lines()).whole(f"Dear {PERSON.placeholder.lower()},\nbye") == "DEAR Jane Doe,\nBYE"


def test_editors_follow_each_other_also_with_what_the_first_held():
    both = utterance(Lines(), Exclaims())
    assert both.feed("hello\nhel") == "HELLO!\n"
    assert both.feed("lo") == ""
    assert both.end() == "HELLO!"
    assert both.end() == ""


def test_who_stops_is_asked_nothing_more():
    one = utterance(Exclaims(), Lines())
    assert one.feed("hello\n") == "HELLO\n"
    assert not one.stopped
    assert one.feed("now stop it\nhello") == "NOW "
    assert one.stopped
    assert one.end() == ""


def test_of_what_comes_whole_nothing_is_held():
    assert utterance(Lines(), comes_whole=True).feed("hel") == "HEL"


def test_without_editors_values_are_put_back():
    plain = utterance()
    assert plain.feed(f"Hi {PERSON.placeholder[:9]}") == "Hi "
    assert plain.feed(PERSON.placeholder[9:]) == "Jane Doe"
    assert not plain.stopped
