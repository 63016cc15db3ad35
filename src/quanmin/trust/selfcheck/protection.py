"""Rows about what is stored and sent: integrity, encryption, backups, leftovers, known weaknesses of what is built in."""

from __future__ import annotations

from datetime import timedelta
from importlib import metadata
from urllib.parse import parse_qs, urlsplit

from quanmin.ledger.lease import started
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.keys import Fields, Sealed, open_store
from quanmin.trust.keys.errors import Altered
from quanmin.trust.selfcheck import volume
from quanmin.trust.selfcheck.finding import Finding, judged, left
from quanmin.trust.selfcheck.place import Place

DRILLED = timedelta(days=90)
SEALED_TRANSIT = ("require", "verify-ca", "verify-full")


def weaknesses(place: Place) -> Finding:
    """What is installed is known; whether any of it has a known weakness, a scanner says, which needs a network."""
    count = len({one.name for one in metadata.distributions()})
    return left(
        f"已安装 {count} 个软件包，锁定文件含摘要；请定期用 pip-audit 之类的工具核查已知漏洞",
        f"{count} packages are installed, by a lock file with digests; run a scanner such as pip-audit regularly",
    )


def integrity(place: Place) -> Finding:
    """Tried: a sealed value with a bit changed, or moved to another row, does not open. Looked at: the way to the database."""
    fields = Fields(open_store(place.trial().settings), "field/trial")
    sealed = fields.seal("trial", "table", "column", 1)
    flipped = Sealed(sealed.token[:-1] + bytes((sealed.token[-1] ^ 1,)))
    opened = [_opens(fields, flipped, 1), _opens(fields, sealed, 2)]
    whole, bare = _opens(fields, sealed, 1), open_ways(place.settings)
    return judged(
        whole and not any(opened) and not bare,
        f"密文改一位、换一行后解开 {sum(opened)} 次；未加密的连接：{'、'.join(bare) or '无'}",
        f"changed or moved ciphertexts that opened: {sum(opened)}; connections that are not encrypted: "
        f"{', '.join(bare) or 'none'}",
    )


def _opens(fields: Fields, sealed: Sealed, row: int) -> bool:
    try:
        return fields.text(sealed, "table", "column", row) == "trial"
    except Altered:
        return False


def open_ways(settings: Settings) -> list[str]:
    """The settings whose service is on another machine and reached without TLS."""
    url = urlsplit(settings.ledger_url)
    local = url.hostname in (None, "localhost", "127.0.0.1", "::1")
    safe = parse_qs(url.query).get("sslmode", [""])[0] in SEALED_TRANSIT
    return [] if url.scheme.startswith("sqlite") or local or safe else ["QUANMIN_LEDGER"]


def at_rest(place: Place) -> Finding:
    """The volumes of home and lake are encrypted, every key opens, no older ring was put back, the master is not beside it."""
    settings, store = place.settings, open_store(place.settings)
    count = store.check()
    beside = store.ring().master["kind"] == "file" and store.masters == store.folder
    states = {"QUANMIN_HOME": volume.state(settings.home)}
    if settings.lake is not None:
        states["QUANMIN_LAKE"] = volume.state_of(settings.lake)
    known = [int(one.fields.get("revision", 0)) for one in audit.search(place.ledger, event="keys", limit=1)]
    old = bool(known) and store.ring().revision < known[0]
    told = ", ".join(f"{name} {state}" for name, state in states.items())
    zh = f"{count} 个密钥均可解开；主密钥{'与密钥环同处' if beside else '另处存放'}；存储卷：{told}"
    en = f"{count} keys open; the master lies {'beside the ring' if beside else 'elsewhere'}; volumes: {told}"
    if old:
        return judged(False, f"密钥环被换回旧版；{zh}", f"an older key ring was put back; {en}")
    if beside or "plain" in states.values():
        return judged(False, zh, en)
    return left(zh, en) if "unknown" in states.values() else judged(True, zh, en)


def backups(place: Place) -> Finding:
    """A backup was made and one was drilled, and found sound, in the last ninety days."""
    if not place.settings.ledger_url.startswith("sqlite"):
        return left(
            "台账在 PostgreSQL：备份与演练由其自身工具完成",
            "the ledger is in PostgreSQL: back it up with its own tools",
        )
    since = place.ledger.now() - DRILLED
    done = [one.fields for one in audit.search(place.ledger, event="backup", since=since, limit=1000)]
    made = sum(one["action"] == "create" for one in done)
    drilled = sum(one["action"] == "drill" and one.get("sound") is True for one in done)
    return judged(
        bool(made and drilled),
        f"90 天内备份 {made} 次，演练通过 {drilled} 次",
        f"in 90 days {made} backups, and {drilled} restore drills that were sound",
    )


def leftovers(place: Place) -> Finding:
    """No temporary files of processes that are no more."""
    folder = place.settings.home / "tmp" / "engine"
    dead = [one for one in folder.glob("*-*-*") if started(int(one.name.split("-")[0])) != one.name.split("-")[1]]
    return judged(
        not dead,
        f"已结束进程遗留的临时目录 {len(dead)} 个；会话、密码与验证码只存摘要或密文",
        f"{len(dead)} temporary folders of ended processes; sessions, passwords and codes are kept as digests or sealed",
    )
