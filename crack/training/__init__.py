"""The two phases of transfer learning, in a process of their own. Needs TensorFlow.

`worker` is that process: it waits for its turn, has `trainer` go through the phases,
and writes down how it ended. The dashboard never imports from here; it sees the files
of the run, which `crack.runs` reads. The network itself is in `crack.model`.
"""

import crack.model  # noqa: F401 - tells Keras its folder before it is imported
