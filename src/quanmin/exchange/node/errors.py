"""What a node refuses or cannot do: on the way in, on the way out, and of itself."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Incomplete, Invalid, NotFound, Unavailable
from quanmin.text import Text


class NoSuchVerb(NotFound):
    """The interface has no such verb."""

    code = "QM-EXCHANGE-050"
    title = Text("交换接口没有 {method} {path}", "the interface of the exchange has no {method} {path}")
    step = Text("手册“交换接口”一页列出各动作。", "The manual's page of the interface lists the verbs.")


class TooLarge(Invalid):
    """A body or the headers are larger than what is taken."""

    code = "QM-EXCHANGE-051"
    title = Text("报文超过 {limit} 字节", "the message is larger than {limit} bytes")
    step = Text("请分块发送。", "Send it in chunks.")


class TooSlow(Unavailable):
    """The body did not come in time."""

    code = "QM-EXCHANGE-052"
    title = Text("{seconds} 秒内未收完报文", "the message did not come within {seconds} s")
    step = Text("请检查网络后重发。", "Look at the network, and send it again.")


class CertificateStrange(Denied):
    """The certificate of the connection is not one of the sender's."""

    code = "QM-EXCHANGE-053"
    title = Text(
        "连接所用证书不属于发送方 {member}：{reason}", "the connection's certificate is not {member}'s: {reason}"
    )
    step = Text("请用平台签发的现行证书连接。", "Connect with the certificate that the platform issued.")


class AgreementNeeded(Denied):
    """The verb needs an agreement between exactly these two members, and none such is cited."""

    code = "QM-EXCHANGE-054"
    title = Text("报文未引用双方之间的协议", "the message cites no agreement between the two members")
    step = Text(
        "请在报文头 exchange-agreement 中引用协议编号与版本。", "Cite id and version in the header exchange-agreement."
    )


class Busy(Unavailable):
    """More is being worked on than may be at once."""

    code = "QM-EXCHANGE-055"
    title = Text("节点繁忙", "the node is busy")
    step = Text("请稍后重发。", "Send it again in a moment.")


class NodeFailed(Unavailable):
    """Something failed here that should not; the incident is in the node's log."""

    code = "QM-EXCHANGE-056"
    title = Text("节点内部错误（事件 {incident}）", "the node failed (incident {incident})")
    step = Text("请把事件号告知对方节点的运维人员。", "Tell the incident to whoever runs that node.")


class Unreachable(Unavailable):
    """No answer came from a member's node."""

    code = "QM-EXCHANGE-057"
    title = Text("成员 {member} 的节点无应答：{reason}", "no answer from {member}: {reason}")
    step = Text(
        "请检查网络与对方节点；投递会自动重试。", "Look at the network and that node; deliveries are tried again."
    )


class AnswerRefused(Incomplete):
    """An answer came that does not verify: it is not of that member, not of this request, or was altered."""

    code = "QM-EXCHANGE-058"
    title = Text("成员 {member} 的应答不可信：{reason}", "the answer of {member} is not believed: {reason}")
    step = Text(
        "应答被丢弃；请重新请求，并核对双方密钥与时钟。", "It was dropped; ask again, and look at keys and clocks."
    )


class NoAddress(Conflict):
    """A member has no node that can be reached; it fetches what waits for it."""

    code = "QM-EXCHANGE-059"
    title = Text("成员 {member} 没有可达的地址", "{member} has no address at which it is reached")
    step = Text("由该成员自行取件，或登记其地址。", "It fetches by itself; or register its address.")


class NotJoined(Conflict):
    """This home is no node yet."""

    code = "QM-EXCHANGE-060"
    title = Text("本机尚未加入交换体系", "this home has not joined the exchange")
    step = Text(
        "请先运行 quanmin node init 与 quanmin node join。", "Run quanmin node init and quanmin node join first."
    )


class AnswerSlow(Unavailable):
    """A handler was not ready in time; what it does is finished, but nobody waits for it."""

    code = "QM-EXCHANGE-067"
    title = Text("{seconds} 秒内未能办完", "it was not ready within {seconds} s")
    step = Text("请缩小查询范围，或稍后重试。", "Ask for less, or try again later.")


class DoorClosed(Denied):
    """The local door was asked without its token."""

    code = "QM-EXCHANGE-068"
    title = Text("本地入口令牌缺失或不符", "the token of the local door is missing or wrong")
    step = Text("令牌在节点目录的 exchange/token 中。", "It is in exchange/token of the node's home.")


class ListenUnsafe(Invalid):
    """Without a certificate a node listens to its own machine only."""

    code = "QM-EXCHANGE-069"
    title = Text("没有证书，不得在 {host} 上监听", "without a certificate no listening at {host}")
    step = Text(
        "请先运行 quanmin node join，或只监听本机。", "Run quanmin node join first, or listen at 127.0.0.1 only."
    )
