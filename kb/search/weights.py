"""What the features are worth: written by ``make fit``, not by hand.

Fitted on the even articles of XQuAD-ru (CC BY-SA 4.0, google-deepmind/xquad) among the articles of support-kb-ru
(CC BY 4.0), calibrated with every other question over the demonstration documents. No text of theirs is in here.
"""

PASSAGE = (
    2.2017,  # bm25
    0.8169,  # bm25_share
    0.6867,  # covered
    3.3732,  # covered_softly
    3.2359,  # terms
    1.8592,  # forms
    2.7550,  # best_sentence
    2.4041,  # best_sentence_exactly
    2.5456,  # best_pair
    4.7770,  # best_density
    4.0738,  # best_pairs
    0.5217,  # proximity
    -0.6259,  # sentences
    -0.9776,  # missing_weight
    -0.6849,  # missing_names
    4.0000,  # heading
)
"""Of ``kb.search.features.PASSAGE_FEATURES``."""

SENTENCE = (
    0.0000,  # covered
    0.0000,  # covered_exactly
    1.6817,  # covered_most
    1.3370,  # covered_locally
    1.2715,  # carried
    1.4387,  # gained_before
    1.8177,  # gained_after
    2.1370,  # pairs
    0.0000,  # density
    1.4727,  # terms
    0.9577,  # first_term
    0.0000,  # forms
    -0.0835,  # length
    0.2873,  # evidence
    1.3076,  # time_evidence
    1.0477,  # number_evidence
    0.0000,  # place_evidence
    2.6961,  # new_names
    0.0000,  # question
)
"""Of ``kb.search.features.SENTENCE_FEATURES``."""

PASSAGE_SLOPE = 0.5955
"""With the bias: log-odds of the ranking to log-odds that a passage answers (Platt 1999)."""

PASSAGE_BIAS = -6.4581
CONFIDENCE = (
    2.8544,  # odds
    2.6316,  # margin
    5.5794,  # covered_softly
    0.8206,  # best_pair
    1.1826,  # best_sentence
    0.0000,  # missing_weight
    -1.1797,  # missing_names
    1.3683,  # known
    0.7001,  # pairs
    0.0130,  # one_term
)
"""Of ``kb.search.confidence.CONFIDENCE_FEATURES``."""

CONFIDENCE_BIAS = -6.9067
THRESHOLD = 0.4431
"""Confidence below which the base does not know: 4 % of answerable questions lie below it."""
