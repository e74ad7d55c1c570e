"""Where the answer probably stands: the chance of a passage times the chance of a sentence in it."""

from __future__ import annotations

from kb.search.engine import Hits
from kb.search.ranking import sentence_texts


def chances(hits: Hits, *, passages: int) -> dict[tuple[int, int], float]:
    """Return, by rank of the passage and index of the sentence, the probability that the answer stands there.

    The first ``passages`` of the hits are looked at. A sentence that stands in two of them counts once, at the better.
    """
    odds = [probability / max(1 - probability, 1e-9) for probability in hits.probabilities[:passages]]
    total = sum(odds) or 1.0
    found: dict[tuple[int, int], float] = {}
    seen: set[str] = set()
    for rank, one in enumerate(hits.ranked[:passages]):
        parts = zip(one.sentence_probabilities, sentence_texts(one.passage), strict=True)
        for at, (probability, text) in enumerate(parts):
            if text not in seen:  # neighbouring passages share a sentence, copies of an article all of them
                found[rank, at] = odds[rank] / total * probability
            seen.add(text)
    return found
