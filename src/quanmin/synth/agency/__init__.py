"""What each agency records about the people: reads a partition's truth, writes nothing.

Promises that every recipe gives the elements of its dataset by the catalogue's names, that nothing in them breaks a rule,
and that no sign of life is dated after a death. Errors come later.
"""

from quanmin.synth.agency import civil_affairs, education, health, public_security, social_security

RECIPES = (
    public_security.household_registration,
    public_security.photo_reference,
    education.degree,
    education.pupil,
    civil_affairs.marriage,
    civil_affairs.funeral,
    social_security.residence,
    social_security.employment,
    social_security.death,
    health.birth,
    health.death,
    health.ncms_enrolment,
    health.whole_population,
    health.childbirth_history,
)

__all__ = ["RECIPES"]
