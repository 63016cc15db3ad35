"""Members: who takes part, by which keys they are known, and the own keys of an installation."""
