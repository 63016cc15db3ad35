"""An installation in Python, for notebooks and scripts: the same stages as the command line, frames in and out.

`quanmin.connect(home)` makes one. Each method is one call of the stage that the command of the same name calls, as the local
administrator; what a person's record shows is decided by the purpose, and every read and verification is in the audit.
Answers are lists and dictionaries that know their tables; pictures show themselves in a notebook.
"""

from quanmin.installation.answer import Explained, Listed, Told
from quanmin.installation.installation import Installation
from quanmin.installation.pictures import Pictures
from quanmin.installation.population import Population
from quanmin.installation.review import Review

__all__ = ["Explained", "Installation", "Listed", "Pictures", "Population", "Review", "Told"]
