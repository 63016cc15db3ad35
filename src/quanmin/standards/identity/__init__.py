"""Identity numbers, one at a time. Reads nothing but the text it is given and writes nothing.

Promises that every function is total (any text has an answer), that spelling (width, case, spaces) never changes the answer,
and that `quanmin.standards.kernels` gives the same answers over whole columns.
"""

from quanmin.standards.identity.citizen_number import (
    Kind,
    Parsed,
    Problem,
    canonical,
    check_character,
    decode,
    encode,
    normalise,
    parse,
    upgrade15,
)
from quanmin.standards.identity.credit_code import is_credit_code, is_organisation_code
from quanmin.standards.identity.document import FORMS, Form, forms, has_form
from quanmin.standards.identity.drug_code import is_drug_code
from quanmin.standards.identity.institution_code import InstitutionCode, is_institution_code

__all__ = [
    "FORMS",
    "Form",
    "InstitutionCode",
    "Kind",
    "Parsed",
    "Problem",
    "canonical",
    "check_character",
    "decode",
    "encode",
    "forms",
    "has_form",
    "is_credit_code",
    "is_drug_code",
    "is_institution_code",
    "is_organisation_code",
    "normalise",
    "parse",
    "upgrade15",
]
