"""The programme: what is pushed in a run of the demo, the samples or the notices of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from hub.demo.scripts import sample_scripts
from hub.demo.steps import SamplePlatform, Script, Step, push


@dataclass(frozen=True, slots=True)
class Programme:
    """Scripts of platforms, the dial that the national platform needs for them, and what to tell at the end."""

    scripts: Sequence[Script]
    dial: Mapping[str, Any] = field(default_factory=dict)
    notices: Sequence[Any] = ()

    def count(self) -> int:
        """How many requests are made."""
        return sum(len(script.steps) for script in self.scripts)

    def tell(self, console: Console) -> None:
        """Say which notices were mapped and which were not, and why."""
        if not self.notices:
            return
        from hub.demo.notices import report

        console.print(report(self.notices))
        console.print(
            "公开公告不含同一项目此前的记录，因此模拟的全国平台不检查上级数据。"
            "Public notices come without the earlier records of their projects, so the simulated national platform "
            "does not ask for parents.",
            style="dim",
            highlight=False,
        )


def of_samples(now: datetime) -> Programme:
    """The samples of a run that starts `now`."""
    return Programme(sample_scripts(now))


def of_notices(file: Path) -> Programme:
    """The notices of a file in the national platform's public JSON form; raises the problem of a file of another form."""
    from hub.demo.notices import Mapped, load, submissions

    results = list(submissions(load(file)))
    steps: dict[SamplePlatform, list[Step]] = {}
    for found in results:
        if isinstance(found, Mapped):
            platform = SamplePlatform(found.platform.code, found.platform.name)
            steps.setdefault(platform, []).append(push(found.submission))
    scripts = [Script(platform, found) for platform, found in steps.items()]
    return Programme(scripts, {"require_parents": False}, results)
