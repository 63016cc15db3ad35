"""Blanks: the printed sheets before anything is written on them, by number, each with one holder."""
