"""The network: build, freeze, cache what is frozen, export. Needs TensorFlow.

Which networks there are is the table in `crack.runs.backbones`; how they are trained is
in `crack.training`.
"""

import os

from crack import settings

# On import Keras makes a folder, by default in the user's home. Every process imports
# this package before Keras.
os.environ["KERAS_HOME"] = str(settings.keras_home())
