"""Trainings as files: what was asked, how it stands, and the models that come of it.

`config` and `backbones` say what can be trained. `run` is the folder of one training,
`records` what a worker writes into it. `snapshot` and `listing` look at many of them,
`jobs` starts and stops the process behind one, `estimate` tells the time left, and
`registry` keeps the models. The training itself is in `crack.training`; nothing here
needs TensorFlow, so the dashboard can import it.
"""
