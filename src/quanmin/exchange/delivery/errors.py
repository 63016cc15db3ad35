"""What is refused of deliveries: manifests, chunks, packages, receipts, folders, and what is done with them by hand."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Incomplete, Invalid, NotFound, Unavailable
from quanmin.text import Text


class ManifestBroken(Invalid):
    """A manifest has a member too few or too many, or one that cannot be."""

    code = "QM-EXCHANGE-070"
    title = Text("交付清单的“{member}”有误：{fault}", "{member} of the manifest is wrong: {fault}")
    step = Text("请发送方更新其程序后重新交付。", "The sender has to make the manifest anew.")


class DeliveryUnknown(NotFound):
    """No delivery has this id here."""

    code = "QM-EXCHANGE-071"
    title = Text("没有交付 {delivery}", "there is no delivery {delivery}")
    step = Text("quanmin exchange deliveries 可列出全部交付。", "quanmin exchange deliveries lists them.")


class ManifestDiffers(Conflict):
    """A delivery is offered again with another manifest."""

    code = "QM-EXCHANGE-072"
    title = Text("交付 {delivery} 已以另一份清单登记", "delivery {delivery} was offered with another manifest before")
    step = Text("不同的内容须使用新的交付编号。", "Other content is another delivery: give it an id of its own.")


class ChunkUnknown(NotFound):
    """A chunk's number is none of the manifest, or its file is gone."""

    code = "QM-EXCHANGE-073"
    title = Text("交付 {delivery} 没有第 {chunk} 块", "delivery {delivery} has no chunk {chunk}")
    step = Text("块从 1 编号，总数见清单。", "Chunks are numbered from 1; the manifest says how many there are.")


class ChunkDiffers(Invalid):
    """A chunk is not the bytes that the manifest tells."""

    code = "QM-EXCHANGE-074"
    title = Text(
        "交付 {delivery} 第 {chunk} 块的摘要或长度与清单不符",
        "chunk {chunk} of delivery {delivery} has not the digest or the length of the manifest",
    )
    step = Text("请重新发送该块。", "Send the chunk again.")


class ChunksMissing(Conflict):
    """A delivery is said to be complete and is not."""

    code = "QM-EXCHANGE-075"
    title = Text(
        "交付 {delivery} 尚缺 {count} 块，首个为第 {first} 块",
        "delivery {delivery} lacks {count} chunks, the first of them {first}",
    )
    step = Text("请补发缺少的块后再次完成。", "Send what is missing, then complete it again.")


class NotItsSide(Denied):
    """A member speaks of a delivery that is neither from nor to it, or under another agreement."""

    code = "QM-EXCHANGE-076"
    title = Text("{sender} 不是交付 {delivery} 的当事方", "{sender} is no side of delivery {delivery}")
    step = Text("请核对交付编号与协议编号。", "Check the delivery and the agreement that is cited.")


class PackageBroken(Invalid):
    """The chunks are whole, and what they make is not the file of the manifest."""

    code = "QM-EXCHANGE-077"
    title = Text(
        "交付 {delivery} 的内容与清单不符：{fault}", "the content of delivery {delivery} is not as told: {fault}"
    )
    step = Text("请发送方以新的交付重新发送。", "The sender has to send it as a new delivery.")


class SpaceShort(Unavailable):
    """The disk has no room for what is to be sent or received."""

    code = "QM-EXCHANGE-078"
    title = Text("存储空间不足，需要 {size}", "the disk has no room for {size}")
    step = Text("腾出空间后会自动重试。", "It is tried again by itself once there is room.")


class ReceiptRefused(Invalid):
    """A receipt is not a receipt of what was sent."""

    code = "QM-EXCHANGE-079"
    title = Text("交付 {delivery} 的回执无效：{fault}", "the receipt of delivery {delivery} does not count: {fault}")
    step = Text("交付继续进行，直到收到有效回执。", "The delivery goes on until a receipt comes that counts.")


class NotYetTaken(Conflict):
    """A receipt is asked for and there is none yet."""

    code = "QM-EXCHANGE-080"
    title = Text("交付 {delivery} 尚无回执，状态为 {state}", "delivery {delivery} has no receipt yet: it is {state}")
    step = Text("请稍后再取。", "Ask again later.")


class DeliveryStopped(Denied):
    """The agreement of a delivery stands no more."""

    code = "QM-EXCHANGE-081"
    title = Text("交付 {delivery} 因协议不再有效而停止", "delivery {delivery} is stopped: its agreement stands no more")
    step = Text("协议恢复后会自动继续。", "It goes on by itself once the agreement stands again.")


class SourceBroken(Incomplete):
    """What is to be sent cannot be read to its end."""

    code = "QM-EXCHANGE-082"
    title = Text("待发送的内容读取失败：{reason}", "what is to be sent cannot be read: {reason}")
    step = Text("没有生成任何交付，请排除原因后重试。", "No delivery was made. Put it right and try again.")


class PackageGone(Incomplete):
    """A delivery whose package is not on the disk any more."""

    code = "QM-EXCHANGE-083"
    title = Text(
        "交付 {delivery} 的数据包已不在磁盘上", "the package of delivery {delivery} is not on the disk any more"
    )
    step = Text("请从备份恢复，或取消后重新发送。", "Restore it from a backup, or cancel it and send it anew.")


class NoKeyToSeal(Conflict):
    """The receiver has no encryption key that counts."""

    code = "QM-EXCHANGE-084"
    title = Text("成员 {receiver} 没有有效的加密公钥", "member {receiver} has no encryption key that counts")
    step = Text("请该成员向平台登记加密公钥。", "The member registers one with the platform.")


class NotPushed(Denied):
    """An agreement does not let this member deliver this content."""

    code = "QM-EXCHANGE-085"
    title = Text(
        "协议 {agreement} 不允许 {sender} 发送 {content}", "agreement {agreement} lets {sender} deliver no {content}"
    )
    step = Text("请核对协议的方式与方向。", "Check the mode and the direction of the agreement.")


class TooManyAttempts(Unavailable):
    """A delivery was tried as often as it may be."""

    code = "QM-EXCHANGE-086"
    title = Text(
        "交付 {delivery} 已尝试 {attempts} 次，暂停发送", "delivery {delivery} was tried {attempts} times and is parked"
    )
    step = Text("排除原因后用 quanmin exchange delivery retry 重试。", "Then use quanmin exchange delivery retry.")


class FileNameRefused(Invalid):
    """A name that is more than a name."""

    code = "QM-EXCHANGE-087"
    title = Text("文件名无效", "not a possible name of a file")
    step = Text(
        "请使用不含路径、控制字符、首尾空格或开头圆点的文件名。",
        "Use a name without folders, hidden signs, outer spaces or a leading dot.",
    )


class FolderUnusable(Unavailable):
    """The folder of an agency cannot be read or written."""

    code = "QM-EXCHANGE-088"
    title = Text("交换文件夹不可用：{reason}", "the folder of the exchange cannot be used: {reason}")
    step = Text("请检查路径与权限。", "Check the path and the rights.")


class TakingBroken(Unavailable):
    """What came in could not be taken in, by a fault of this side."""

    code = "QM-EXCHANGE-089"
    title = Text("交付 {delivery} 未能入库：{reason}", "delivery {delivery} could not be taken in: {reason}")
    step = Text("会自动重试；请查看服务器日志。", "It is tried again by itself; see the server's log.")
