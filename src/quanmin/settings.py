"""One typed settings object; every field is an environment variable `QUANMIN_<FIELD>`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from quanmin.errors import Invalid
from quanmin.text import Language, Text


def _language_of_the_system() -> Language:
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.startswith("zh") else "en"


class BadSetting(Invalid):
    """An environment variable holds what its setting cannot be; the value is not repeated."""

    code = "QM-SETTINGS-001"
    title = Text("设置的值无效：{names}", "not a possible value: {names}")
    step = Text("手册“设置”一页列出各项可取的值。", "The manual's page of settings says what each may be.")


class Settings(BaseSettings):
    """What an installation can choose. The defaults need nothing to be started."""

    model_config = SettingsConfigDict(env_prefix="QUANMIN_", frozen=True)

    home: Path = Field(Path("quanmin-home"), description="Folder that holds everything a default installation writes.")
    ledger: str | None = Field(None, description="SQLAlchemy URL of the ledger; default: SQLite in the home.")
    lake: str | None = Field(None, description="Folder or s3:// address of the lake; default: a folder in the home.")
    spark: str | None = Field(
        None, description="Spark Connect address (sc://host:port) for `--engine spark`: Apache Spark 4 or Sail."
    )
    language: Language = Field(
        default_factory=_language_of_the_system, description="Language of messages: zh or en; default: by the locale."
    )
    crypto_suite: Literal["international", "national"] = Field(
        "international", description="Algorithms of new keys: international (AES, SHA-256) or national (SM4, SM3, SM2)."
    )
    master: Path | None = Field(
        None, description="Folder of the master key's file; default: keys in the home. Better on another volume."
    )
    passphrase: SecretStr | None = Field(None, description="Passphrase of the master key, in place of a file.")
    new_passphrase: SecretStr | None = Field(None, description="The passphrase that `quanmin keys rewrap` changes to.")
    backups: Path | None = Field(
        None, description="Folder of backups that the server makes; default: backups in the home. Better elsewhere."
    )
    opendp: Path | None = Field(
        None, description="Python interpreter with OpenDP for private statistics; default: the one that runs Quanmin."
    )
    threads: int = Field(2, ge=1, description="Worker threads of one command.")
    memory: str = Field("2GB", description="Memory that the query engine may use before it spills to disk.")
    buckets: int = Field(16, ge=1, description="Hash partitions of person tables; fixed when a home is made.")
    max_line_bytes: int = Field(1 << 20, ge=1024, description="A longer line of text is refused.")
    max_expanded_bytes: int = Field(200 << 30, ge=1, description="A compressed file may expand to at most this size.")
    max_expansion: int = Field(200, ge=2, description="A compressed file may expand at most so many times.")
    audit_hash: Literal["sha256", "sm3"] = Field(
        "sha256", description="Hash of the audit log: sha256 or sm3; fixed by its first entry."
    )
    audit_head_every: int = Field(
        60, ge=0, description="Minutes after which an append has a head of the audit log signed; 0: only when asked."
    )
    timestamp_authority: str | None = Field(
        None, description="Address (http, https) of the RFC 3161 authority that stamps heads of the audit log."
    )
    timestamp_roots: Path | None = Field(
        None, description="PEM file of the root certificates that time stamps must lead to."
    )
    timestamp_policy: str | None = Field(
        None, description="The authority's policy (an object identifier) that is accepted; default: any."
    )

    upload_bytes: int = Field(20 << 30, ge=1, description="Largest file that the console takes by upload, in bytes.")
    upload_quota: int = Field(
        100 << 30, ge=1, description="Bytes that one account's uploads may take until they are collected."
    )
    upload_hours: float = Field(48, gt=0, description="Uploads that nobody went on with for so long are removed.")

    open_upload_bytes: int = Field(
        100 << 20, ge=1, description="Largest open file that a catalogue editor sends by the CKAN interface, in bytes."
    )

    origin: str = Field(
        "http://localhost:8000", pattern=r"^https?://[^/]+$", description="Address at which browsers reach the server."
    )
    hosts: tuple[str, ...] = Field(
        ("localhost", "127.0.0.1", "::1"),
        description="Host names that the server answers to, besides that of the origin.",
    )
    zone: str = Field("Asia/Shanghai", description="Time zone in which pages show times; they are kept in UTC.")
    web_threads: int = Field(4, ge=1, description="Threads of the server that read and write the store.")
    web_rate: float = Field(50, gt=0, description="Pages a second that one address may ask for, besides cached ones.")
    web_burst: float = Field(400, ge=1, description="Pages at once that one address may ask for.")
    api_day_quota: int = Field(20_000, ge=1, description="Requests a day (UTC) that one key of the data API may make.")
    api_minute_quota: int = Field(600, ge=1, description="Requests a minute that one key of the data API may make.")
    query_seconds: float = Field(10, gt=0, description="Seconds that one query of rows may take before it is ended.")
    boundary_map: Path | None = Field(
        None,
        description="GeoJSON of a reviewed map with its source, licence, review number and first day; default: tiles only.",
    )
    catalogue_profile: Path | None = Field(
        None, description="TOML file: what the open catalogue and its health data access body are in other standards."
    )
    contact_name: str = Field(
        "", max_length=200, description="Office that answers questions about data; on the page About."
    )
    contact_email: str = Field("", max_length=200, description="Its e-mail address.")
    contact_phone: str = Field("", max_length=60, description="Its telephone number.")
    registration: bool = Field(
        True,
        description="Whether people may register accounts of their own that take part in the portal and see no data.",
    )
    scanner: str | None = Field(
        None,
        description="Scanner of uploaded packages: tcp://host:port or unix:///path of a clamd, or command: and a program.",
    )
    package_bytes: int = Field(
        200 << 20, ge=1, description="Largest package of an app that the portal takes, in bytes."
    )
    member: str = Field(
        "health",
        pattern=r"^[a-z][a-z0-9_]{1,63}$",
        description="Which member of the exchange this installation is: an agency, or one of a division (health_420000).",
    )
    exchange_origin: str | None = Field(
        None,
        pattern=r"^https?://[^/]+$",
        description="Address at which other members reach this node; default: they do not.",
    )
    exchange_listen: str | None = Field(
        None,
        pattern=r"^[^:]+:\d{1,5}$",
        description="host:port where the exchange listens; default: the server opens none. Port 0 takes a free one.",
    )
    exchange_platform: str | None = Field(
        None,
        pattern=r"^https?://[^/]+$",
        description="Address of the platform that keeps members and agreements; default: this installation is it.",
    )
    exchange_skew: int = Field(300, ge=1, description="Seconds that the clocks of two members may differ.")
    exchange_batch_seconds: int = Field(
        60, ge=1, description="Seconds after which new entries of the exchange's log go into the audit."
    )
    exchange_stamp_limit: int = Field(
        14_400,
        ge=1,
        description="Seconds without a time stamp, where an authority is set, after which the exchange takes no new messages.",
    )
    exchange_attempts: int = Field(8, ge=1, description="Attempts to deliver before a delivery is parked.")
    exchange_backoff: float = Field(
        2, gt=0, description="Seconds before the second attempt; each further one waits twice as long, an hour at most."
    )
    exchange_chunk_bytes: int = Field(2 << 20, ge=1024, le=32 << 20, description="Bytes of a chunk of a package.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much the server writes to its log on standard error."
    )

    @property
    def ledger_url(self) -> str:
        """The ledger's SQLAlchemy URL."""
        return self.ledger or f"sqlite:///{(self.home / 'ledger.sqlite').resolve()}"

    @property
    def lake_root(self) -> str:
        """Where the lake's tables are."""
        return self.lake or str((self.home / "lake").resolve())
