"""A model adapted to photos of the user: a new head on the features it has.

`adapt` goes through the steps: `photos` turns photos into examples, `refit` fits a head
to them that stays close to the one there is, `replay` keeps what the model learned
before in view, `folder` writes the new model. Only the last needs TensorFlow, and
imports it when it is called.
"""
