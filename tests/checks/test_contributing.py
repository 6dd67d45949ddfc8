"""The example of CONTRIBUTING works as it is printed."""

import re
import types
from pathlib import Path

from rehearsal.replica.protocol import Replica
from tests.checks.judge import Judge

GUIDE = Path(__file__).parents[2] / "CONTRIBUTING.md"


def test_example_check_and_its_sabotage_work(replica: Replica, judge: Judge) -> None:
    """A newcomer who pastes the check and the sabotage sees the sabotage pass: it runs here, against that check."""
    check, sabotage = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    checked = types.ModuleType("checked")
    exec(compile(_dedented(check), "CONTRIBUTING.md", "exec"), checked.__dict__)  # noqa: S102  it is our own text
    text = re.sub(r"from checks\S* import \w+ as checked\n", "", _dedented(sabotage))
    guide: dict[str, object] = {"checked": checked}
    exec(compile(text, "CONTRIBUTING.md", "exec"), guide)  # noqa: S102  the same
    example = guide["test_other_zone_is_seen"]
    assert callable(example)
    example(replica, judge)


def _dedented(block: str) -> str:
    return re.sub(r"^ {3}", "", block, flags=re.MULTILINE)
