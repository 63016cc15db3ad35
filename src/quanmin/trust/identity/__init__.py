"""Who somebody is: organisations, accounts, posts and grants, proofs of identity, sessions, and the separation of administrators.

Reads the regions of the standards and the key in the home; writes documents (accounts, organisations, posts, grants, emergency
access) and the tables of proofs and sessions. Promises that nobody signs in with one proof, that nobody grants himself anything,
that an ending counts at once, that no secret is kept as it was given, and that whatever happens is in the audit without values.
"""

from quanmin.trust.identity import (
    account,
    authority,
    certificate,
    clock,
    duty,
    emergency,
    founding,
    holder,
    mandate,
    organisation,
    participant,
    passkey,
    patient,
    person,
    renewal,
    session,
    token,
    totp,
)
from quanmin.trust.identity.entry import Proofs, Signed, activate, change_password, enrol, sign_in
from quanmin.trust.identity.patient import Claim, Prove
from quanmin.trust.identity.registry import Registry, Site
from quanmin.trust.identity.roster import act_for, authenticate
from quanmin.trust.identity.vault import Vault

__all__ = [
    "Claim",
    "Proofs",
    "Prove",
    "Registry",
    "Signed",
    "Site",
    "Vault",
    "account",
    "act_for",
    "activate",
    "authenticate",
    "authority",
    "certificate",
    "change_password",
    "clock",
    "duty",
    "emergency",
    "enrol",
    "founding",
    "holder",
    "mandate",
    "organisation",
    "participant",
    "passkey",
    "patient",
    "person",
    "renewal",
    "session",
    "sign_in",
    "token",
    "totp",
]
