"""Scripts that make what ships in models/: run by hand, not by the program."""
