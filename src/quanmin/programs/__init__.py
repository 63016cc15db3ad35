"""Programmes: what a standard cannot declare, one folder each. They never import one another; they meet in the lake."""

__all__: list[str] = []
