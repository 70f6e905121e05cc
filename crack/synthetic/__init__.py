"""Made-up photos of concrete, drawn from random numbers: surface, marks, cracks, light.

Every function takes a random generator and draws the same for the same generator.
`sample` makes a dataset of such photos.
"""
