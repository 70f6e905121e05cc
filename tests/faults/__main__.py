"""Run all faults and write the table of `docs/reliability.md`.

python -m tests.faults
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from crack.settings import PROJECT

PAGE = PROJECT / "docs/reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
COLUMNS = ("case", "tried", "survived", "lost", "let_in", "sent_out")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "faults.json"
        command = [sys.executable, "-m", "pytest", "-q", "tests/faults"]
        environment = {**os.environ, "CRACK_FAULTS": str(counts)}
        done = subprocess.run(command, cwd=PROJECT, env=environment, check=False)
        rows = json.loads(counts.read_text())
    heads = [column.replace("_", " ") for column in COLUMNS]
    lines = [heads, ["---"] + ["---:"] * (len(COLUMNS) - 1)]
    lines += [[str(row[column]) for column in COLUMNS] for row in rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
