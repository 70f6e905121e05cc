"""How good the answers are, in numbers.

`holdout` chooses the images, `evaluate` asks the model about them, `metrics`,
`intervals` and `answer_counts` turn the answers into numbers, and `calibration` fits
probabilities. What these numbers are called on pages is in `crack.reporting`, and the
form in which a card keeps them in `crack.inference.results`.
"""
