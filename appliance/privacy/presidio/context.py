"""Words near a find that make it surer, as Presidio counts them, in linear time."""

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from presidio_analyzer import EntityRecognizer, LemmaContextAwareEnhancer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

IDENTIFIER = RecognizerResult.RECOGNIZER_IDENTIFIER_KEY
ENHANCED = RecognizerResult.IS_SCORE_ENHANCED_BY_CONTEXT_KEY


class Context(LemmaContextAwareEnhancer):
    """Presidio copies all results deeply, walks the tokens from the start for each and looks each word up in a list."""

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        known = {each.id: each.context for each in recognizers if each.context}
        given = [word.lower() for word in context or ()]
        nearby = Nearby(nlp_artifacts)
        results = []
        for result in raw_results:
            words = known.get(result.recognition_metadata[IDENTIFIER])
            if words and not result.recognition_metadata.get(ENHANCED):
                around = nearby.words(result.start, self.context_prefix_count, self.context_suffix_count)
                found = self._find_supportive_word_in_context(around + given, words, self.context_matching_mode)
                results.append(self._lifted(result, found) if found else result)
            else:
                results.append(result)
        return results

    def _lifted(self, result: RecognizerResult, word: str) -> RecognizerResult:
        lifted = copy.copy(result)
        score = max(result.score + self.context_similarity_factor, self.min_score_with_context_similarity)
        lifted.score = min(score, self.MAX_SCORE)
        if result.analysis_explanation:
            lifted.analysis_explanation = copy.copy(result.analysis_explanation)
            lifted.analysis_explanation.set_supportive_context_word(word)
            lifted.analysis_explanation.set_improved_score(lifted.score)
        return lifted


class Nearby:
    """The keywords of a text by their place: which tokens are keywords is found out once."""

    def __init__(self, artifacts: NlpArtifacts) -> None:
        keywords = frozenset(artifacts.keywords)
        self._tokens = artifacts.tokens
        self._starts: Sequence[int] = artifacts.tokens_indices
        lemmas = [lemma.lower() for lemma in artifacts.lemmas]
        self._places = [place for place, lemma in enumerate(lemmas) if lemma in keywords]
        self._words = [lemmas[place] for place in self._places]

    def words(self, start: int, before: int, after: int) -> list[str]:
        """`before` and `after` words around what begins at this character; its own token counts in both."""
        if not self._starts:
            return []
        token = self._token_at(start)
        upto = bisect_right(self._places, token)
        since = bisect_left(self._places, token)
        return self._words[max(0, upto - before - 1) : upto] + self._words[since : since + after + 1]

    def _token_at(self, start: int) -> int:
        """The first token that ends behind this character."""
        token = max(0, bisect_right(self._starts, start) - 1)
        ends = self._starts[token] + len(self._tokens[token])
        return token if start < ends else min(token + 1, len(self._starts) - 1)
