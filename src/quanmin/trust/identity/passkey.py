"""Passkeys (WebAuthn): registration and sign-in. A challenge is answered once; a counter that steps back is a copied key."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import webauthn
from sqlalchemy import Connection
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from quanmin.trust.actor import Actor
from quanmin.trust.identity import credential
from quanmin.trust.identity.errors import PasskeyRefused
from quanmin.trust.identity.registry import Registry
from quanmin.trust.identity.vault import plain_digest

LASTS = timedelta(minutes=5)
_SIGN_IN, _REGISTER = "passkey_sign_in", "passkey_register"
_REASONS = {
    "origin": "origin",
    "sign count": "counter_back",
    "rp id": "site",
    "signature": "signature",
    "verif": "user",
}


def registration_options(registry: Registry, actor: Actor) -> dict[str, Any]:
    """What the browser is asked in order to make a passkey for whoever is signed in."""
    _signed_in(registry, actor)
    with registry.ledger.writing() as connection:
        known = [_descriptor(one.handle) for one in credential.of(connection, actor.id, "passkey")]
        options = webauthn.generate_registration_options(
            rp_id=registry.site.rp_id,
            rp_name=registry.site.name,
            user_name=actor.id,
            user_id=bytes.fromhex(registry.vault.digest("passkey", actor.id)),
            exclude_credentials=known,
            authenticator_selection=AuthenticatorSelectionCriteria(
                user_verification=UserVerificationRequirement.REQUIRED
            ),
        )
        _offer(registry, connection, _REGISTER, actor.id, options.challenge)
    return _json(webauthn.options_to_json(options))


def register(registry: Registry, actor: Actor, response: str) -> None:
    """Keep the passkey that the browser made; PasskeyRefused."""
    _signed_in(registry, actor)
    reason: str | None = None
    with registry.ledger.writing() as connection:
        try:
            challenge = _challenge(registry, connection, _REGISTER, actor.id, response)
            made = webauthn.verify_registration_response(
                credential=response,
                expected_challenge=challenge,
                expected_rp_id=registry.site.rp_id,
                expected_origin=list(registry.site.origins),
                require_user_verification=True,
            )
        except Exception as error:  # whatever cannot be read is refused
            reason = _reason(error)
        else:
            handle, key = bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key)
            if credential.by_handle(connection, "passkey", handle) is not None:
                reason = "known"
            else:
                at = registry.instant(connection)
                credential.keep(connection, actor.id, "passkey", key, at, handle, made.sign_count)
        fields = {"why": reason} if reason else {}
        registry.note("passkey.refused" if reason else "passkey", actor.id, fields, connection)
    if reason is not None:
        raise PasskeyRefused(reason=reason)


def listing(registry: Registry, actor: Actor) -> list[dict[str, Any]]:
    """The passkeys of whoever is signed in: `number` and `at`. Their handles may begin with a hyphen: nobody can type those."""
    _signed_in(registry, actor)
    with registry.ledger.reading() as connection:
        return [{"number": one.id, "at": one.at} for one in credential.of(connection, actor.id, "passkey")]


def remove(registry: Registry, actor: Actor, number: int) -> None:
    """Give up one's own passkey; PasskeyRefused when there is none of this number."""
    _signed_in(registry, actor)
    with registry.ledger.writing() as connection:
        own = number in (one.id for one in credential.of(connection, actor.id, "passkey"))
        if own:
            credential.give_up(connection, number, registry.instant(connection))
        fields = {} if own else {"why": "unknown_key"}
        registry.note("passkey.remove" if own else "passkey.refused", actor.id, fields, connection)
    if not own:
        raise PasskeyRefused(reason="unknown_key")


def options(registry: Registry, account: str) -> dict[str, Any]:
    """What the browser is asked at sign-in; it looks alike for accounts that are not there."""
    with registry.ledger.writing() as connection:
        handles = [one.handle for one in credential.of(connection, account, "passkey")]
        handles = handles or [bytes_to_base64url(bytes.fromhex(registry.vault.digest("no passkey", account)))]
        asked = webauthn.generate_authentication_options(
            rp_id=registry.site.rp_id,
            allow_credentials=[_descriptor(one) for one in handles],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        _offer(registry, connection, _SIGN_IN, account, asked.challenge)
    return _json(webauthn.options_to_json(asked))


def verify(registry: Registry, connection: Connection, account: str, response: str) -> None:
    """PasskeyRefused unless a passkey of the account answers a challenge that was given to it and not answered before."""
    try:
        challenge = _challenge(registry, connection, _SIGN_IN, account, response)
        known = credential.by_handle(connection, "passkey", str(json.loads(response)["id"]))
        if known is None or known.account != account:
            raise PasskeyRefused(reason="unknown_key")
        found = webauthn.verify_authentication_response(
            credential=response,
            expected_challenge=challenge,
            expected_rp_id=registry.site.rp_id,
            expected_origin=list(registry.site.origins),
            credential_public_key=base64url_to_bytes(known.secret),
            credential_current_sign_count=known.counter,
            require_user_verification=True,
        )
    except Exception as error:  # whatever cannot be read is refused
        raise PasskeyRefused(reason=_reason(error)) from None
    if found.new_sign_count and not credential.advance(connection, known.id, found.new_sign_count):
        raise PasskeyRefused(reason="counter_back")


def _signed_in(registry: Registry, actor: Actor) -> None:
    if actor.session is None or not actor.mfa:
        registry.note("passkey.refused", actor.id, {"why": "not_signed_in"})
        raise PasskeyRefused(reason="not_signed_in")


def _offer(registry: Registry, connection: Connection, kind: str, account: str, challenge: bytes) -> None:
    ends = registry.instant(connection) + LASTS
    credential.offer(connection, kind, plain_digest(challenge.hex()), account, ends)


def _challenge(registry: Registry, connection: Connection, kind: str, account: str, response: str) -> bytes:
    """The challenge that a response answers, used up now."""
    data = base64url_to_bytes(json.loads(response)["response"]["clientDataJSON"])
    challenge = parse_client_data_json(data).challenge
    at = registry.instant(connection)
    if not credential.answer(connection, kind, plain_digest(challenge.hex()), account, at):
        raise PasskeyRefused(reason="replayed")
    return challenge


def _reason(error: Exception) -> str:
    if isinstance(error, PasskeyRefused):
        return str(error.fields["reason"])
    text = str(error).lower()
    return next((reason for words, reason in _REASONS.items() if words in text), "malformed")


def _descriptor(handle: str | None) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(handle or ""))


def _json(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
