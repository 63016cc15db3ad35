"""A node: the server and the client of one member, and the verbs of its interface."""
