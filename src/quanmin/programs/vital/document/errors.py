"""What is refused of documents. An element is an address; nothing that it holds is repeated."""

from __future__ import annotations

from quanmin.errors import Conflict, Invalid
from quanmin.text import Text


class CharacterMissing(Invalid):
    """An element holds a character that the embedded font cannot show, or one that is no letter."""

    code = "QM-VITAL-090"
    title = Text("以下内容含有字库中没有的字：{elements}", "the font lacks a character of {elements}")
    step = Text(
        "请核对用字；《通用规范汉字表》内的字均可打印，生僻字请按公安机关登记的字形申请造字。",
        "Check the characters; all of the Table of General Standard Chinese Characters can be printed.",
    )


class NotIssued(Conflict):
    """An electronic certificate is asked for that is not issued, or does not count any more."""

    code = "QM-VITAL-091"
    title = Text("证件 {number} 处于“{state}”，没有电子证照", "{number} is {state}: it has no electronic certificate")
    step = Text("只有已签发且有效的证件有电子证照。", "Only a certificate that is issued and counts has one.")


class ElectronicRefused(Invalid):
    """What was given is no electronic certificate by this key, or something in it was altered."""

    code = "QM-VITAL-092"
    title = Text("电子证照不可信：{fault}", "not a sound electronic certificate: {fault}")
    step = Text(
        "请向持证人索取原文件，并核对签发方公钥。",
        "Ask the holder for the file as it was made; check the issuer's key.",
    )


class PageFull(Invalid):
    """What a form is to say does not fit on it, even in its smallest letters."""

    code = "QM-VITAL-093"
    title = Text("内容过长，证件上放不下：{element}", "too long for its page: {element}")
    step = Text("请缩短该项，例如写简明住址。", "Shorten it, for instance to the address as the identity card has it.")


class KeyUnreadable(Invalid):
    """A public key cannot be read."""

    code = "QM-VITAL-094"
    title = Text("公钥无法读取", "the public key cannot be read")
    step = Text(
        "公钥由签发方公布：quanmin vital certificate keys。", "The issuer tells it: quanmin vital certificate keys."
    )


class DocumentUnreadable(Invalid):
    """A file that is to be checked cannot be read."""

    code = "QM-VITAL-095"
    title = Text("文件 {file} 无法读取", "the file {file} cannot be read")
    step = Text("请核对文件名和读取权限。", "Check its name and who may read it.")
