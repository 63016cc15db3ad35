"""What every action does, in Chinese; in English it is what the action's own description says."""

from __future__ import annotations

HELP: dict[str, str] = {
    "api_token_create": "用请求头中的服务令牌换取可多次使用的令牌：闲置 15 分钟或满 8 小时即失效。",
    "api_token_revoke": "立即终止请求头中的令牌。",
    "current_package_list_with_resources": "数据集及其资源，最近更改的在前；limit（至多 1000）、offset。",
    "datastore_info": "资源（id）数据表的字段（名称、说明）和行数。",
    "datastore_search": "资源 resource_id 的行：filters、q、fields、sort、limit（100，至多 32000）、offset、distinct、"
    "include_total、records_format（objects、lists、csv、tsv）、include_next_page、after。",
    "format_autocomplete": "含有 q 的格式。",
    "group_autocomplete": "名称或标题含有 q 的主题。",
    "group_list": "主题：名称，all_fields 时为对象；sort、limit、offset。",
    "group_show": "一个主题（id）；include_datasets 时连同最新的数据集，至多 1000 个。",
    "help_show": "说明一个操作（name）。",
    "license_list": "资源可用的许可。",
    "organization_autocomplete": "名称或标题含有 q 的机构。",
    "organization_list": "发布机构：名称，all_fields 时为对象；sort、limit、offset。",
    "organization_list_for_user": "调用者可为之编辑的机构。",
    "organization_show": "一个机构（id）；include_datasets 时连同最新的数据集，至多 1000 个。",
    "package_autocomplete": "q 可能所指的数据集：先按名称开头，再按标题。",
    "package_create": "新建数据集：name、title、notes、license_id、owner_org、tags、groups、resources、extras；"
    "private 时为草稿。",
    "package_delete": "撤回数据集；其地址此后说明理由（reason）。",
    "package_list": "全部已发布数据集的名称，已排序；limit、offset。",
    "package_patch": "只更改数据集中给出的部分。",
    "package_search": "检索数据集：q、fq、fq_list、sort、rows（10，至多 1000）、start、facet.field、facet.limit、"
    "facet.mincount。",
    "package_show": "数据集（id 为标识或名称，旧名称也可）；已撤回的说明理由。",
    "package_update": "以新内容取代数据集（id 或 name）；不给 resources 则保留原有资源。",
    "resource_create": "给数据集 package_id 添加资源：给出 url，或以 upload 上传文件。",
    "resource_delete": "从数据集移除资源；旧版本仍保留。",
    "resource_patch": "只更改资源中给出的部分。",
    "resource_search": "检索资源：query 为“字段:词”或其列表（name、description、format，可另加 url）；limit、offset。",
    "resource_show": "一个资源（id）。",
    "resource_update": "以新内容取代资源（id）；新文件用 upload。",
    "resource_view_list": "无：预览是门户的页面。",
    "site_read": "本站可否读取：总是可以。",
    "status_show": "本站是什么，按 CKAN 哪个版本应答。",
    "tag_autocomplete": "含有 query 的标签。",
    "tag_list": "已发布数据集的标签：名称（含有 query 的），all_fields 时为对象。",
    "tag_show": "一个标签（id）；include_datasets 时连同最新的数据集，至多 1000 个。",
    "user_list": "无：工作人员不公开。",
    "vocabulary_list": "无：标签是自由词；值域代码各有字段。",
}
