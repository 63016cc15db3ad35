"""Every number that linkage rests on, in one place, each with its reason."""

from __future__ import annotations

ATTACH_WEIGHT = 10.0
"""Attach from this match weight on (log2 of the odds): about 1,000 to 1 that it is this person, so that at most one link in a
thousand is wrong even where every link is as weak as this. Most links are stronger by ten and more."""

ATTACH_MARGIN = 7.0
"""Attach only if the second best person is at least this much weaker (128 to 1): twins and namesakes of one day go to a clerk."""

REVIEW_WEIGHT = 4.0
"""A clerk looks at what is likelier than 16 to 1 and was not attached; below it, two of three would be looked at in vain."""

MOST_CANDIDATES = 200
"""A blocking key that brings a record more people than this says nothing of it and is dropped: pairs stay linear in the records
whatever the data. A day, a sex and a county bring about six people of a nation, a day and a common name about eleven."""

TRAINING_RECORDS = 50_000
"""Attached records to learn from: the rarest level that matters (one in a thousand) is then seen fifty times."""

TRAINING_PAIRS = 1_000_000
"""A level that was never seen among strangers is held to be as frequent as once in so many pairs."""

STRANGERS = 250_000
"""Random pairs to learn from how often strangers nearly agree: one in a thousand does. How often they agree entirely (a birth
date: one in 30,000) is counted over all pairs, since a random sample of any size that can be compared shows too few."""

TRAINING_EXAMPLES = 20_000
"""Records of the residual to learn from how numbers go wrong: a share of one in a hundred is then known to a tenth of itself."""

SEED = 20151118
"""Sampling is by hash, the same each time."""

PRIOR_PAIRS = 50.0
"""How many pairs the expected share of a level weighs against what was counted: with a handful of records the expected
shares decide, with thousands the counted ones."""

MOST_GROWTH = 2
"""A model is used until the base has grown or shrunk by this factor: its weights are off by one then."""

HAVE_A_PERSON = 0.5
"""The expected share of the residual whose person is in the base at all; the rest are not registered here. Between a tenth and
nine tenths it moves a weight by less than three. `prospect` learns it for kinds of records."""

MOST_WITH_A_PERSON = 0.98
"""Of no kind of records more than this is taken to have a person in the base: no register is complete."""

NAME_SHARE, NAME_COUNTS = 0.00002, 10_000
"""A name's share in the base is mixed with the share of a usual name as if so many more people had been counted: in a base of
forty people every name is one in forty, which says nothing of how many bear it."""

SHARED_NUMBER = 0.00001
"""How many records bear the number of a stranger who has the same birthday and sex (重号): an assumption. Whether a number that
agrees is the person's does not depend on the size of the base, so this is a share of records, not of pairs."""

DAYS_AND_SEXES = 58_000
"""Birthdays of eighty years and two sexes: one stranger in so many agrees on both."""

REGIONS = ("registered_region", "residence_region", "region", "birth_place")
"""Elements that say where the person is registered, lives or was born; a school's or an employer's region says neither."""

REGISTERED_REGION, HOUSEHOLD = "registered_region", "household_no"
"""The benchmark's elements for the region and the household of a registration."""

RECORDS_AT_ONCE = 500_000
"""Records of the residual that are brought into shape and compared together: about half a gigabyte at its most."""

LEAST_PEOPLE, MOST_PEOPLE = 200_000, 500_000
"""People of the base looked at together, by one thread."""

DRAWN = 4
"""Records are drawn for training from buckets that hold so many times as many: enough of each source, and not all of the base."""
