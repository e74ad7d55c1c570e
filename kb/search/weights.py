"""What the features are worth: written by ``make fit``, not by hand.

Fitted on the even articles of XQuAD-ru (CC BY-SA 4.0, google-deepmind/xquad) among the articles of support-kb-ru
(CC BY 4.0), calibrated with every other question over the demonstration documents. No text of theirs is in here.
"""

PASSAGE = (
    2.2778,  # bm25
    1.3924,  # bm25_share
    0.6862,  # covered
    3.2944,  # covered_softly
    2.9586,  # terms
    1.8118,  # forms
    2.6759,  # best_sentence
    2.3141,  # best_sentence_exactly
    2.4282,  # best_pair
    4.6117,  # best_density
    4.0050,  # best_pairs
    0.6714,  # proximity
    -0.6705,  # sentences
    -0.7491,  # missing_weight
    -0.7342,  # missing_names
    4.0000,  # heading
)
"""Of ``kb.search.features.PASSAGE_FEATURES``."""

SENTENCE = (
    0.0000,  # covered
    0.0000,  # covered_exactly
    1.6697,  # covered_most
    1.3060,  # covered_locally
    1.2697,  # carried
    1.4418,  # gained_before
    1.8079,  # gained_after
    2.1776,  # pairs
    0.0000,  # density
    1.4622,  # terms
    0.9823,  # first_term
    0.0000,  # forms
    -0.0932,  # length
    0.2997,  # evidence
    1.3004,  # time_evidence
    1.0442,  # number_evidence
    0.0000,  # place_evidence
    2.6759,  # new_names
    0.0000,  # question
)
"""Of ``kb.search.features.SENTENCE_FEATURES``."""

PASSAGE_SLOPE = 0.6068
"""With the bias: log-odds of the ranking to log-odds that a passage answers (Platt 1999)."""

PASSAGE_BIAS = -6.5811
CONFIDENCE = (
    2.8802,  # odds
    2.3068,  # margin
    6.2296,  # covered_softly
    0.7907,  # best_pair
    0.9623,  # best_sentence
    0.0000,  # missing_weight
    -0.8435,  # missing_names
    1.9494,  # known
    1.0500,  # pairs
    0.0131,  # one_term
)
"""Of ``kb.search.confidence.CONFIDENCE_FEATURES``."""

CONFIDENCE_BIAS = -7.5429
THRESHOLD = 0.5055
"""Confidence below which the base does not know: 4 % of answerable questions lie below it."""
