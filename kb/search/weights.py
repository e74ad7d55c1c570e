"""What the features are worth: written by ``make fit``, not by hand.

Fitted on the even articles of XQuAD-ru (CC BY-SA 4.0, google-deepmind/xquad) among the articles of support-kb-ru
(CC BY 4.0), calibrated with every other question over the demonstration documents. No text of theirs is in here.
"""

PASSAGE = (
    2.4848,  # bm25
    1.3545,  # bm25_share
    0.6767,  # covered
    3.2811,  # covered_softly
    2.9661,  # terms
    1.7921,  # forms
    2.6907,  # best_sentence
    2.3202,  # best_sentence_exactly
    2.4365,  # best_pair
    4.6929,  # best_density
    3.9551,  # best_pairs
    0.6598,  # proximity
    -0.6730,  # sentences
    -0.6925,  # missing_weight
    -0.7542,  # missing_names
    4.0000,  # heading
)
"""Of ``kb.search.features.PASSAGE_FEATURES``."""

SENTENCE = (
    0.0000,  # covered
    0.0000,  # covered_exactly
    1.7621,  # covered_most
    1.2269,  # covered_locally
    1.2162,  # carried
    1.4821,  # gained_before
    1.8194,  # gained_after
    2.2021,  # pairs
    0.0000,  # density
    1.4498,  # terms
    0.9873,  # first_term
    0.0000,  # forms
    -0.0962,  # length
    0.2945,  # evidence
    1.3039,  # time_evidence
    1.0523,  # number_evidence
    0.0000,  # place_evidence
    2.6662,  # new_names
    0.0000,  # question
)
"""Of ``kb.search.features.SENTENCE_FEATURES``."""

PASSAGE_SLOPE = 0.5998
"""With the bias: log-odds of the ranking to log-odds that a passage answers (Platt 1999)."""

PASSAGE_BIAS = -6.5808
CONFIDENCE = (
    2.9814,  # odds
    2.3665,  # margin
    5.6999,  # covered_softly
    0.5575,  # best_pair
    0.8706,  # best_sentence
    0.0000,  # missing_weight
    -0.9875,  # missing_names
    1.7956,  # known
    1.0392,  # pairs
    0.0181,  # one_term
)
"""Of ``kb.search.confidence.CONFIDENCE_FEATURES``."""

CONFIDENCE_BIAS = -7.1253
THRESHOLD = 0.3576
"""Confidence below which the base does not know: 3.5 % of answerable questions lie below it."""
