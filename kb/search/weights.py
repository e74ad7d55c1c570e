"""What the features are worth: written by ``make fit``, not by hand.

Fitted on the even articles of XQuAD-ru (CC BY-SA 4.0, google-deepmind/xquad) among the articles of support-kb-ru
(CC BY 4.0), calibrated with every other question over the demonstration documents. No text of theirs is in here.
"""

PASSAGE = (
    2.2048,  # bm25
    0.8178,  # bm25_share
    0.6869,  # covered
    3.3699,  # covered_softly
    3.2368,  # terms
    1.8587,  # forms
    2.7528,  # best_sentence
    2.4015,  # best_sentence_exactly
    2.5440,  # best_pair
    4.7742,  # best_density
    4.0773,  # best_pairs
    0.5228,  # proximity
    -0.6258,  # sentences
    -0.9797,  # missing_weight
    -0.6852,  # missing_names
)
"""Of ``kb.search.features.PASSAGE_FEATURES``."""

SENTENCE = (
    0.0000,  # covered
    0.0000,  # covered_exactly
    1.6814,  # covered_most
    1.3366,  # covered_locally
    1.2702,  # carried
    1.4406,  # gained_before
    1.8207,  # gained_after
    2.1357,  # pairs
    0.0000,  # density
    1.4749,  # terms
    0.9578,  # first_term
    0.0048,  # forms
    -0.0836,  # length
    0.2874,  # evidence
    1.3075,  # time_evidence
    1.0473,  # number_evidence
    0.0000,  # place_evidence
    2.6969,  # new_names
    0.0000,  # question
)
"""Of ``kb.search.features.SENTENCE_FEATURES``."""

PASSAGE_SLOPE = 0.5942
"""With the bias: log-odds of the ranking to log-odds that a passage answers (Platt 1999)."""

PASSAGE_BIAS = -6.3436
CONFIDENCE = (
    2.8400,  # odds
    2.4201,  # margin
    6.2529,  # covered_softly
    0.4310,  # best_pair
    1.0302,  # best_sentence
    0.0000,  # missing_weight
    -1.2779,  # missing_names
    1.2158,  # known
    0.5470,  # pairs
    0.0140,  # one_term
)
"""Of ``kb.search.confidence.CONFIDENCE_FEATURES``."""

CONFIDENCE_BIAS = -6.7173
THRESHOLD = 0.3779
"""Confidence below which the base does not know: 4 % of answerable questions lie below it."""
