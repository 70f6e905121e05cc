"""From photos to answers, without TensorFlow.

The way of a photo: `sources` or an upload, `predictor`, `pyramid` (its sizes), `tiling`
and `engine` (through the network), `photo_rule` and `thresholds` (one answer), and
`heatmap`. `image_quality` and `ood` give reasons to look, `card` describes the model.
Training is in `crack.training`, and how answers are worded in `crack.reporting`.
"""
