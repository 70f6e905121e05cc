"""The network: build, freeze, cache what is frozen, export. Needs TensorFlow."""

import os

from crack import settings

# When it is imported Keras makes a folder, in the user's home unless told where. Every
# process that imports it comes past here before.
os.environ["KERAS_HOME"] = str(settings.keras_home())
