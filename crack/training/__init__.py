"""The two phases of transfer learning, in a process of their own. Needs TensorFlow."""
