"""A Ray cluster of two nodes on this computer, one core each.

It prints `at ADDRESS`; on each line of its input it loses its second node (`lose`) or
gets one again (`gain`). A process of its own: Ray reads its environment only once.
"""

from __future__ import annotations

import sys

from ray.cluster_utils import Cluster

_NODE = {
    "num_cpus": 1,
    "object_store_memory": 100_000_000,
    "node_ip_address": "127.0.0.1",
}


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    only_head = {
        "include_dashboard": False,
        "ray_client_server_port": int(sys.argv[1]),  # for `ray://`
    }
    cluster = Cluster(initialize_head=True, head_node_args={**_NODE, **only_head})
    second = cluster.add_node(**_NODE)
    tell(f"at {cluster.address}")
    for line in sys.stdin:
        if line.strip() == "lose":
            cluster.remove_node(second, allow_graceful=False)
        else:
            second = cluster.add_node(**_NODE)
        tell(f"done {line.strip()}")
    cluster.shutdown()


if __name__ == "__main__":
    main()
