"""Quanmin (全民): a national or regional health data platform in one package."""

__version__ = "0.1.0"
