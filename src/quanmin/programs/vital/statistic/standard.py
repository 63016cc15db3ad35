"""The reference life expectancy of years of life lost: the standard of the WHO's Global Health Estimates.

The projected frontier life expectancy of 2050, for both sexes (WHO, Methods and data sources for global burden of disease
estimates, 2013, table 2.1; unchanged in 2017 and 2020).
"""

from __future__ import annotations

AGES = (0, 1, *range(5, 100, 5))
YEARS = (
    *(91.94, 91.00, 87.02, 82.03, 77.04, 72.06, 67.08, 62.11, 57.15, 52.20, 47.27),
    *(42.36, 37.49, 32.65, 27.86, 23.15, 18.62, 14.41, 10.70, 7.60, 5.13),
)
"""Years that are left at each exact age."""
NAME = "WHO GHE"
