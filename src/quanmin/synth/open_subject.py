"""What the datasets of a simulated open catalogue are about: subjects, measures, groups and publishers, in Chinese and
English.
"""

from __future__ import annotations

from typing import NamedTuple


class Subject(NamedTuple):
    """A subject with its theme (EU data theme), business area of health if it has one, and a code that titles quote."""

    zh: str
    en: str
    theme: str
    area: str | None = None
    code: str | None = None


class Pair(NamedTuple):
    """A term in both languages."""

    zh: str
    en: str


_PUBLIC, _CARE, _PAID = "public_health", "medical_services", "medical_security"
_DRUG, _WHOLE, _PEOPLE = "drug_management", "integrated_management", "population_coordination"

SUBJECTS = (
    Subject("高血压", "hypertension", "HEAL", _PUBLIC, "I10"),
    Subject("糖尿病", "diabetes", "HEAL", _PUBLIC, "E11"),
    Subject("冠心病", "coronary heart disease", "HEAL", _PUBLIC, "I25"),
    Subject("脑卒中", "stroke", "HEAL", _PUBLIC, "I64"),
    Subject("慢性阻塞性肺疾病", "chronic obstructive pulmonary disease", "HEAL", _PUBLIC, "J44"),
    Subject("肺结核", "pulmonary tuberculosis", "HEAL", _PUBLIC, "010"),
    Subject("艾滋病", "AIDS", "HEAL", _PUBLIC, "B20"),
    Subject("乙型肝炎", "hepatitis B", "HEAL", _PUBLIC, "B16"),
    Subject("流行性感冒", "influenza", "HEAL", _PUBLIC, "J11"),
    Subject("手足口病", "hand, foot and mouth disease", "HEAL", _PUBLIC, "B08"),
    Subject("新型冠状病毒感染", "COVID-19", "HEAL", _PUBLIC, "U07.1"),
    Subject("登革热", "dengue", "HEAL", _PUBLIC, "A90"),
    Subject("布鲁氏菌病", "brucellosis", "HEAL", _PUBLIC, "A23"),
    Subject("肺癌", "lung cancer", "HEAL", _PUBLIC, "C34"),
    Subject("肝癌", "liver cancer", "HEAL", _PUBLIC, "C22"),
    Subject("乳腺癌", "breast cancer", "HEAL", _PUBLIC, "C50"),
    Subject("免疫规划疫苗接种", "immunisation", "HEAL", _PUBLIC),
    Subject("孕产妇保健", "maternal care", "HEAL", _PUBLIC),
    Subject("新生儿疾病筛查", "newborn screening", "HEAL", _PUBLIC),
    Subject("儿童生长发育", "child growth", "HEAL", _PUBLIC),
    Subject("死因监测", "causes of death", "HEAL", _PUBLIC),
    Subject("职业病", "occupational disease", "HEAL", _PUBLIC),
    Subject("严重精神障碍", "severe mental disorder", "HEAL", _PUBLIC),
    Subject("采供血", "blood collection", "HEAL", _PUBLIC),
    Subject("生活饮用水监测", "drinking water", "HEAL", _PUBLIC),
    Subject("食源性疾病", "food-borne disease", "HEAL", _PUBLIC),
    Subject("医疗机构", "medical institutions", "HEAL", _CARE),
    Subject("医院床位", "hospital beds", "HEAL", _CARE),
    Subject("门诊服务", "outpatient services", "HEAL", _CARE),
    Subject("住院服务", "inpatient services", "HEAL", _CARE),
    Subject("急诊急救", "emergency care", "HEAL", _CARE),
    Subject("远程医疗", "telemedicine", "HEAL", _CARE),
    Subject("医疗质量", "quality of care", "HEAL", _CARE),
    Subject("执业医师", "licensed physicians", "HEAL", _CARE),
    Subject("注册护士", "registered nurses", "HEAL", _CARE),
    Subject("城镇职工医保", "employee medical insurance", "HEAL", _PAID),
    Subject("新农合", "rural cooperative medical scheme", "HEAL", _PAID),
    Subject("异地就医结算", "cross-region settlement", "HEAL", _PAID),
    Subject("大病保险", "catastrophic illness insurance", "HEAL", _PAID),
    Subject("基本药物", "essential medicines", "HEAL", _DRUG),
    Subject("药品集中采购", "centralised drug procurement", "HEAL", _DRUG),
    Subject("药品不良反应", "adverse drug reactions", "HEAL", _DRUG),
    Subject("抗菌药物使用", "antibiotic use", "HEAL", _DRUG),
    Subject("医疗器械", "medical devices", "HEAL", _DRUG),
    Subject("卫生总费用", "health expenditure", "HEAL", _WHOLE),
    Subject("卫生监督", "health inspection", "HEAL", _WHOLE),
    Subject("卫生人力资源", "health workforce", "HEAL", _WHOLE),
    Subject("出生人口", "births", "SOCI", _PEOPLE),
    Subject("常住人口", "resident population", "SOCI", _PEOPLE),
    Subject("流动人口", "migrant population", "SOCI", _PEOPLE),
    Subject("老龄人口", "ageing population", "SOCI", _PEOPLE),
    Subject("婚姻登记", "marriage registration", "SOCI"),
    Subject("养老机构", "care homes", "SOCI"),
    Subject("最低生活保障", "minimum living allowance", "SOCI"),
    Subject("空气质量", "air quality", "ENVI"),
    Subject("地表水水质", "surface water quality", "ENVI"),
    Subject("气象观测", "weather observations", "ENVI"),
    Subject("公交线路", "bus routes", "TRAN"),
    Subject("轨道交通客流", "metro ridership", "TRAN"),
    Subject("停车场", "car parks", "TRAN"),
    Subject("中小学校", "schools", "EDUC"),
    Subject("高等教育学位", "higher education degrees", "EDUC"),
    Subject("企业登记", "company registration", "ECON"),
    Subject("居民消费价格", "consumer prices", "ECON"),
    Subject("政府采购", "public procurement", "GOVE"),
    Subject("行政许可", "administrative licences", "GOVE"),
    Subject("粮食产量", "grain production", "AGRI"),
    Subject("农产品价格", "farm prices", "AGRI"),
    Subject("用电量", "electricity consumption", "ENER"),
    Subject("科研项目", "research projects", "TECH"),
    Subject("专利授权", "patents granted", "TECH"),
    Subject("城市规划", "city planning", "REGI"),
)

MEASURES = (
    Pair("发病率", "incidence"),
    Pair("患病率", "prevalence"),
    Pair("死亡率", "mortality"),
    Pair("管理人数", "people under management"),
    Pair("统计年报", "yearly statistics"),
    Pair("月度监测数据", "monthly monitoring data"),
    Pair("基本信息", "basic information"),
    Pair("名录", "directory"),
    Pair("空间分布", "spatial distribution"),
    Pair("服务量", "volume of services"),
    Pair("费用明细", "detailed costs"),
    Pair("覆盖率", "coverage"),
    Pair("质量评价", "quality assessment"),
    Pair("抽样调查", "sample survey"),
    Pair("实时数据", "real-time data"),
    Pair("指标体系", "indicators"),
    Pair("变化趋势", "trends"),
    Pair("分布图", "map"),
    Pair("检查结果", "inspection results"),
    Pair("预测", "forecast"),
)

GROUPS = (
    Pair("", ""),
    Pair("", ""),
    Pair("", ""),
    Pair("65岁及以上老年人", "aged 65 and over"),
    Pair("0—6岁儿童", "children aged 0-6"),
    Pair("育龄妇女", "women of childbearing age"),
    Pair("农村居民", "rural residents"),
    Pair("城镇居民", "urban residents"),
    Pair("分性别", "by sex"),
    Pair("分年龄", "by age"),
    Pair("分职业", "by occupation"),
    Pair("在校学生", "students"),
)

PUBLISHERS = (
    Pair("卫生健康委员会", "Health Commission"),
    Pair("疾病预防控制中心", "Center for Disease Control and Prevention"),
    Pair("医疗保障局", "Healthcare Security Administration"),
    Pair("药品监督管理局", "Drug Administration"),
    Pair("统计局", "Bureau of Statistics"),
    Pair("民政局", "Civil Affairs Bureau"),
    Pair("大数据管理局", "Big Data Bureau"),
)

SENTENCES = (
    Pair(
        "本数据集汇总了{region}{year}年{group}{subject}{measure}情况，按行政区划和月份分列。",
        "This dataset sums up the {measure} of {subject} {group} in {region} in {year}, by division and month.",
    ),
    Pair(
        "数据来自{publisher}的业务系统，经逐级审核后汇总，个人信息已经去除。",
        "It comes from the systems of the {publisher}, is checked level by level and holds no personal information.",
    ),
    Pair(
        "字段包括区划代码、指标名称、数值、单位和统计口径，编码遵循国家卫生信息标准。",
        "Its fields are the division, the indicator, its value, its unit and its definition, coded by national standards.",
    ),
    Pair(
        "数值小于五的单元格已作隐藏处理，并对相关合计作了次级隐藏。",
        "Cells below five are suppressed, and so are the totals from which they could be worked out.",
    ),
    Pair(
        "可用于科研、政策评估和公众查询，引用时请注明来源和版本。",
        "It may serve research, policy and the public; please cite source and version.",
    ),
    Pair(
        "{subject}的口径在{year}年作过调整，与往年比较时应予注意。",
        "The definition of {subject} changed in {year}, which comparisons with earlier years should heed.",
    ),
)
