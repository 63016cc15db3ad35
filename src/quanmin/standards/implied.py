"""The rules that elements imply, so that a dataset file need not say them again.

A declared rule with the same id replaces the implied one (to soften its severity, say). The parameters by kind, which are
also the keys of a `[[rule]]` table and the fields of the rule class:

    required            -
    required_when       when (element), values (texts; empty: whenever `when` is present)
    type                type, formats (of dates)
    pattern             pattern
    length              least, most
    value_set           values (a ValueSet; in a file, its name)
    range               minimum, maximum
    date_order          elements = [earlier, later], least_years
    consistency         elements = [target, when], values (of `when`), allowed (of the target; empty: the target must be absent)
    derived             elements = [element, citizen number], what: "sex" | "birth_date"
    check_digit         scheme: "citizen_number" | "uscc" | "drug_code" | "institution_code"
    region              regions (a RegionTable; not in files), on (a date element; None: valid on any day)
    unique_in_batch     elements together
    unique_in_dataset   elements together
    reference           dataset, to (its elements, in order)
    expression          expression (over element names)
"""
