"""Answers in the form in which they leave the program."""
