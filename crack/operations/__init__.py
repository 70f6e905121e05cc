"""What keeps a server going: checks, metrics, backups, and cleaning up at its start.

Nothing here is needed to train or to answer; it looks at what the other sections keep.
"""
