"""One text of an answer on its way to the caller: what editors leave of it, with the values put back."""

from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.privacy.answers.restorer import Restorer


class Editor(Protocol):
    """Reads a text as it comes and decides what may be told. It sees placeholders, as the engine wrote them."""

    @property
    def stopped(self) -> bool:
        """The answer ends here: what it fed is the last that may be told."""

    def feed(self, text: str) -> str:
        """What may be told so far; the rest is held. It depends on the text, never on the pieces it comes in."""

    def end(self) -> str:
        """What is still held, now that the text is whole."""


NewEditor = Callable[[bool], Editor]
"""Makes the editor of one text; told whether it is JSON."""


class Utterance:
    def __init__(self, restorer: Restorer, editors: Sequence[Editor] = (), *, comes_whole: bool = False) -> None:
        """`comes_whole`: nothing may be held of it."""
        self._restorer = restorer
        self._editors = editors
        self._comes_whole = comes_whole

    @property
    def stopped(self) -> bool:
        return any(editor.stopped for editor in self._editors)

    def feed(self, text: str) -> str:
        for editor in self._editors:
            text = editor.feed(text)
            if self._comes_whole:
                text += editor.end()
        return self._restorer.feed(text)

    def end(self) -> str:
        text = ""
        for editor in self._editors:
            text = editor.feed(text) + editor.end()
        return self._restorer.feed(text) + self._restorer.end()

    def whole(self, text: str) -> str:
        return self.feed(text) + self.end()
