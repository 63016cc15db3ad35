"""Documents: the printed certificate, the electronic one, and reports in PDF, the same bytes for the same content."""
