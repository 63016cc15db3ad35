"""What can be wrong with a request, whatever page it is for."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Incomplete, Invalid, NotFound, Unavailable
from quanmin.text import Text


class NoSuchPage(NotFound):
    """The address leads to no page."""

    code = "QM-WEB-001"
    title = Text("没有这个页面", "there is no such page")
    step = Text("检查网址，或从首页开始。", "Check the address, or begin at the first page.")


class WrongMethod(Invalid):
    """A page is asked for in a way that it does not answer to."""

    code = "QM-WEB-002"
    title = Text("该网址不接受这种请求方式", "this address does not take this kind of request")
    step = Text("从页面上的链接或按钮进入。", "Use the links and buttons of the pages.")


class BadFields(Invalid):
    """Parameters or fields are missing, too long, or not of their kind; the values are not repeated."""

    code = "QM-WEB-003"
    title = Text("请检查这些项：{names}", "please look at: {names}")
    step = Text("更正后重新提交。", "Correct them and send the form again.")


class FromElsewhere(Denied):
    """A form was sent from another site."""

    code = "QM-WEB-004"
    title = Text("该请求来自其他网站，未执行", "the request came from another site and was not done")
    step = Text("从本站的页面提交。", "Send it from a page of this site.")


class TooMany(Unavailable):
    """More requests than anybody makes by hand."""

    code = "QM-WEB-005"
    title = Text("请求过于频繁", "too many requests")
    step = Text("{seconds} 秒后再试。", "Try again in {seconds} seconds.")


class NotYourPage(Denied):
    """The page belongs to another post."""

    code = "QM-WEB-006"
    title = Text("您的岗位不能使用这个页面", "this page is not part of your post")
    step = Text("需要其中一个角色：{roles}", "It needs one of these roles: {roles}")


class NoAccounts(Conflict):
    """Nobody can sign in yet."""

    code = "QM-WEB-007"
    title = Text("本系统尚未开设账号", "this installation has no accounts yet")
    step = Text(
        "由有主机权限的人运行 quanmin identity found。",
        "Somebody with access to the machine runs quanmin identity found.",
    )


class TooLarge(Invalid):
    """What was sent is larger than any form."""

    code = "QM-WEB-008"
    title = Text("提交的内容超过 {limit} 字节", "what was sent is larger than {limit} bytes")
    step = Text("文件请用“上传”页面。", "Files are sent on the page of uploads.")


class UnknownHost(Invalid):
    """The request names a host that this server does not answer to."""

    code = "QM-WEB-009"
    title = Text("本服务器不使用这个主机名", "this server does not answer to that host name")
    step = Text("设置 QUANMIN_HOSTS 列出可用的主机名。", "The setting QUANMIN_HOSTS lists the names it answers to.")


class Broken(Incomplete):
    """The program failed; what happened is in the log under the incident's number."""

    code = "QM-WEB-010"
    title = Text("程序出错，事件号 {incident}", "the program failed; incident {incident}")
    step = Text("把事件号告诉管理员。", "Tell the administrators the number of the incident.")


class StoreAway(Unavailable):
    """The ledger, the lake or the catalogue cannot be reached."""

    code = "QM-WEB-011"
    title = Text("数据存储暂时无法访问", "the store cannot be reached at the moment")
    step = Text("稍后刷新；恢复后页面自动可用。", "Try again in a while; pages come back by themselves.")


class PortTaken(Unavailable):
    """Another program listens at the address."""

    code = "QM-WEB-012"
    title = Text("地址 {host}:{port} 无法使用：{reason}", "cannot listen at {host}:{port}: {reason}")
    step = Text("换一个端口：quanmin serve --port。", "Choose another port: quanmin serve --port.")


class NotBuilt(Incomplete):
    """The files that pages load are not there."""

    code = "QM-WEB-013"
    title = Text("页面资源尚未构建", "the files that pages load are not built")
    step = Text("在源码目录运行 python scripts/assets.py。", "Run python scripts/assets.py in the checkout.")


class HandleOver(NotFound):
    """A page of somebody who was looked up is asked for too late, or by another session."""

    code = "QM-WEB-014"
    title = Text("这次查询已过期", "this look-up is over")
    step = Text("重新查询此人。", "Look the person up again.")


class RecordWithdrawn(NotFound):
    """A dataset was published and then withdrawn; its page says why."""

    code = "QM-WEB-021"
    title = Text("数据集 {name} 已撤回", "the dataset {name} was withdrawn")
    step = Text(
        "页面说明撤回理由；如有替代数据集，请改用。", "Its page says why, and what took its place if anything did."
    )
