"""What can go wrong with jobs."""

from __future__ import annotations

from quanmin.errors import Denied, Incomplete, Invalid, NotFound
from quanmin.text import Text


class UnknownKind(NotFound):
    """There is no such work."""

    code = "QM-JOBS-001"
    title = Text("没有“{name}”这种作业", "there is no work called {name}")
    step = Text("请从列表中选择作业种类。", "Choose the kind of work from the list.")


class NoSuchJob(NotFound):
    """No job has this number."""

    code = "QM-JOBS-002"
    title = Text("没有第 {job} 号作业", "there is no job {job}")
    step = Text("请核对编号。", "Check the number.")


class BadParameter(Invalid):
    """A parameter is missing, unknown, or not among what it may be; its value is not repeated."""

    code = "QM-JOBS-003"
    title = Text("作业的参数有误：{names}", "parameters of the job are wrong: {names}")
    step = Text("请按该作业的说明填写参数；不要写个人信息。", "Give what this work takes; nothing of a person.")


class JobStopped(Incomplete):
    """Somebody stopped the job, or the server ended; nothing of it is half in."""

    code = "QM-JOBS-004"
    title = Text("作业被中止", "the job was stopped")
    step = Text("没有写入不完整的内容；需要时重新执行。", "Nothing is half in; queue it again if it is still wanted.")


class JobBroken(Incomplete):
    """The program failed in the middle of a job."""

    code = "QM-JOBS-005"
    title = Text("作业因程序错误失败（{kind}）", "the job failed by an error of the program ({kind})")
    step = Text(
        "没有写入不完整的内容。请把作业编号和服务器日志交给维护人员。",
        "Nothing is half in. Give the number of the job and the server's log to whoever maintains it.",
    )


class NotYourJob(Denied):
    """A job is ended by whoever queued it, or by those whose work it is."""

    code = "QM-JOBS-006"
    title = Text("第 {job} 号作业不由您处理", "job {job} is not yours to end")
    step = Text("请由提交人或具备“{role}”角色的人办理。", "Ask whoever queued it, or a {role}.")


class NoSuchSchedule(NotFound):
    """No schedule has this number."""

    code = "QM-JOBS-007"
    title = Text("没有第 {schedule} 号定时任务", "there is no schedule {schedule}")
    step = Text("请核对编号。", "Check the number.")


class NotScheduled(Invalid):
    """The work cannot be done by the clock, or its time is none."""

    code = "QM-JOBS-008"
    title = Text("定时任务有误：{names}", "the schedule is wrong: {names}")
    step = Text("请检查作业种类、周期和时间。", "Check the kind of work, how often, and the time.")
