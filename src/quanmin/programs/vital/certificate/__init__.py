"""Certificates of birth: written on a blank, approved, sealed, and what may become of them afterwards."""
