"""From files on disk to an indexed, deduplicated and split dataset.

`images` decodes every picture of the program. A dataset is found (`layout`, `folders`,
`archive`), indexed (`importer`, `measure`, `near_copies`, `source_photos`), read again
(`dataset`) and split (`split`). The drawn sample is in `crack.synthetic`, and photos to
ask a model about are in `crack.inference.sources`.
"""
