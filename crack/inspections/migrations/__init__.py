"""The history of the tables, step by step, run by Alembic.

To change the tables, change `crack.inspections.schema`, then let Alembic write the step
from the tables as they were to the tables as they are:

    python -m crack.inspections.migrations "add the weather"

Read what it wrote under `versions` and complete it: it sees columns and types, not that
a column was renamed or that old rows need a value. A released step is never changed; a
mistake in it is corrected by the next step. There are no steps back: an older program
refuses the tables of a newer one, and the way back is to restore a backup.
"""
