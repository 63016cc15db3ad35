"""What is wrong with a message, its signature or its seal."""

from __future__ import annotations

from quanmin.errors import Denied, Invalid
from quanmin.text import Text


class SignatureMissing(Denied):
    """There is no signature of this application over the message, or none that can be read."""

    code = "QM-EXCHANGE-002"
    title = Text("报文没有可读的签名：{reason}", "the message has no signature that can be read: {reason}")
    step = Text("请按 RFC 9421 签名，tag 为 quanmin-exchange。", 'Sign it by RFC 9421 with the tag "quanmin-exchange".')


class SignatureIncomplete(Denied):
    """The signature leaves out a part of the message that it must cover."""

    code = "QM-EXCHANGE-003"
    title = Text("签名未覆盖：{components}", "the signature does not cover {components}")
    step = Text("请把所列组成部分纳入签名。", "Cover these components, too.")


class SignatureBroken(Denied):
    """The signature is not of this message by this key: something was altered on the way."""

    code = "QM-EXCHANGE-004"
    title = Text("签名与报文不符（密钥 {key}）", "the signature is not of this message (key {key})")
    step = Text(
        "报文在途中被改动，或以别的密钥签名；请重发。",
        "It was altered on the way, or signed by another key; send it again.",
    )


class DigestWrong(Denied):
    """The body is not the one whose digest was signed."""

    code = "QM-EXCHANGE-005"
    title = Text("正文与 Content-Digest 不符", "the body does not have the Content-Digest that was signed")
    step = Text("正文在途中被改动；请重发。", "The body was altered on the way; send it again.")


class KeyRefused(Denied):
    """The key is unknown, does not count at this time, is not the sender's, or is for another algorithm."""

    code = "QM-EXCHANGE-006"
    title = Text("密钥 {key} 不可用：{reason}", "key {key} does not count: {reason}")
    step = Text(
        "请用成员名册中有效的密钥签名。", "Sign with a key that the directory of members lists and that counts."
    )


class ClockApart(Denied):
    """The message was made too long ago, or in the future."""

    code = "QM-EXCHANGE-007"
    title = Text(
        "报文时间与本机相差 {seconds} 秒，超出 {limit} 秒", "the message's time is {seconds} s off, more than {limit} s"
    )
    step = Text("请校准双方时钟后重发。", "Set the clocks of both sides, and send it again.")


class NotAddressed(Denied):
    """The message is for another member, or of another than it says."""

    code = "QM-EXCHANGE-008"
    title = Text("报文不是发给本节点的：收件方 {receiver}", "the message is for {receiver}, not for this node")
    step = Text("请核对地址与收件方。", "Check the address and the receiver.")


class AnswerOfAnother(Denied):
    """A response that does not answer this request."""

    code = "QM-EXCHANGE-009"
    title = Text("应答与请求不对应", "the response does not answer this request")
    step = Text("应答被丢弃；请重新请求。", "The response was dropped; ask again.")


class HeaderBroken(Invalid):
    """A header of the exchange is missing, twice there, or is no such value."""

    code = "QM-EXCHANGE-010"
    title = Text("报文头 {header} 缺失或无效", "the header {header} is missing or is no such value")
    step = Text("手册“交换接口”一页列出各报文头。", "The manual's page of the interface lists the headers.")


class SealBroken(Denied):
    """A sealed body that does not open with the own keys."""

    code = "QM-EXCHANGE-011"
    title = Text("密封的正文无法打开：{reason}", "the sealed body does not open: {reason}")
    step = Text("请用收件方当前的加密公钥密封后重发。", "Seal it to the receiver's present key, and send it again.")
