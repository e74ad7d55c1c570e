"""What the features are worth: written by ``make fit``, not by hand.

Fitted on the even articles of XQuAD-ru (CC BY-SA 4.0, google-deepmind/xquad) among the articles of support-kb-ru
(CC BY 4.0), calibrated with questions over the demonstration documents. No text of either is in here.
"""

PASSAGE = (
    2.2019,  # bm25
    0.8187,  # bm25_share
    0.6877,  # covered
    3.3700,  # covered_softly
    3.2375,  # terms
    1.8587,  # forms
    2.7522,  # best_sentence
    2.4003,  # best_sentence_exactly
    2.5432,  # best_pair
    4.7773,  # best_density
    4.0781,  # best_pairs
    0.5229,  # proximity
    -0.6268,  # sentences
    -0.9800,  # missing_weight
    -0.6851,  # missing_names
)
"""Of ``kb.search.features.PASSAGE_FEATURES``."""

SENTENCE = (
    0.0000,  # covered
    0.0000,  # covered_exactly
    1.6856,  # covered_most
    1.3463,  # covered_locally
    1.2820,  # carried
    1.4320,  # gained_before
    1.8161,  # gained_after
    2.1263,  # pairs
    0.0000,  # density
    1.4361,  # terms
    0.9685,  # first_term
    0.0214,  # forms
    -0.0831,  # length
    0.2530,  # evidence
    1.3314,  # time_evidence
    1.0540,  # number_evidence
    0.0000,  # place_evidence
    2.7045,  # new_names
    0.0000,  # question
)
"""Of ``kb.search.features.SENTENCE_FEATURES``."""

PASSAGE_SLOPE = 0.6211
"""With the bias: log-odds of the ranking to log-odds that a passage answers (Platt 1999)."""

PASSAGE_BIAS = -6.6959
CONFIDENCE = (
    2.5544,  # odds
    2.4930,  # margin
    5.2293,  # covered_softly
    0.4514,  # best_pair
    1.1920,  # best_sentence
    -0.4275,  # missing_weight
    -1.1385,  # missing_names
    1.0694,  # known
    1.6482,  # pairs
    0.0258,  # one_term
)
"""Of ``kb.search.confidence.CONFIDENCE_FEATURES``."""

CONFIDENCE_BIAS = -5.8769
THRESHOLD = 0.3461
"""Confidence below which the base does not know: 4 % of answerable questions lie below it."""
