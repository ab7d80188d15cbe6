"""A submission in the making: fills what the notice does not say, and notes it."""

from collections.abc import Sequence
from datetime import date, datetime

from hub.demo.notices.identifiers import deal_code, party_code, tender_project_code
from hub.demo.notices.notice import Notice
from hub.law.text.amounts import OTHER, SUM, PriceGiven
from hub.law.text.parties import names_of, valid_codes
from hub.law.text.plain import one_line, says_nothing
from hub.law.text.times import Moment, rfc3339

NOT_SAID = "公告未载明"
NATIONAL_PLATFORM = "全国公共资源交易平台"
NATIONAL_ADDRESS = "https://www.ggzy.gov.cn/"


class Draft:
    """What the mappings of a notice share: its time, its place, and filling with a note.

    `notes` says in Chinese, once each, what the submission says and the notice does not.
    """

    def __init__(self, notice: Notice, published: datetime, region: str) -> None:
        self.notice = notice
        self.published = published
        self.region = region
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        """Note a thing, once."""
        if text not in self.notes:
            self.notes.append(text)

    @property
    def published_at(self) -> str:
        """When the notice was published, RFC 3339."""
        return rfc3339(self.published)

    @property
    def published_on(self) -> date:
        """The day on which the notice was published."""
        return self.published.date()

    @property
    def title(self) -> str:
        """The notice's title."""
        return self.notice.title

    @property
    def content(self) -> str:
        """The notice's text, whole."""
        return self.notice.content

    def line(self, what: str, said: str, limit: int) -> str:
        """One line of at most `limit` characters; 公告未载明 where the notice says nothing."""
        if _blank(said):
            self.note(f"{what}：{NOT_SAID}")
            return NOT_SAID
        line = one_line(said, limit)
        if line.endswith("…") and not said.rstrip().endswith("…"):
            self.note(f"{what}：超过 {limit} 字，已截短，全文见公告内容")
        return line

    def text(self, what: str, said: str) -> str:
        """Text of any length; 公告未载明 where the notice says nothing."""
        if _blank(said):
            self.note(f"{what}：{NOT_SAID}")
            return NOT_SAID
        return said.strip()

    def time(self, what: str, said: datetime | None, otherwise: datetime | None = None) -> datetime:
        """The time said; else `otherwise` or the time of publication, noted."""
        if said is not None:
            return said
        self.note(f"{what}：{NOT_SAID}，暂以{'相邻时间' if otherwise else '发布时间'}代替")
        return otherwise or self.published

    def end(self, what: str, said: datetime | None, shortest: datetime) -> datetime:
        """The end said; else that of the shortest period that the law allows, noted."""
        if said is not None:
            return said
        self.note(f"{what}：{NOT_SAID}，暂以法定最短期限代替")
        return shortest

    def day(self, what: str, said: Moment | None) -> date:
        """The day said; else the day of publication, noted."""
        if said is not None:
            return said.day
        self.note(f"{what}：{NOT_SAID}，暂以发布日期代替")
        return self.published_on

    def url(self) -> str:
        """The notice's address; the national platform's own where it has none."""
        if self.notice.url is None:
            self.note(f"公告源URL：{NOT_SAID}，暂以全国公共资源交易平台首页代替")
        return self.notice.url or NATIONAL_ADDRESS

    def medium(self) -> str:
        """The medium that published the notice."""
        return self.notice.platform.name

    def media(self) -> list[str]:
        """The medium that published the notice, and the national platform."""
        return list(dict.fromkeys((self.medium(), NATIONAL_PLATFORM)))

    def code(self, what: str, name: str, among: str = "") -> str:
        """The party's code: the only valid one in the text `among`, else one made from its name, noted."""
        known = valid_codes(among)
        if len(known) == 1:
            return known[0]
        self.note(f"{what}代码：{NOT_SAID}，按名称生成")
        return party_code(name)

    def codes(self, what: str, names: Sequence[str], among: str = "") -> list[str]:
        """The codes of parties that act together, in their order: those in the text `among` if there are as many."""
        known = valid_codes(among)
        if len(known) == len(names):
            return known
        return [self.code(what, name) for name in names][:100]

    def party_names(self, said: str) -> list[str]:
        """The names of the parties that bid together, at least one."""
        return names_of(said)[:100] or [said]

    def deal_code(self, trade: str, section: int = 0) -> str:
        """A unified deal code, which no public notice carries."""
        self.note(f"统一交易标识码：{NOT_SAID}，按记录号生成")
        notice = self.notice
        return deal_code(trade, notice.platform.code, self.published_on, notice.record_id or notice.digest, section)

    def tender_project(self) -> str:
        """The tender project's code: the notice's own where it is one of 20 characters, else a made one, noted."""
        notice = self.notice
        code, own = tender_project_code(notice.project_number, self.region, notice.record_id or notice.digest)
        if not own:
            self.note("招标项目编号：公告所载不是 20 位招标项目编号，按其内容生成")
        return code

    def section_code(self, project: str, number: int = 1) -> str:
        """The code of a section of the tender project, made from its number."""
        self.note("标段（包）编号：按招标项目编号和序号生成")
        return f"{project}{number:03d}"

    def project_number(self, limit: int = 50) -> str:
        """The number of the procurement project; one made from the record's identifier where the notice has none."""
        said = self.notice.project_number
        if says_nothing(said):
            self.note(f"项目编号：{NOT_SAID}，按记录号生成")
            return f"N{self.notice.digest[:16]}"
        return self.line("项目编号", said, limit)

    def price(
        self, what: str, given: PriceGiven, *, form: str, amount: str, currency: str, unit: str, words: str
    ) -> dict[str, str]:
        """The fields of a price, by their names in the kind."""
        if given.form == SUM and given.amount is not None:
            found = given.amount
            return {form: SUM, amount: found.value, currency: found.currency, unit: found.unit}
        if not given.words:
            self.note(f"{what}：{NOT_SAID}")
        elif given.form == OTHER:
            self.note(f"{what}：所载内容不是一个金额，按原文填写")
        return {form: given.form, words: given.words or NOT_SAID}


def _blank(text: str) -> bool:
    """Whether the text says nothing; 无 says something where a requirement is asked for."""
    return says_nothing(text) and not text.strip().startswith("无")
