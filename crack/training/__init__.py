"""The two phases of transfer learning, in a process of their own. Needs TensorFlow."""

import crack.model  # noqa: F401 - tells Keras its folder before anyone imports it
