"""From files on disk to an indexed, deduplicated and split dataset."""
