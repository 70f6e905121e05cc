"""From photos to answers, without TensorFlow."""
