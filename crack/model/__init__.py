"""The network: build, freeze, cache what is frozen, export. Needs TensorFlow."""
